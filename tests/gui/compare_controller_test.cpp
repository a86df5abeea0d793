#include "compare/compare_controller.h"
#include "compare/prompt_pack.h"
#include "compare/round_export.h"
#include "support.h"

#include <QAccessible>
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSettings>
#include <QTemporaryDir>
#include <QTemporaryFile>
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
        controller.setBlind(true);
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

/// Judges what is to be judged.
void judge(CompareController& controller, int choice) {
    controller.showAll();
    controller.vote(choice);
}

TEST_F(CompareTest, AsksBothThenMeasuresOnce) {
    chooseBoth();
    controller.ask("  Write a short e-mail.  ");
    EXPECT_EQ(controller.asking(), "Write a short e-mail.");
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.question(), "Write a short e-mail.");
    EXPECT_EQ(controller.rounds()->count(), 0) << "not told before it is judged";
    EXPECT_FALSE(controller.figures().sentence.isEmpty());
    EXPECT_EQ(engine.count(protocol::kCompare), 2);
    judge(controller, CompareController::A);
    EXPECT_FALSE(controller.judging());
    EXPECT_EQ(controller.rounds()->count(), 1);
    controller.ask("Another");
    ASSERT_TRUE(settled());
    EXPECT_EQ(engine.count(protocol::kCompare), 3) << "the numbers of this pair are known";
}

TEST_F(CompareTest, OpenlyTheModelsAreTold) {
    controller.setBlind(false);
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.judging());
    ASSERT_EQ(controller.rounds()->count(), 1);
    const QModelIndex row = controller.rounds()->index(0, 0);
    EXPECT_TRUE(row.data(RoundList::TitleBRole).toString().contains("Q4_K_M")) << "the smaller one on the right";
    EXPECT_EQ(controller.result().votes(), 0);
    EXPECT_FALSE(CompareController().blind()) << "remembered";
}

TEST_F(CompareTest, BothAppearAtTheSamePaceAndAVoteWaitsForTheEnd) {
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.judging(); }));
    EXPECT_FALSE(controller.allShown());
    QSignalSpy paces(&controller, &CompareController::paceChanged);
    ASSERT_TRUE(waitFor([&] { return paces.count() >= 3; }));
    EXPECT_EQ(wordsOf(controller.shownA()).size(), wordsOf(controller.shownB()).size());
    controller.vote(CompareController::A); // shows the rest first
    EXPECT_TRUE(controller.judging());
    EXPECT_TRUE(controller.allShown());
    controller.vote(0);
    controller.vote(5);
    EXPECT_TRUE(controller.judging()) << "no such choice";
    controller.vote(CompareController::BothBad);
    EXPECT_FALSE(controller.judging());
}

TEST_F(CompareTest, WhatAModelThoughtIsFoldedAndNotPartOfTheAnswer) {
    const QJsonObject answer{{"prompt", "Hello"},
                             {"original", "<think>\nThe user greets.\n</think>\n\nGood morning to you."},
                             {"smaller", "<think>\nThe user is here.\n</think>\n\nGood evening to you."},
                             {"sameWords", 3}};
    engine.script(protocol::kCompare, [answer](const QJsonObject& params) {
        FakeAnswer both{.result = {{"sentence", ""}}};
        if (!params["prompts"].toArray().isEmpty()) both.events.append({"answer", answer});
        return both;
    });
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    ASSERT_TRUE(controller.judging());
    EXPECT_EQ(wordsOf(controller.shownA()).size(), wordsOf(controller.shownB()).size());
    EXPECT_FALSE(controller.shownA().contains("think"));
    controller.showAll();
    EXPECT_TRUE(controller.shownA().startsWith("Good ")) << qPrintable(controller.shownA());
    EXPECT_TRUE(controller.thoughtsA().startsWith("The user ")) << qPrintable(controller.thoughtsA());
    EXPECT_NE(controller.thoughtsA(), controller.thoughtsB());
    controller.vote(CompareController::NoDifference);
    ASSERT_EQ(controller.rounds()->count(), 1);
    const AnswerPair pair = controller.rounds()->list().first().pair;
    EXPECT_EQ(pair.said(true), "Good morning to you.");
    EXPECT_EQ(pair.thoughts(false), "The user is here.");
    EXPECT_FALSE(pair.marked(true, "red").contains("greets"));
    EXPECT_TRUE(pair.marked(true, "red").contains("morning</font>")) << qPrintable(pair.marked(true, "red"));
    EXPECT_TRUE(pair.sentence().contains("thought before")) << qPrintable(pair.sentence());
    const QString saved = roundsAsMarkdown(controller.rounds()->list(), {});
    EXPECT_TRUE(saved.contains("Good morning to you.") && !saved.contains("think>")) << qPrintable(saved);
}

