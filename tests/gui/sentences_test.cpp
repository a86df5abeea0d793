// A screen reader hears an answer sentence by sentence: each once, when it is complete, without Markdown's signs.
#include "chat/chat_controller.h"
#include "chat/sentences.h"
#include "components/announcer.h"
#include "support.h"

#include <QAccessible>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

/// What is said of `answer` where it comes letter by letter.
QStringList spoken(const QString& answer) {
    Sentences sentences;
    QStringList all;
    for (qsizetype length = 1; length <= answer.size(); ++length) all += sentences.next(answer.left(length), false);
    const QStringList rest = sentences.next(answer, true);
    Sentences atOnce;
    EXPECT_EQ(atOnce.next(answer, true), all + rest) << "it does not depend on how the text comes";
    return all + rest;
}

TEST(Sentences, EachOnceAndTheRestAtTheEnd) {
    Sentences sentences;
    EXPECT_EQ(sentences.next("Good mor", false), QStringList());
    EXPECT_EQ(sentences.next("Good morning. How", false), QStringList{"Good morning."});
    EXPECT_EQ(sentences.next("Good morning. How are you?", false), QStringList()) << "it may go on: \"?!\"";
    EXPECT_EQ(sentences.next("Good morning. How are you?", true), QStringList{"How are you?"});
    EXPECT_EQ(sentences.next("Good morning. How are you?", true), QStringList());
}

TEST(Sentences, PointsThatEndNoSentence) {
    EXPECT_EQ(spoken("It costs 3.50 per piece. Ask Dr. Weber, e.g. on 3. May."),
              (QStringList{"It costs 3.50 per piece.", "Ask Dr. Weber, e.g. on 3. May."}));
    EXPECT_EQ(spoken("She said \"no!\" He left. So do I. Really..."),
              (QStringList{"She said \"no!\"", "He left.", "So do I.", "Really..."}));
    EXPECT_EQ(spoken(QString::fromUtf8("今日は。いい天気！")),
              (QStringList{QString::fromUtf8("今日は。"), QString::fromUtf8("いい天気！")}));
}

TEST(Sentences, MarkdownIsNotReadOut) {
    EXPECT_EQ(spoken("# Plan\n\n- **Monday**: call\n- Tuesday\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"),
              (QStringList{"Plan", "Monday: call", "Tuesday", "a, b", "1, 2"}));
    EXPECT_EQ(spoken("So:\n```python\nprint(1.5)\n# Done. Really.\n```\nThat is all."),
              (QStringList{"So:", "Code with 2 lines.", "That is all."}));
    EXPECT_EQ(spoken("```\nx"), QStringList{"One line of code."});
}

TEST(Sentences, ALongOneIsNotWaitedFor) {
    const QStringList parts = spoken(QString("word ").repeated(300));
    EXPECT_EQ(parts.size(), 4);
    EXPECT_EQ(parts.join(' '), QString("word ").repeated(300).trimmed());
}

/// What a screen reader finds where an announcement has just been made. The events themselves are posted only where the
/// platform has a screen reader, and that of the tests has none.
QString heard(Announcer* announcer) {
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(announcer);
    if (!face || face->role() != QAccessible::Notification || face->state().invisible) return "nothing";
    return face->text(QAccessible::Name);
}

/// From the engine's tokens to the events that a screen reader gets.
TEST(ChatWindow, AnAnswerIsAnnouncedBySentence) {
    DemoWindow demo;
    FakeAnswer answer{.result = {{"text", "The report is ready. I sent it on Friday, by post. Anything"},
                                 {"finish", "length"},
                                 {"contextUsed", 40},
                                 {"contextLength", 4096}}};
    const QStringList tokens = answer.result["text"].toString().split(' ');
    for (qsizetype i = 0; i < tokens.size(); ++i)
        answer.events.append({"text", QJsonObject{{"text", (i > 0 ? " " : "") + tokens[i]}}});
    demo.engine->script(protocol::kChat, answer);
    demo.app->go("chat", {{"model", "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct"}});
    demo.settle();
    auto* controller = demo.page()->property("controller").value<ChatController*>();
    ASSERT_TRUE(controller);
    Announcer* announcer = nullptr;
    visit(demo.window->contentItem(), [&](QQuickItem* item) {
        if (auto* found = qobject_cast<Announcer*>(item)) announcer = found;
    });
    ASSERT_TRUE(announcer);
    QStringList announced;
    QObject::connect(announcer, &Announcer::said, demo.engine, [&] { announced += heard(announcer); });
    controller->send("Is the report ready?");
    EXPECT_TRUE(waitFor([&] { return controller->state() == PageController::State::Ready; }));
    EXPECT_EQ(announced, (QStringList{"The report is ready.", "I sent it on Friday, by post.", "Anything"}))
        << "one for a sentence, not for a token, and what is left at the end: " << qPrintable(announced.join(" | "));
}

} // namespace
} // namespace nibble::gui::test
