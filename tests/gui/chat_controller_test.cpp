#include "chat/chat_controller.h"
#include "support.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSettings>
#include <QTemporaryDir>
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
    QJsonObject lastSampling() {
        QJsonObject sampling;
        for (const auto& call : engine.calls())
            if (call.verb == protocol::kChat) sampling = call.params["sampling"].toObject();
        return sampling;
    }
    QString field(int row, int role) {
        return controller.sampling()->data(controller.sampling()->index(row), role).toString();
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

TEST_F(ChatTest, AdvancedNumbersGoBeforeTheStyleAndStayWithTheChat) {
    using Role = SamplingSettings::Role;
    EXPECT_EQ(field(0, Role::UsualRole), "0.7") << "as the model suggests";
    controller.setStyle(3);
    EXPECT_EQ(field(0, Role::UsualRole), "1") << "as the style has it";
    controller.sampling()->set(0, "0,6 ");
    EXPECT_EQ(field(0, Role::ValueRole), "0,6") << "no number in this language";
    EXPECT_FALSE(field(0, Role::ProblemRole).isEmpty());
    controller.sampling()->set(0, "0.6");
    controller.sampling()->set(1, "2.5");
    controller.sampling()->set(2, "1.01");
    controller.sampling()->set(8, "0.8");
    controller.sampling()->set(15, "9007199254740991");
    EXPECT_EQ(field(1, Role::ProblemRole), "A whole number from 0 to 100000.");
    EXPECT_EQ(field(2, Role::ProblemRole), "A number from 0 to 1.");
    ask("Hello?");
    const QJsonObject sent{{"temperature", 0.6},
                           {"topP", 0.95},
                           {"minP", 0.05},
                           {"dryMultiplier", 0.8},
                           {"seed", qint64(9007199254740991)}};
    EXPECT_EQ(lastSampling(), sent) << "the style's, with these in front; what is no number is left out";

    const qint64 chat = controller.current();
    controller.newChat();
    EXPECT_FALSE(controller.sampling()->isChanged());
    controller.setStyle(1);
    ask("And here?");
    EXPECT_EQ(lastSampling(), QJsonObject({{"temperature", 0.0}}));
    controller.openChat(chat);
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(controller.style(), 3);
    EXPECT_EQ(field(8, Role::ValueRole), "0.8");
    controller.sampling()->set(8, "");
    controller.newChat();
    controller.openChat(chat);
    EXPECT_EQ(field(8, Role::ValueRole), "") << "changes are kept without another question";
    ask("Again?");
    EXPECT_EQ(lastSampling()["temperature"], 0.6);
    EXPECT_FALSE(lastSampling().contains("dryMultiplier"));
}

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

TEST_F(ChatTest, RetryAndEditKeepTheOldVersions) {
    ask("One");
    ask("Two");
    engine.script(protocol::kChat, answerOf("Good evening."));
    controller.retry(1);
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(lastConversation(), QStringList({"user: One"}));
    const auto version = [this](int row) {
        return QStringLiteral("%1/%2")
            .arg(controller.messages()->turn(row).version)
            .arg(controller.messages()->turn(row).versions);
    };
    EXPECT_EQ(version(1), "2/2");
    controller.showVersion(1, -1);
    ASSERT_EQ(controller.messages()->count(), 4) << "with all that followed it";
    EXPECT_EQ(controller.messages()->turn(1).content, "Good morning.");
    EXPECT_EQ(controller.messages()->turn(2).content, "Two");
    controller.showVersion(1, -1); // there is none
    EXPECT_EQ(version(1), "1/2");
    controller.edit(0, "Uno");
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(lastConversation(), QStringList({"user: Uno"}));
    EXPECT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(version(0), "2/2");
    controller.showVersion(0, -1);
    EXPECT_EQ(controller.messages()->turn(0).content, "One");
    ask("Three"); // goes on where this version ended
    EXPECT_EQ(lastConversation().last(), "user: Three");
    EXPECT_EQ(controller.messages()->turn(0).content, "One");
}

TEST_F(ChatTest, AVersionThatWasStoppedBeforeItsFirstWordLeavesTheOldOne) {
    ask("One");
    engine.script(protocol::kChat, FakeAnswer{.held = true});
    controller.retry(1);
    ASSERT_EQ(controller.state(), State::Busy);
    controller.stop();
    ASSERT_TRUE(reaches(State::Ready));
    ASSERT_EQ(controller.messages()->count(), 2);
    EXPECT_EQ(controller.messages()->turn(1).content, "Good morning.");
    EXPECT_EQ(controller.messages()->turn(1).versions, 1);
}

TEST_F(ChatTest, InstructionsGoBeforeTheConversation) {
    EXPECT_EQ(controller.role(), 0) << "none";
    controller.chooseRole(2);
    ask("Pleas corect this.");
    EXPECT_TRUE(lastConversation()[0].startsWith("system: You correct spelling")) << qPrintable(lastConversation()[0]);
    const qint64 chat = controller.current();
    controller.newChat();
    EXPECT_EQ(controller.role(), 0);
    controller.setInstructions("  You are a pirate. ");
    EXPECT_EQ(controller.role(), -1);
    ask("Hello");
    EXPECT_EQ(lastConversation()[0], "system: You are a pirate.");
    controller.openChat(chat);
    EXPECT_EQ(controller.role(), 2);
}

TEST_F(ChatTest, FilesGoWithTheQuestionAndSayWhatTheyCost) {
    engine.script(protocol::kTokens, [](const QJsonObject& params) {
        return FakeAnswer{.result = {{"tokens", params["text"].toString().size()}}};
    });
    const QTemporaryDir folder;
    const auto file = [&](const char* name, const QByteArray& content) {
        QFile out(folder.filePath(name));
        EXPECT_TRUE(out.open(QIODevice::WriteOnly));
        out.write(content);
        return QUrl::fromLocalFile(out.fileName());
    };
    controller.attach({file("notes.md", "# Notes\nBuy paper."), file("picture.png", QByteArray("\x89PNG\0\0", 6)),
                       QUrl::fromLocalFile("/nowhere/a.txt"), QUrl::fromLocalFile("/dev/zero")});
    ASSERT_EQ(controller.attachments()->files().size(), 1);
    EXPECT_TRUE(controller.property("note").toString().contains("picture.png"));
    EXPECT_TRUE(controller.property("note").toString().contains("a.txt"));
    ASSERT_TRUE(waitFor([this] { return controller.attachments()->files()[0].toMap()["size"] == "18 tokens"; }));
    EXPECT_EQ(controller.attachments()->problem(), "");
    controller.attach({file("long.txt", QByteArray("word ").repeated(1000))});
    ASSERT_TRUE(
        waitFor([this] { return controller.attachments()->problem().contains("than the model can keep in mind"); }));
    controller.attachments()->remove(1);
    EXPECT_EQ(controller.attachments()->problem(), "");
    ask("What shall I buy?");
    EXPECT_TRUE(controller.attachments()->files().isEmpty());
    EXPECT_EQ(lastConversation(), QStringList({"user: notes.md:\n```\n# Notes\nBuy paper.\n```\n\nWhat shall I buy?"}));
    EXPECT_EQ(controller.messages()->turn(0).content, "What shall I buy?") << "the bubble shows the question";
    const qint64 chat = controller.current();
    controller.newChat();
    controller.openChat(chat);
    ASSERT_EQ(controller.messages()->turn(0).files.size(), 1);
    controller.edit(0, "And what else?");
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_TRUE(lastConversation()[0].contains("Buy paper.")) << "an edited question keeps its files";
}

TEST_F(ChatTest, ADocumentIsReadBeforeTheQuestionGoes) {
    QTemporaryDir folder;
    const auto file = [&folder](const QString& name, const QByteArray& content) {
        QFile made(folder.filePath(name));
        EXPECT_TRUE(made.open(QIODevice::WriteOnly));
        made.write(content);
        return QUrl::fromLocalFile(made.fileName());
    };
    // A container of old Office, and a damaged archive: both by the process of its own.
    controller.attach({file("old.xls", "\xD0\xCF\x11\xE0"), file("bad.xlsx", "PK\x03\x04"), file("a.txt", "hello")});
    EXPECT_TRUE(controller.attachments()->reading());
    ASSERT_EQ(controller.attachments()->files().size(), 3);
    EXPECT_EQ(controller.attachments()->files()[0].toMap()["size"], "is being read…");
    controller.send("Too early");
    EXPECT_EQ(controller.messages()->count(), 0);
    ASSERT_TRUE(waitFor([this] { return !controller.attachments()->reading(); }));
    EXPECT_EQ(controller.attachments()->files().size(), 1);
    const QString note = controller.property("note").toString();
    EXPECT_TRUE(note.contains("old.xls is in an old format") && note.contains("bad.xlsx")) << qPrintable(note);
    controller.attach({file("slow.xlsx", "PK\x03\x04")});
    controller.attachments()->remove(1); // while it is read
    EXPECT_FALSE(controller.attachments()->reading());
    controller.attach({file("slow.xlsx", "PK\x03\x04")});
    controller.newChat();
    EXPECT_TRUE(controller.attachments()->files().isEmpty());
}

TEST_F(ChatTest, ChatsAreSortedIntoProjects) {
    ProjectList* projects = controller.projects();
    EXPECT_EQ(projects->places(), QStringList({"No project"}));
    ask("Before any project");
    const qint64 before = controller.current();
    projects->add("  Offers\n2026 ");
    EXPECT_EQ(projects->name(), "Offers 2026");
    EXPECT_EQ(controller.conversations()->rowCount(), 0);
    EXPECT_EQ(controller.current(), before) << "the open chat stays open";
    EXPECT_EQ(controller.place(), 0);
    controller.newChat();
    EXPECT_EQ(controller.place(), 1) << "a new chat is in the project that is shown";
    ask("For an offer");
    EXPECT_EQ(controller.conversations()->rowCount(), 1);
    EXPECT_EQ(projects->size(), "Chats: 1");
    const qint64 offer = controller.current();
    controller.moveTo(0);
    EXPECT_EQ(controller.conversations()->rowCount(), 0);
    EXPECT_EQ(projects->size(), "Chats: 0");
    projects->setView(1);
    EXPECT_EQ(controller.conversations()->rowCount(), 2);
    controller.openChat(before);
    controller.moveTo(1);
    controller.openChat(offer);
    EXPECT_EQ(controller.place(), 0);
    projects->add("offers 2026"); // is there already
    EXPECT_EQ(projects->views().size(), 3);
    EXPECT_EQ(projects->view(), 2);
    controller.openChat(before);
    EXPECT_EQ(controller.place(), 1);
    projects->rename("Sold");
    EXPECT_EQ(projects->places(), QStringList({"No project", "Sold"}));
    projects->rename("   ");
    EXPECT_EQ(projects->name(), "Sold");
    projects->remove();
    EXPECT_EQ(projects->view(), 0);
    EXPECT_EQ(controller.place(), 0);
    EXPECT_EQ(controller.conversations()->rowCount(), 2) << "no chat is lost";
    EXPECT_EQ(controller.current(), before);
}

TEST_F(ChatTest, ADeletedChatCanBeHadBack) {
    ask("Keep me");
    const qint64 chat = controller.current();
    controller.removeChat(chat);
    EXPECT_EQ(controller.current(), 0);
    EXPECT_EQ(controller.conversations()->rowCount(), 0);
    EXPECT_TRUE(controller.undoable());
    controller.undoRemove();
    EXPECT_FALSE(controller.undoable());
    EXPECT_EQ(controller.projects()->views().size(), 2) << "the trash is empty, and not offered";
    controller.openChat(chat);
    EXPECT_EQ(controller.messages()->count(), 2);

    controller.removeChat(chat);
    controller.projects()->setView(2);
    EXPECT_TRUE(controller.projects()->inTrash());
    EXPECT_EQ(controller.projects()->name(), "");
    controller.openChat(chat); // it can be read there
    controller.putBack();
    EXPECT_FALSE(controller.undoable());
    EXPECT_FALSE(controller.projects()->inTrash());
    EXPECT_EQ(controller.conversations()->rowCount(), 1);

    controller.removeChat(chat);
    controller.projects()->setView(2);
    controller.openChat(chat);
    ask("And on"); // brings it back
    EXPECT_EQ(controller.projects()->views().size(), 2);
    controller.removeChat(chat);
    controller.projects()->setView(2);
    controller.removeChat(chat); // for good
    EXPECT_FALSE(controller.undoable());
    EXPECT_EQ(controller.projects()->views().size(), 2);
    EXPECT_EQ(controller.conversations()->rowCount(), 0);
}

TEST_F(ChatTest, DraftsAreKeptForEachChat) {
    ask("First chat");
    const qint64 first = controller.current();
    controller.saveDraft("half a thou");
    controller.newChat();
    EXPECT_EQ(controller.draft(), "");
    controller.saveDraft("something new");
    controller.openChat(first);
    EXPECT_EQ(controller.draft(), "half a thou");
    controller.newChat();
    EXPECT_EQ(controller.draft(), "something new");
    ask("something new");
    controller.newChat();
    EXPECT_EQ(controller.draft(), "") << "it was sent";
}

TEST_F(ChatTest, AChatCanBeSavedInThreeFormats) {
    const QTemporaryDir folder;
    engine.script(
        protocol::kChat,
        answerOf("Two steps:\n\n1. <b>Save</b>\n2. Send\n\n```python\nprint(1)\n```\n![x](file:///etc/passwd)"));
    ask("How do I do it?");
    const auto saved = [&](const char* name) {
        controller.saveAs(QUrl::fromLocalFile(folder.filePath(name)));
        EXPECT_EQ(controller.property("noteTone"), "good") << qPrintable(controller.property("note").toString());
        QFile file(folder.filePath(name));
        EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << name;
        return file.readAll();
    };
    EXPECT_EQ(QString(saved("chat.md")), controller.asText());
    EXPECT_TRUE(controller.asText().startsWith("# How do I do it?\n\n## You\n\nHow do I do it?\n\n## SmolLM2"))
        << qPrintable(controller.asText());
    const QJsonObject json = QJsonDocument::fromJson(saved("chat.JSON")).object();
    EXPECT_EQ(json["messages"].toArray().size(), 2);
    EXPECT_EQ(json["messages"].toArray()[1].toObject()["role"], "assistant");
    const QByteArray pdf = saved("chat.pdf");
    EXPECT_TRUE(pdf.startsWith("%PDF-"));
    EXPECT_TRUE(pdf.contains("%%EOF"));
    EXPECT_GT(pdf.size(), 3000);
    EXPECT_FALSE(pdf.contains("passwd"));
    controller.saveAs(QUrl::fromLocalFile("/proc/nibble/chat.pdf"));
    EXPECT_EQ(controller.property("noteTone"), "bad");
}

TEST_F(ChatTest, RenamedChatsKeepTheirName) {
    ask("First chat");
    controller.renameChat(controller.current(), "  Letters to Anna ");
    EXPECT_EQ(controller.conversations()->list()[0].title, "Letters to Anna");
    controller.renameChat(controller.current(), "   ");
    EXPECT_EQ(controller.conversations()->list()[0].title, "Letters to Anna");
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

TEST_F(ChatTest, ThoughtsStandApartFromTheAnswer) {
    EXPECT_FALSE(controller.canSwitchThinking());
    const auto row = [this](int role) { return controller.messages()->data(controller.messages()->index(1), role); };
    FakeAnswer slow = answerOf("<think>\nFirst I");
    slow.held = true;
    engine.script(protocol::kChat, slow);
    controller.send("Hello");
    ASSERT_TRUE(waitFor([&] { return row(MessageList::ThoughtsRole) == "First I"; }));
    EXPECT_EQ(row(MessageList::ThinkingRole), true);
    EXPECT_EQ(row(MessageList::ContentRole), "");
    controller.stop();
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(row(MessageList::ThinkingRole), false);

    engine.script(protocol::kChat, answerOf("<think>\nFirst I look.\n</think>\n\nGood morning."));
    controller.retry(1);
    ASSERT_TRUE(waitFor([&] { return row(MessageList::ContentRole) == "Good morning."; }));
    ASSERT_TRUE(reaches(State::Ready));
    EXPECT_EQ(row(MessageList::ThoughtsRole), "First I look.");
    EXPECT_EQ(row(MessageList::BlocksRole).toList().size(), 1);
    EXPECT_FALSE(controller.asText().contains("First I look."));
    // The engine gets them back: the model's template decides what of them it sees again.
    ask("And now?");
    EXPECT_TRUE(lastConversation()[1].contains("<think>"));
    EXPECT_FALSE(engine.calls().last().params.contains("thinking"));
}

TEST_F(ChatTest, WhetherAModelThinksFirstCanBeChosen) {
    engine.script(
        protocol::kLoad,
        FakeAnswer{.result = {{"contextLength", 4096}, {"hasChatTemplate", true}, {"canSwitchThinking", true}}});
    controller.choose(kModel.chopped(11) + "Q8_0.gguf");
    ASSERT_TRUE(waitFor([this] { return controller.canSwitchThinking(); }));
    const auto sent = [this] {
        for (qsizetype i = engine.calls().size(); i-- > 0;)
            if (engine.calls()[i].verb == protocol::kChat) return engine.calls()[i].params["thinking"];
        return QJsonValue();
    };
    ask("Hello");
    EXPECT_EQ(sent(), true);
    controller.setProperty("thinksFirst", false);
    ask("And now?");
    EXPECT_EQ(sent(), false);
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

TEST(ChatWindow, ProjectsOutOfSightComeWhileAChatIsDragged) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->resize(1024, 640);
    demo.app->go("chat", {{"model", kModel}});
    demo.settle();
    auto* controller = demo.page()->property("controller").value<ChatController*>();
    ASSERT_TRUE(controller);
    for (int i = 0; i < 20; ++i) controller->projects()->add(QStringLiteral("Project %1").arg(i, 2, 10, QChar('0')));
    controller->projects()->setView(0);
    controller->newChat();
    controller->send("A chat");
    ASSERT_TRUE(waitFor([&] { return controller->state() == PageController::State::Ready; }));
    demo.settle();
    demo.page()->setProperty("listShown", true);
    QTest::qWait(50);
    const auto each = [&](const char* type) {
        QList<QQuickItem*> found;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (QString(item->metaObject()->className()).startsWith(type)) found += item;
        });
        return found;
    };
    const auto sceneOf = [](QQuickItem* item) { return item->mapRectToScene({0, 0, item->width(), item->height()}); };
    ASSERT_EQ(each("ChatRow").size(), 1);
    const QPoint from = sceneOf(each("ChatRow")[0]).center().toPoint();
    QTest::mousePress(demo.window, Qt::LeftButton, {}, from);
    for (const int moved : {6, 14, 24}) QTest::mouseMove(demo.window, from + QPoint(moved, moved), 20);
    ASSERT_EQ(each("DropPlaces").size(), 1);
    const QRectF places = sceneOf(each("DropPlaces")[0]);
    QQuickItem* last = each("QQuickDropArea").last();
    ASSERT_GT(sceneOf(last).top(), places.bottom()) << "the last project is out of sight";
    const QPoint edge(int(places.center().x()), int(places.bottom()) - 16);
    QTest::mouseMove(demo.window, edge, 20);
    EXPECT_TRUE(waitFor([&] { return sceneOf(last).bottom() <= places.bottom(); }));
    EXPECT_TRUE(waitFor([&] { return last->property("containsDrag").toBool(); })) << "though the mouse stood still";
    QTest::mouseRelease(demo.window, Qt::LeftButton, {}, edge, 20);
    EXPECT_EQ(controller->projects()->places().value(controller->place()), "Project 19");
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST(ChatWindow, AChatIsDraggedOntoAProject) {
    QSettings().clear();
    DemoWindow demo;
    demo.app->go("chat", {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}});
    demo.settle();
    auto* controller = demo.page()->property("controller").value<ChatController*>();
    ASSERT_TRUE(controller);
    controller->projects()->add("Offers");
    controller->projects()->setView(0);
    for (const char* question : {"The first chat", "The second chat"}) {
        controller->newChat();
        controller->send(question);
        ASSERT_TRUE(waitFor([&] { return controller->state() == PageController::State::Ready; }));
    }
    demo.settle();
    const auto rowOf = [&](const QString& title) {
        QQuickItem* found = nullptr;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (QString(item->metaObject()->className()).startsWith("ChatRow") && item->property("title") == title)
                found = item;
        });
        return found;
    };
    const auto targets = [&] {
        QList<QQuickItem*> areas;
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (QString(item->metaObject()->className()) == "QQuickDropArea") areas += item;
        });
        return areas;
    };
    const auto middleOf = [](QQuickItem* item) {
        return item->mapToScene(QPointF(item->width() / 2, item->height() / 2)).toPoint();
    };
    const auto isDroppedOn = [&](int place) { // of the targets; -1: beside them
        QQuickItem* row = rowOf("The first chat");
        ASSERT_TRUE(row);
        const qsizetype before = targets().size();
        const QPoint from = middleOf(row);
        QTest::mousePress(demo.window, Qt::LeftButton, {}, from);
        for (const int moved : {6, 14, 24}) QTest::mouseMove(demo.window, from + QPoint(moved, moved), 20);
        ASSERT_EQ(targets().size(), before + 2) << "no project, and the project";
        const QPoint to = place < 0 ? from + QPoint(30, 60) : middleOf(targets()[before + place]);
        QTest::mouseMove(demo.window, to, 20);
        if (place >= 0) {
            EXPECT_TRUE(targets()[before + place]->property("containsDrag").toBool()) << "shown where it would land";
        }
        QTest::mouseRelease(demo.window, Qt::LeftButton, {}, to, 20);
        demo.settle();
        EXPECT_EQ(targets().size(), before);
    };
    const qint64 current = controller->current();
    isDroppedOn(-1);
    controller->projects()->setView(2);
    EXPECT_EQ(controller->conversations()->rowCount(), 0) << "dropped beside: it stays where it was";
    controller->projects()->setView(0);
    demo.settle();
    isDroppedOn(1);
    EXPECT_EQ(controller->current(), current) << "dragging opens nothing";
    EXPECT_EQ(controller->place(), 0) << "the open chat is another one";
    controller->projects()->setView(2);
    ASSERT_EQ(controller->conversations()->rowCount(), 1);
    EXPECT_EQ(controller->conversations()->list().first().title, "The first chat");
    demo.settle();
    isDroppedOn(0);
    EXPECT_EQ(controller->conversations()->rowCount(), 0);
    EXPECT_EQ(takeWarnings(), QStringList());
}

} // namespace
} // namespace nibble::gui::test