TEST_F(CompareTest, SidesAreDrawnForEachQuestion) {
    chooseBoth();
    QStringList questions;
    for (int i = 0; i < 100; ++i) questions += QStringLiteral("Question %1").arg(i);
    QFile file(QDir::temp().filePath("nibble-questions.txt"));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(questions.join('\n').toUtf8());
    file.close();
    controller.askFile(QUrl::fromLocalFile(file.fileName()));
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.standing(), "Question 1 of 100");
    int originalWasA = 0, rightVotes = 0;
    while (controller.judging()) {
        controller.showAll();
        const bool originalIsA = controller.shownA().contains("Monday");
        originalWasA += originalIsA;
        controller.vote(originalIsA ? CompareController::A : CompareController::B);
        ++rightVotes;
        if (controller.judging()) {
            EXPECT_EQ(controller.rounds()->count(), 0) << "told with the last question";
        }
    }
    EXPECT_EQ(rightVotes, 100);
    // A fair coin is outside once in ten million times.
    EXPECT_GT(originalWasA, 22);
    EXPECT_LT(originalWasA, 78);
    EXPECT_EQ(controller.rounds()->count(), 100);
    EXPECT_EQ(controller.result().original, 100) << "every vote went to the model that wrote the answer";
    EXPECT_TRUE(controller.result().headline.startsWith("You prefer SmolLM2"))
        << qPrintable(controller.result().headline);
    file.remove();
}

TEST_F(CompareTest, TheSameAnswersNeedNoVote) {
    engine.script(protocol::kCompare, [](const QJsonObject& params) {
        QJsonArray answers;
        for (const QJsonValue& prompt : params["prompts"].toArray())
            answers.append(
                QJsonObject{{"prompt", prompt}, {"original", "Yes."}, {"smaller", "Yes."}, {"identical", true}});
        return FakeAnswer{.result = {{"answers", answers}, {"sentence", "Very close."}}};
    });
    chooseBoth();
    controller.askOfficeTasks();
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.judging());
    EXPECT_EQ(controller.rounds()->count(), 10) << "ten office tasks come with Nibble";
    EXPECT_EQ(controller.result().noDifference, 10);
    EXPECT_EQ(controller.result().headline, "You could not tell them apart.");
}

TEST_F(CompareTest, AnswersThatCameBeforeACrashStayAndTheRestIsAskedAgain) {
    const auto answer = [](const QString& prompt) {
        return QJsonObject{{"prompt", prompt}, {"original", "Yes."}, {"smaller", "No."}, {"sameWords", 0}};
    };
    FakeAnswer half{.events = {{"answer", answer("One")}}, .held = true};
    engine.script(protocol::kCompare, half);
    chooseBoth();
    QFile file(QDir::temp().filePath("nibble-two.txt"));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("One\nTwo\n");
    file.close();
    controller.askFile(QUrl::fromLocalFile(file.fileName()));
    ASSERT_TRUE(waitFor([this] { return controller.judging(); }));
    EXPECT_EQ(controller.standing(), "Question 1 of 2");
    judge(controller, CompareController::A);
    engine.crash(Lane::Work);
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
    EXPECT_EQ(controller.rounds()->count(), 1);
    engine.script(protocol::kCompare,
                  FakeAnswer{.result = {{"answers", QJsonArray{answer("Two")}}, {"sentence", "x"}}});
    controller.tryAgain();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.question(), "Two");
    int asked = 0;
    for (const auto& call : engine.calls()) {
        if (call.verb != protocol::kCompare || call.params["measure"].toBool()) continue;
        EXPECT_EQ(call.params["prompts"].toArray().size(), asked++ == 0 ? 2 : 1) << "only what has no answer yet";
    }
    EXPECT_EQ(asked, 2);
    file.remove();
}

