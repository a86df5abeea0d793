#include "compare/compare_controller.h"
#include "support.h"

#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;

const QString kFolder = "/home/you/.local/share/Nibble/models/";
const QString kOriginal = kFolder + "SmolLM2-135M-Instruct";
const QString kSmaller = kFolder + "SmolLM2-135M-Instruct-Q4_K_M.gguf";

struct CompareTest : testing::Test {
    CompareTest() {
        QSettings().clear();
        scriptDemo(engine);
        library.emplace(&engine);
        controller.setEngine(&engine);
        controller.setLibrary(&*library);
        EXPECT_TRUE(waitFor([this] { return engine.pending() == 0; }));
    }
    void chooseBoth() {
        controller.chooseOriginal(kOriginal);
        controller.chooseSmaller(kSmaller);
    }
    bool settled() {
        return waitFor([this] { return engine.pending() == 0 && controller.state() != State::Busy; });
    }
    FakeEngine engine;
    std::optional<Library> library;
    CompareController controller;
};

TEST_F(CompareTest, NeedsTwoDifferentModels) {
    EXPECT_EQ(controller.state(), State::Empty);
    controller.chooseOriginal(kOriginal);
    EXPECT_FALSE(controller.canStart());
    controller.chooseSmaller(kOriginal);
    EXPECT_FALSE(controller.canStart()) << "a model is not compared with itself";
    controller.ask("Hello");
    EXPECT_EQ(engine.count(protocol::kCompare), 0);
    controller.chooseSmaller(kSmaller);
    EXPECT_TRUE(controller.canStart());
}

TEST_F(CompareTest, AsksBothThenMeasuresOnce) {
    chooseBoth();
    controller.ask("  Write a short e-mail.  ");
    EXPECT_EQ(controller.asking(), "Write a short e-mail.");
    ASSERT_TRUE(settled());
    ASSERT_EQ(controller.rounds(), 1);
    EXPECT_FALSE(controller.round(0).original.isEmpty());
    EXPECT_FALSE(controller.figures().sentence.isEmpty());
    EXPECT_EQ(engine.count(protocol::kCompare), 2);
    controller.ask("Another");
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.rounds(), 2);
    EXPECT_EQ(engine.count(protocol::kCompare), 3) << "the numbers of this pair are known";
}

TEST_F(CompareTest, AnotherModelForgetsTheOldNumbers) {
    chooseBoth();
    controller.measure();
    EXPECT_TRUE(controller.measuring());
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.figures().sentence.isEmpty());
    controller.chooseSmaller(kFolder + "SmolLM2-135M-Instruct-Q8_0.gguf");
    EXPECT_TRUE(controller.figures().sentence.isEmpty());
    EXPECT_EQ(controller.rounds(), 0);
}

TEST_F(CompareTest, CancelIsNoErrorAndAFailureCanBeTriedAgain) {
    chooseBoth();
    controller.measure();
    controller.cancel();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_TRUE(controller.error().message.isEmpty());

    engine.script(protocol::kCompare, FakeAnswer{.error = EngineError{"no-memory", "Too little memory.", "", ""}});
    controller.ask("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
    EXPECT_EQ(controller.error().message, "Too little memory.");
    scriptDemo(engine);
    controller.tryAgain();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.rounds(), 1);
}

} // namespace
} // namespace nibble::gui::test
