// The welcome: what it says of this computer, what it proposes, and the way through it by keyboard.
#include "chat/chat_controller.h"
#include "support.h"
#include "welcome/this_computer.h"
#include "welcome/welcome_controller.h"

#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;
using Step = WelcomeController::Step;

struct WelcomeTest : testing::Test {
    WelcomeTest() {
        QSettings().clear();
        scriptDemo(engine);
        computer.setEngine(&engine);
        computer.setFolder("/home/you/.local/share/Nibble/models");
    }
    bool settled() {
        return waitFor([this] { return engine.pending() == 0; });
    }
    QVariantMap fact(int row) const { return computer.facts().value(row).toMap(); }

    FakeEngine engine;
    ThisComputer computer;
};

TEST_F(WelcomeTest, SaysWhatThisComputerHasAndHowFastItWrites) {
    QSignalSpy tested(&computer, &ThisComputer::tested);
    computer.test();
    EXPECT_EQ(computer.state(), State::Busy);
    ASSERT_TRUE(settled());
    EXPECT_EQ(computer.state(), State::Ready);
    EXPECT_EQ(tested.count(), 1);
    // 35 GB a second / (4e9 * 4.5 bits) * 3/4 word a token
    EXPECT_EQ(computer.speed(), "About 12 words a second");
    EXPECT_TRUE(computer.speedNote().contains("forecast") && computer.speedNote().contains("35 GB of weights"))
        << qPrintable(computer.speedNote());
    ASSERT_EQ(computer.facts().size(), 4);
    EXPECT_EQ(fact(0)["value"], "AMD Ryzen 5 7530U");
    EXPECT_EQ(fact(1)["value"], "12 GB of 17 GB free");
    EXPECT_TRUE(fact(2)["value"].toString().endsWith("free"));
    EXPECT_EQ(fact(3)["value"], "None that Nibble can use");
}

TEST_F(WelcomeTest, ACardIsNamedAndOneThatIsNotUsedWithItsReason) {
    scriptDemoCard(engine);
    computer.test();
    ASSERT_TRUE(settled());
    EXPECT_EQ(fact(3)["value"], "NVIDIA GeForce GTX 1650");
    EXPECT_EQ(computer.speed(), "About 37 words a second");
    EXPECT_EQ(computer.cardNote(), "");
    engine.script(protocol::kDevices,
                  {.result = {{"devices", QJsonArray{QJsonObject{{"id", "gpu0"},
                                                                 {"name", "Old card"},
                                                                 {"usable", false},
                                                                 {"whyNot", "Its driver is too old."}}}}}});
    computer.test();
    ASSERT_TRUE(settled());
    EXPECT_EQ(fact(1)["value"], "Old card, not used");
    EXPECT_EQ(fact(1)["note"], "Its driver is too old.");
}

TEST_F(WelcomeTest, ATestThatFailsSaysWhyAndCanBeRepeated) {
    engine.script(protocol::kMeasure, FakeAnswer{.held = true});
    computer.test();
    QTest::qWait(20);
    engine.crash(Lane::Work);
    EXPECT_EQ(computer.state(), State::Failed);
    EXPECT_FALSE(computer.error().message.isEmpty());
    scriptDemo(engine);
    computer.test();
    ASSERT_TRUE(settled());
    EXPECT_EQ(computer.state(), State::Ready);
}

TEST_F(WelcomeTest, ProposesTheLargestModelThatFitsWithRoom) {
    Library library(&engine);
    WelcomeController welcome;
    welcome.setEngine(&engine);
    welcome.setLibrary(&library);
    EXPECT_TRUE(welcome.looking());
    welcome.setStep(Step::StartingPoint);
    ASSERT_TRUE(settled());
    EXPECT_FALSE(welcome.looking());
    EXPECT_EQ(welcome.found().name, "Qwen3 4B") << "Mistral does not fit, Mamba does not run";
    EXPECT_TRUE(welcome.found().fitText.contains("to spare"));
    EXPECT_EQ(welcome.packaged().name, "Nibble tiny demo");
    EXPECT_EQ(welcome.packaged().fitShort, "Fits");
    welcome.choose(welcome.found().path);
    EXPECT_EQ(welcome.step(), Step::FirstQuestion);
    EXPECT_EQ(welcome.chosen().name, "Qwen3 4B");
    EXPECT_EQ(library.selected().name, "Qwen3 4B");
}