TEST_F(CompareTest, OtherVocabulariesAreNoFailure) {
    engine.script(protocol::kCompare, [](const QJsonObject& params) {
        if (params["measure"].toBool())
            return FakeAnswer{.error = EngineError{"bad-request", "No shared vocabulary.", "", ""}};
        return FakeAnswer{.result = {{"answers", QJsonArray{QJsonObject{
                                                     {"prompt", "Hello"}, {"original", "Hi"}, {"smaller", "Ho"}}}}}};
    });
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.property("figuresProblem"), "No shared vocabulary.");
    EXPECT_TRUE(controller.judging());
    controller.measure(); // asked for, so it is one
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
}

TEST_F(CompareTest, AnotherModelForgetsTheOldNumbers) {
    chooseBoth();
    controller.measure();
    EXPECT_TRUE(controller.measuring());
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.figures().sentence.isEmpty());
    controller.chooseSmaller(kFolder + "SmolLM2-135M-Instruct-Q8_0.gguf");
    EXPECT_TRUE(controller.figures().sentence.isEmpty());
    EXPECT_EQ(controller.rounds()->count(), 0);
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
    EXPECT_TRUE(controller.judging());
}

TEST_F(CompareTest, WhatIsToldCanBeSavedAndForgotten) {
    const QTemporaryDir folder;
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    const QString sealed = folder.filePath("sealed.md");
    controller.save(QUrl::fromLocalFile(sealed));
    QFile before(sealed);
    ASSERT_TRUE(before.open(QIODevice::ReadOnly));
    EXPECT_FALSE(before.readAll().contains("Monday")) << "nothing to be judged leaves in a document";
    controller.reveal();
    ASSERT_EQ(controller.rounds()->count(), 1);
    EXPECT_EQ(controller.result().votes(), 0) << "not judged blind, so it does not count";
    controller.save(QUrl::fromLocalFile(folder.filePath("round.json")));
    QFile json(folder.filePath("round.json"));
    ASSERT_TRUE(json.open(QIODevice::ReadOnly));
    const QJsonObject saved = QJsonDocument::fromJson(json.readAll()).object();
    EXPECT_EQ(saved["rounds"].toArray()[0].toObject()["prompt"], "Hello");
    controller.save(QUrl::fromLocalFile("/proc/nibble/round.md"));
    EXPECT_TRUE(controller.property("note").toString().contains("could not be saved"));
    controller.forget();
    EXPECT_EQ(controller.rounds()->count(), 0);
}

