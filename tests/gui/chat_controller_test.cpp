#include "chat/chat_controller.h"
#include "support.h"

#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;

const QString kModel = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct-Q4_K_M.gguf";

FakeAnswer answerOf(const QString& text) {
    return {.result = {{"text", text},
                       {"finish", "end-of-turn"},
                       {"contextUsed", 40},
                       {"contextLength", 4096},
                       {"generatedTokens", 10},
                       {"decodeSeconds", 0.5}},
            .events = {{"text", QJsonObject{{"text", text}}}}};
}

struct ChatTest : testing::Test {
    ChatTest() {
        QSettings().clear();
        scriptDemo(engine);
        engine.script(protocol::kChat, answerOf("Good morning."));
        library.emplace(&engine);
        controller.setEngine(&engine);
        controller.setLibrary(&*library);
        controller.choose(kModel);
        EXPECT_TRUE(reaches(State::Ready));
    }
    bool reaches(State state) {
        return waitFor([&] { return controller.state() == state; });
    }
    void ask(const QString& text) {
        controller.send(text);
        ASSERT_TRUE(reaches(State::Ready));
    }
    /// The conversation that the last chat request carried, "role: text" line by line.
    QStringList lastConversation() {
        QStringList lines;
        for (const auto& call : engine.calls()) {
            if (call.verb != protocol::kChat) continue;
            lines.clear();
            for (const QJsonValue& m : call.params["messages"].toArray())
                lines << m["role"].toString() + ": " + m["content"].toString();
        }
        return lines;
    }
    FakeEngine engine;
    std::optional<Library> library;
    ChatController controller;
};

TEST_F(ChatTest, AnswersAndKeepsTheConversation) {
    ask("Hello");
    ASSERT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(controller.messages()->turn(1).content, "Good morning.");
    EXPECT_TRUE(controller.messages()->turn(1).note.contains("20 tokens per second"));
    ask("And now?");
    EXPECT_EQ(lastConversation(), QStringList({"user: Hello", "assistant: Good morning.", "user: And now?"}));
    EXPECT_EQ(controller.conversations()->rowCount(), 1);
    EXPECT_GT(controller.contextShare(), 0);
}

TEST_F(ChatTest, NothingIsSentForNothing) {
    controller.send("  \n ");
    EXPECT_EQ(engine.count(protocol::kChat), 0);
    EXPECT_EQ(controller.messages()->count(), 0);
}

TEST_F(ChatTest, StoppingKeepsWhatWasWritten) {
    FakeAnswer slow = answerOf("Half of it");
    slow.held = true;
    engine.script(protocol::kChat, slow);
    controller.send("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.messages()->turn(1).content == "Half of it"; }));
    EXPECT_EQ(controller.state(), State::Busy);
    controller.send("impatient");
    EXPECT_EQ(controller.messages()->count(), 2) << "one question at a time";
    controller.stop();
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(controller.messages()->turn(1).content, "Half of it");
}

TEST_F(ChatTest, RetryAndEditReplaceWhatFollows) {
    ask("One");
    ask("Two");
    controller.retry(1);
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(lastConversation(), QStringList({"user: One"}));
    controller.edit(0, "Uno");
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(lastConversation(), QStringList({"user: Uno"}));
    EXPECT_EQ(controller.messages()->count(), 2);
}

TEST_F(ChatTest, AKilledEngineIsAskedAgainOnce) {
    FakeAnswer slow = answerOf("Half");
    slow.held = true;
    engine.script(protocol::kChat, slow);
    controller.send("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.messages()->count() == 2; }));
    engine.script(protocol::kChat, answerOf("Whole answer"));
    engine.crash(Lane::Chat);
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Ready && engine.pending() == 0; }));
    ASSERT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(controller.messages()->turn(1).content, "Whole answer");
    EXPECT_EQ(engine.count(protocol::kLoad), 2) << "the new engine has no model";
}

TEST_F(ChatTest, AFullContextOffersToForgetTheOldest) {
    engine.script(protocol::kChat, FakeAnswer{.error = EngineError{"context-full", "The chat is too long.", "", ""}});
    controller.send("Hello");
    ASSERT_TRUE(reaches(State::Failed));
    EXPECT_EQ(controller.error().kind, "context-full");
    EXPECT_EQ(controller.messages()->count(), 1) << "the question stays";
    engine.script(protocol::kChat, answerOf("Yes"));
    controller.forgetOldest();
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(engine.calls().last().params["dropOldestTurns"], true);
}

TEST_F(ChatTest, SavedChatsOpenAgainAndCanGo) {
    ask("First chat");
    const qint64 first = controller.current();
    controller.newChat();
    EXPECT_EQ(controller.messages()->count(), 0);
    ask("Second chat");
    EXPECT_EQ(controller.conversations()->rowCount(), 2);
    controller.openChat(first);
    ASSERT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(controller.messages()->turn(0).content, "First chat");
    controller.setSearch("second");
    EXPECT_EQ(controller.conversations()->rowCount(), 1);
    controller.setSearch("");
    controller.removeChat(first);
    EXPECT_EQ(controller.conversations()->rowCount(), 1);
    EXPECT_EQ(controller.messages()->count(), 0) << "the open chat is gone";
}

TEST_F(ChatTest, SaysWhatTheModelRunsOn) {
    EXPECT_EQ(controller.runsOnText(), "Running on the processor");
    engine.script(protocol::kLoad, FakeAnswer{.result = {{"contextLength", 4096},
                                                         {"hasChatTemplate", true},
                                                         {"layers", 30},
                                                         {"gpuLayers", 12},
                                                         {"deviceReason", "Room for 12 of 30 layers."}}});
    QSettings().setValue("engine/device", "gpu0");
    controller.choose(kModel.chopped(11) + "Q8_0.gguf");
    ASSERT_TRUE(waitFor([this] { return controller.loaded(); }));
    EXPECT_EQ(controller.runsOnText(), "12 of 30 layers on the graphics card");
    EXPECT_EQ(controller.property("runsOnReason"), "Room for 12 of 30 layers.");
    EXPECT_EQ(engine.calls().last().params["device"], "gpu0");
}

} // namespace
} // namespace nibble::gui::test