TEST_F(WelcomeTest, WithoutAModelOnlyThePackagedOneIsProposed) {
    engine.script(protocol::kModels, FakeAnswer{.result = {{"folder", "/models"}, {"models", QJsonArray()}}});
    Library library(&engine);
    WelcomeController welcome;
    welcome.setEngine(&engine);
    welcome.setLibrary(&library);
    welcome.setStep(Step::StartingPoint);
    ASSERT_TRUE(settled());
    EXPECT_EQ(welcome.found().path, "");
    welcome.choose(welcome.packaged().path);
    EXPECT_EQ(welcome.chosen().name, "Nibble tiny demo") << "at once";
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.selected().name, "Nibble tiny demo");
    EXPECT_EQ(welcome.found().path, "") << "it is not also found";
}

TEST_F(WelcomeTest, AModelThatIsOpenedIsChosenAndABadOneIsNot) {
    Library library(&engine);
    WelcomeController welcome;
    welcome.setEngine(&engine);
    welcome.setLibrary(&library);
    welcome.setStep(Step::StartingPoint);
    ASSERT_TRUE(settled());
    library.add({QUrl::fromLocalFile("/elsewhere/letter.pdf")});
    ASSERT_TRUE(settled());
    EXPECT_EQ(welcome.step(), Step::StartingPoint);
    EXPECT_FALSE(library.addError().message.isEmpty());
    library.add({QUrl::fromLocalFile("/elsewhere/Qwen3-4B")});
    ASSERT_TRUE(settled());
    EXPECT_EQ(welcome.step(), Step::FirstQuestion);
    EXPECT_EQ(welcome.chosen().path, "/elsewhere/Qwen3-4B");
}

TEST(Welcome, ByKeyboardFromTheFirstStartToAnAnswer) {
    QSettings().clear();
    EXPECT_TRUE(WelcomeController::isDue());
    DemoWindow demo;
    demo.window->requestActivate();
    takeWarnings();
    demo.app->go("welcome");
    demo.settle();
    auto* welcome = demo.page()->property("controller").value<WelcomeController*>();
    ASSERT_TRUE(welcome);
    const auto enter = [&] {
        QTest::keyClick(demo.window, Qt::Key_Return);
        demo.settle();
    };
    enter(); // Continue
    EXPECT_EQ(welcome->step(), Step::StartingPoint);
    QTest::keyClick(demo.window, Qt::Key_Escape);
    EXPECT_EQ(welcome->step(), Step::Computer);
    demo.settle();
    enter();
    enter(); // Start with the one that was found
    EXPECT_EQ(welcome->step(), Step::FirstQuestion);
    EXPECT_EQ(welcome->chosen().name, "Qwen3 4B");
    EXPECT_TRUE(WelcomeController::isDue());
    enter(); // the first question
    EXPECT_EQ(demo.app->page(), "chat");
    EXPECT_FALSE(WelcomeController::isDue()) << "it is not shown again";
    auto* chat = demo.page()->property("controller").value<ChatController*>();
    ASSERT_TRUE(chat);
    EXPECT_EQ(chat->messages()->rowCount(), 2);
    EXPECT_EQ(takeWarnings(), QStringList());
    QSettings().clear();
}

TEST(Welcome, CanBeSkippedAndIsFoundAgainInSettings) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->requestActivate();
    demo.app->go("welcome");
    demo.settle();
    QTest::keyClick(demo.window, Qt::Key_Escape);
    EXPECT_EQ(demo.app->page(), "models");
    EXPECT_FALSE(WelcomeController::isDue());
    demo.app->go("settings");
    demo.settle();
    QQuickItem* again = nullptr;
    visit(demo.window->contentItem(), [&](QQuickItem* item) {
        if (item->property("text") == "Show again") again = item;
    });
    ASSERT_TRUE(again);
    again->forceActiveFocus();
    QTest::keyClick(demo.window, Qt::Key_Return);
    EXPECT_EQ(demo.app->page(), "welcome");
    QSettings().clear();
}

} // namespace
} // namespace nibble::gui::test