TEST(CompareWindow, JudgingIsBlindAndByKeyboard) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->requestActivate();
    demo.app->go("compare", {{"original", kOriginal}, {"smaller", kSmaller}, {"ask", "Hello"}});
    auto* controller = demo.page()->property("controller").value<CompareController*>();
    ASSERT_TRUE(controller);
    ASSERT_TRUE(waitFor([&] { return controller->judging() && controller->allShown(); }));
    demo.settle();
    QQuickItem* card = nullptr;
    visit(demo.window->contentItem(), [&](QQuickItem* item) {
        if (QString(item->metaObject()->className()).startsWith("JudgeCard")) card = item;
    });
    ASSERT_TRUE(card);
    QStringList said; // by everything in the card: texts, tips, and what a screen reader gets
    visit(card, [&](QQuickItem* item) {
        for (const char* name : {"text", "title", "tip", "facts", "plain", "rich", "objectName"})
            said += item->property(name).toString();
        if (QAccessibleInterface* face = QAccessible::queryAccessibleInterface(item))
            said +=
                {face->text(QAccessible::Name), face->text(QAccessible::Description), face->text(QAccessible::Value)};
    });
    const QString all = said.join('\n');
    EXPECT_TRUE(all.contains("Answer A") && all.contains("Monday") && all.contains("Tuesday"));
    for (const char* secret : {"SmolLM2", "Q4_K_M", "BF16", "riginal", "maller", "second", "GB", "MB"})
        EXPECT_FALSE(all.contains(secret)) << secret << " in: " << qPrintable(all);
    EXPECT_EQ(takeWarnings(), QStringList());

    QTest::keyClick(demo.window, Qt::Key_3);
    EXPECT_FALSE(controller->judging());
    ASSERT_EQ(controller->rounds()->count(), 1);
    EXPECT_EQ(controller->rounds()->list()[0].vote, Vote::NoDifference);
}

TEST(CompareStore, KeepsEveryVoteOnDisk) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("compare.sqlite");
    CompareRound round;
    round.pair = AnswerPair::fromJson({{"prompt", "Hello"},
                                       {"original", "Good morning"},
                                       {"smaller", "Good evening"},
                                       {"sameWords", 1},
                                       {"originalChance", 0.6},
                                       {"smallerChance", 0.4}});
    round.originalName = "A model";
    round.blind = true;
    round.originalIsA = false;
    {
        CompareStore store(path);
        store.add("/a", "/b", round);
        EXPECT_EQ(round.batch, round.id);
        round.vote = Vote::BothBad;
        store.update(round);
    }
    CompareStore store(path); // as after a crash: nothing was closed on purpose
    EXPECT_EQ(store.rounds("/b", "/a").size(), 0);
    const QList<CompareRound> rounds = store.rounds("/a", "/b");
    ASSERT_EQ(rounds.size(), 1);
    EXPECT_EQ(rounds[0].vote, Vote::BothBad);
    EXPECT_TRUE(rounds[0].blind);
    EXPECT_FALSE(rounds[0].originalIsA);
    EXPECT_EQ(rounds[0].pair.smaller, "Good evening");
    EXPECT_EQ(rounds[0].pair.firstChange(true), "morning");
    EXPECT_TRUE(rounds[0].pair.chanceSentence().contains("60 %")) << qPrintable(rounds[0].pair.chanceSentence());
    EXPECT_TRUE(rounds[0].pair.chanceSentence().contains("coin toss"));
}

TEST(CompareStore, AFileOfANewerNibbleIsLeftAlone) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("compare.sqlite");
    { Database(path, {{}, {}, {}}); }
    CompareStore store(path);
    EXPECT_TRUE(store.problem().contains("newer Nibble")) << qPrintable(store.problem());
}

TEST(WordDiff, MarksWhatTheOtherDoesNotHave) {
    const QString a = "The report is due on Monday at noon, please.", b = "The short report is due on Friday at noon.";
    const WordDiff diff = wordDiff(a, b);
    const auto words = [](const QString& text, const QList<Span>& runs) {
        QStringList list;
        for (const Span& run : runs) list += text.mid(run.start, run.length);
        return list;
    };
    EXPECT_EQ(words(a, diff.first), QStringList({"Monday", "noon, please."}));
    EXPECT_EQ(words(b, diff.second), QStringList({"short", "Friday", "noon."}));
    EXPECT_NEAR(diff.changed, 6.0 / 18, 1e-9);
    EXPECT_EQ(wordDiff("", "").changed, 0);
    EXPECT_EQ(wordDiff("a b", "a  b\n").changed, 0) << "how words are spaced does not count";
    EXPECT_EQ(wordDiff(QStringLiteral("w ").repeated(kMostWords + 1), "w").changed, 1) << "too long to say";
}

TEST(WordDiff, MarkedTextIsNeverMarkup) {
    const AnswerPair pair =
        AnswerPair::fromJson({{"original", "<b>one</b> & two"}, {"smaller", "<img src=x> & two"}, {"sameWords", 0}});
    const QString rich = pair.marked(false, "#123456");
    EXPECT_FALSE(rich.contains("<img"));
    EXPECT_TRUE(rich.contains("<u><font color=\"#123456\">≠&lt;img src=x&gt;</font></u>")) << qPrintable(rich);
}

TEST(PromptPack, OneQuestionALineOrAParagraph) {
    EXPECT_EQ(questionsOf("One\r\n  Two \nThree\n"), QStringList({"One", "Two", "Three"}));
    EXPECT_EQ(questionsOf("One,\ngoes on\n\nTwo"), QStringList({"One,\ngoes on", "Two"}));
    EXPECT_EQ(questionsOf("  \n "), QStringList());
    EXPECT_EQ(questionsOf(QString("x\n").repeated(500)).size(), kMostQuestions);
    QString problem;
    EXPECT_TRUE(questionsFromFile("/nowhere/q.txt", problem).isEmpty());
    EXPECT_TRUE(problem.contains("q.txt"));
    QTemporaryFile file;
    ASSERT_TRUE(file.open());
    file.write("PK\x03\x04\0\0binary", 12);
    file.close();
    problem.clear();
    EXPECT_TRUE(questionsFromFile(file.fileName(), problem).isEmpty());
    EXPECT_TRUE(problem.contains("not a text file")) << qPrintable(problem);
}

TEST(VoteResult, TheSignTestIsExact) {
    EXPECT_DOUBLE_EQ(signTest(0, 0), 1);
    EXPECT_NEAR(signTest(5, 10), 1, 1e-12);
    EXPECT_NEAR(signTest(6, 6), 2.0 / 64, 1e-12);
    EXPECT_NEAR(signTest(9, 10), 22.0 / 1024, 1e-12);
    EXPECT_NEAR(signTest(1, 10), signTest(9, 10), 1e-12);
    EXPECT_NEAR(signTest(600, 1000), 2.7e-10, 5e-11) << "no underflow where there are many";
    // Newcombe 1998, table I: 81 of 263.
    EXPECT_NEAR(voteInterval(81, 263).low, 0.2553, 5e-5);
    EXPECT_NEAR(voteInterval(81, 263).high, 0.3662, 5e-5);
    EXPECT_EQ(voteInterval(0, 5).low, 0);
}

TEST(VoteResult, SaysNoMoreThanTheVotesDo) {
    const auto said = [](int original, int smaller, int none, int bad) {
        VoteResult result{.original = original, .smaller = smaller, .noDifference = none, .bothBad = bad};
        result.say("Big", "Small");
        return result;
    };
    EXPECT_EQ(said(0, 0, 0, 0).headline, "");
    EXPECT_EQ(said(0, 0, 10, 0).headline, "You could not tell them apart.");
    EXPECT_EQ(said(2, 1, 0, 0).headline, "Too few votes to say anything yet.");
    EXPECT_EQ(said(5, 0, 0, 0).headline, "Too few votes to say anything yet.") << "five of five is still chance";
    EXPECT_EQ(said(6, 0, 0, 0).headline, "You prefer Big.");
    EXPECT_EQ(said(2, 9, 0, 0).headline, "No evidence of a difference.");
    EXPECT_EQ(said(1, 9, 4, 2).headline, "You prefer Small.");
    EXPECT_EQ(said(6, 4, 0, 0).headline, "No evidence of a difference.");
    EXPECT_TRUE(said(6, 4, 0, 0).detail.contains("31 and 83 %")) << qPrintable(said(6, 4, 0, 0).detail);
}

} // namespace
} // namespace nibble::gui::test
