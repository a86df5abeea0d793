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
const QString kThird = kFolder + "Qwen3-4B";

/// One of the answers of `ask` in protocol.h: the first text is the original's.
QJsonObject answered(const QString& prompt, const QStringList& texts) {
    QJsonArray pairs;
    for (const QString& other : texts.mid(1)) {
        const AnswerPair pair = AnswerPair::of(texts[0], other);
        pairs.append(QJsonObject{
            {"original", texts[0]}, {"smaller", other}, {"sameWords", pair.sameWords}, {"identical", pair.identical}});
    }
    return {{"prompt", prompt}, {"pairs", pairs}};
}

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
    EXPECT_TRUE(controller.sameTwice());
    EXPECT_EQ(engine.count(protocol::kAsk), 0);
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
    EXPECT_FALSE(controller.figuresOf(kSmaller).figures.sentence.isEmpty());
    EXPECT_EQ(engine.count(protocol::kCompare), 1);
    judge(controller, CompareController::A);
    EXPECT_FALSE(controller.judging());
    EXPECT_EQ(controller.rounds()->count(), 1);
    controller.ask("Another");
    ASSERT_TRUE(settled());
    EXPECT_EQ(engine.count(protocol::kAsk), 2);
    EXPECT_EQ(engine.count(protocol::kCompare), 1) << "the numbers of this pair are known";
}

TEST_F(CompareTest, OpenlyTheModelsAreTold) {
    controller.setBlind(false);
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.judging());
    ASSERT_EQ(controller.rounds()->count(), 1);
    const QModelIndex row = controller.rounds()->index(0, 0);
    EXPECT_TRUE(row.data(RoundList::TitlesRole).toStringList()[1].contains("Q4_K_M")) << "the smaller one on the right";
    EXPECT_EQ(controller.voteResults()[0].votes(), 0);
    EXPECT_FALSE(CompareController().blind()) << "remembered";
}

TEST_F(CompareTest, BothAppearAtTheSamePaceAndAVoteWaitsForTheEnd) {
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.judging(); }));
    EXPECT_FALSE(controller.allShown());
    QSignalSpy paces(&controller, &CompareController::paceChanged);
    ASSERT_TRUE(waitFor([&] { return paces.count() >= 3; }));
    EXPECT_EQ(wordsOf(controller.shown()[0]).size(), wordsOf(controller.shown()[1]).size());
    controller.vote(CompareController::A); // shows the rest first
    EXPECT_TRUE(controller.judging());
    EXPECT_TRUE(controller.allShown());
    controller.voteRow(-1);
    controller.voteRow(4);
    controller.vote(CompareController::C);
    EXPECT_TRUE(controller.judging()) << "no such choice";
    controller.vote(CompareController::AllBad);
    EXPECT_FALSE(controller.judging());
}

TEST_F(CompareTest, WhatAModelThoughtIsFoldedAndNotPartOfTheAnswer) {
    engine.script(protocol::kAsk,
                  FakeAnswer{.events = {{"answer", answered("Hello", {"<think>\nThe user greets.\n</think>\n\nGood "
                                                                      "morning to you.",
                                                                      "<think>\nThe user is here.\n</think>\n\nGood "
                                                                      "evening to you."})}}});
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    ASSERT_TRUE(controller.judging());
    EXPECT_EQ(wordsOf(controller.shown()[0]).size(), wordsOf(controller.shown()[1]).size());
    EXPECT_FALSE(controller.shown()[0].contains("think"));
    controller.showAll();
    EXPECT_TRUE(controller.shown()[0].startsWith("Good ")) << qPrintable(controller.shown()[0]);
    EXPECT_TRUE(controller.thoughts(0).startsWith("The user ")) << qPrintable(controller.thoughts(0));
    EXPECT_NE(controller.thoughts(0), controller.thoughts(1));
    controller.vote(CompareController::NoDifference);
    ASSERT_EQ(controller.rounds()->count(), 1);
    const AnswerPair pair = controller.rounds()->list().first().pairs.first();
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
        const bool originalIsA = controller.shown()[0].contains("Monday");
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
    EXPECT_EQ(controller.voteResults()[0].original, 100) << "every vote went to the model that wrote the answer";
    EXPECT_TRUE(controller.voteResults()[0].headline.startsWith("You prefer SmolLM2"))
        << qPrintable(controller.voteResults()[0].headline);
    file.remove();
}

TEST_F(CompareTest, TheSameAnswersNeedNoVote) {
    engine.script(protocol::kAsk, [](const QJsonObject& params) {
        QJsonArray answers;
        for (const QJsonValue& prompt : params["prompts"].toArray())
            answers.append(answered(prompt.toString(), {"Yes.", "Yes."}));
        return FakeAnswer{.result = {{"answers", answers}}};
    });
    chooseBoth();
    controller.askOfficeTasks();
    ASSERT_TRUE(settled());
    EXPECT_FALSE(controller.judging());
    EXPECT_EQ(controller.rounds()->count(), 10) << "ten office tasks come with Nibble";
    EXPECT_EQ(controller.voteResults()[0].noDifference, 10);
    EXPECT_EQ(controller.voteResults()[0].headline, "You could not tell them apart.");
}

TEST_F(CompareTest, AnswersThatCameBeforeACrashStayAndTheRestIsAskedAgain) {
    const auto answer = [](const QString& prompt) { return answered(prompt, {"Yes.", "No."}); };
    FakeAnswer half{.events = {{"answer", answer("One")}}, .held = true};
    engine.script(protocol::kAsk, half);
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
    engine.script(protocol::kAsk, FakeAnswer{.result = {{"answers", QJsonArray{answer("Two")}}}});
    controller.tryAgain();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.question(), "Two");
    int asked = 0;
    for (const auto& call : engine.calls()) {
        if (call.verb != protocol::kAsk) continue;
        EXPECT_EQ(call.params["prompts"].toArray().size(), asked++ == 0 ? 2 : 1) << "only what has no answer yet";
    }
    EXPECT_EQ(asked, 2);
    file.remove();
}

TEST_F(CompareTest, OtherVocabulariesAreNoFailure) {
    engine.script(protocol::kCompare, FakeAnswer{.error = EngineError{"bad-request", "No shared vocabulary.", "", ""}});
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.figuresOf(kSmaller).problem, "No shared vocabulary.");
    EXPECT_TRUE(controller.judging());
    EXPECT_TRUE(controller.measured()) << "there is nothing left to try";
    controller.chooseSmaller(kThird);
    controller.measure(); // asked for, so it is one
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
}

TEST_F(CompareTest, AnotherModelForgetsTheOldNumbers) {
    chooseBoth();
    controller.measure();
    EXPECT_TRUE(controller.measuring());
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.figures().size(), 1);
    controller.chooseSmaller(kFolder + "SmolLM2-135M-Instruct-Q8_0.gguf");
    EXPECT_TRUE(controller.figures().isEmpty());
    EXPECT_EQ(controller.rounds()->count(), 0);
}

TEST_F(CompareTest, CancelIsNoErrorAndAFailureCanBeTriedAgain) {
    chooseBoth();
    controller.measure();
    controller.cancel();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_TRUE(controller.error().message.isEmpty());

    engine.script(protocol::kAsk, FakeAnswer{.error = EngineError{"no-memory", "Too little memory.", "", ""}});
    controller.ask("Hello");
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
    EXPECT_EQ(controller.error().message, "Too little memory.");
    scriptDemo(engine);
    controller.tryAgain();
    ASSERT_TRUE(settled());
    EXPECT_TRUE(controller.judging());
}

TEST_F(CompareTest, AThirdModelIsAddedAndTakenAway) {
    chooseBoth();
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    judge(controller, CompareController::A);
    EXPECT_FALSE(controller.withThird());
    controller.addThird();
    EXPECT_TRUE(controller.withThird());
    EXPECT_EQ(controller.rounds()->count(), 1) << "nothing is chosen yet";
    controller.chooseThird(kSmaller);
    EXPECT_FALSE(controller.canStart()) << "one is there twice";
    controller.chooseThird(kThird);
    EXPECT_TRUE(controller.canStart());
    EXPECT_EQ(controller.rounds()->count(), 0) << "these three were asked nothing";
    EXPECT_EQ(controller.figures().size(), 1) << "the numbers of the first two stay";
    controller.ask("Hello");
    QSignalSpy paces(&controller, &CompareController::paceChanged);
    ASSERT_TRUE(waitFor([&] { return paces.count() >= 4; }));
    ASSERT_EQ(controller.sides(), 3);
    for (const QString& text : controller.shown())
        EXPECT_EQ(wordsOf(text).size(), wordsOf(controller.shown()[0]).size()) << "equal pace";
    EXPECT_FALSE(controller.allShown());
    ASSERT_TRUE(settled());
    EXPECT_EQ(engine.count(protocol::kCompare), 2) << "once for each model beside the original";
    EXPECT_EQ(controller.figures().size(), 2);
    EXPECT_EQ(controller.choices(),
              (QStringList{"A is best", "B is best", "C is best", "No difference", "All are bad"}));
    judge(controller, CompareController::C);
    ASSERT_EQ(controller.rounds()->count(), 1);
    EXPECT_EQ(controller.rounds()->list()[0].preferred, controller.rounds()->list()[0].places[2]);
    const QStringList facts = controller.rounds()->index(0, 0).data(RoundList::FactsRole).toStringList();
    ASSERT_EQ(facts.size(), 3);
    for (const QString& fact : facts) EXPECT_TRUE(fact.contains("MB")) << qPrintable(fact);
    controller.removeThird();
    EXPECT_FALSE(controller.withThird());
    ASSERT_EQ(controller.rounds()->count(), 1);
    EXPECT_EQ(controller.rounds()->list()[0].models(), 2) << "what the first two were asked";
    controller.addThird();
    controller.chooseThird(kThird);
    EXPECT_EQ(controller.rounds()->list()[0].models(), 3) << "and what the three were";
}

TEST_F(CompareTest, ThreeAreDrawnForEachQuestionAndEachPairHasItsResult) {
    engine.script(protocol::kAsk, [](const QJsonObject& params) {
        EXPECT_EQ(params["models"].toArray(), (QJsonArray{kOriginal, kSmaller, kThird}));
        QJsonArray answers;
        for (const QJsonValue& prompt : params["prompts"].toArray())
            answers.append(
                answered(prompt.toString(), {"It is Monday today.", "It is Tuesday today.", "It is Friday."}));
        return FakeAnswer{.result = {{"answers", answers}}};
    });
    chooseBoth();
    controller.chooseThird(kThird);
    for (int batch = 0; batch < 9; ++batch) {
        controller.askOfficeTasks();
        ASSERT_TRUE(settled());
        for (int i = 0; controller.judging(); ++i) {
            controller.showAll();
            const QStringList shown = controller.shown();
            ASSERT_EQ(shown.size(), 3);
            EXPECT_EQ(controller.markedToJudge(0, "red"), "") << "the first is what the others are marked against";
            for (const int place : {1, 2}) EXPECT_TRUE(controller.markedToJudge(place, "red").contains("≠"));
            // Eight of ten times the smaller one, once the third, once none.
            const QString best = i == 0 ? "It is Friday." : "It is Tuesday today.";
            controller.vote(i == 1 ? int(CompareController::NoDifference) : int(shown.indexOf(best)));
        }
    }
    ASSERT_EQ(controller.rounds()->count(), 90);
    int places[3][3] = {};
    for (const CompareRound& round : controller.rounds()->list())
        for (int place = 0; place < 3; ++place) ++places[round.places[place]][place];
    for (const auto& model : places)
        for (const int times : model) EXPECT_TRUE(times > 8 && times < 52) << times; // 30 expected, within five sigma
    const QList<VoteResult>& results = controller.voteResults();
    ASSERT_EQ(results.size(), 2);
    EXPECT_EQ(results[0].smaller, 72);
    EXPECT_EQ(results[0].another, 9);
    EXPECT_EQ(results[0].noDifference, 9);
    EXPECT_TRUE(results[0].title.startsWith("SmolLM2 135M Instruct  ·  Q4_K_M beside")) << qPrintable(results[0].title);
    EXPECT_TRUE(results[0].headline.startsWith("You prefer SmolLM2 135M Instruct  ·  Q4_K_M"));
    EXPECT_TRUE(results[0].detail.contains("between 95 and 100 %")) << qPrintable(results[0].detail);
    EXPECT_EQ(results[1].smaller, 9);
    EXPECT_EQ(results[1].original, 0);
    EXPECT_EQ(results[1].another, 72) << "says nothing about the third and the original";
    const CompareRound& round = controller.rounds()->list()[0];
    EXPECT_EQ(round.marked(0, "red"), "") << "three are marked against the original";
    EXPECT_TRUE(round.marked(2, "red").contains("Friday.")) << qPrintable(round.marked(2, "red"));
    EXPECT_TRUE(
        differenceInWords(round).contains("Qwen3 4B  ·  BF16: The first 2 words are the same. First difference: "
                                          "“Friday.”, and “Monday” in the original."))
        << qPrintable(differenceInWords(round));
    const QString saved = roundsAsMarkdown(controller.rounds()->list(), results);
    EXPECT_TRUE(saved.contains("> It is Friday.") && saved.contains(results[1].title)) << qPrintable(saved.left(2000));
    const QJsonObject json = QJsonDocument::fromJson(roundsAsJson(controller.rounds()->list(), results)).object();
    EXPECT_EQ(json["votes"].toArray().size(), 2);
    EXPECT_EQ(json["rounds"].toArray()[0].toObject()["pairs"].toArray().size(), 2);
}

TEST_F(CompareTest, OneOfThreeWithAnotherVocabularyLeavesTheOthersNumbers) {
    const auto scripted = [](const QJsonObject& params) {
        if (params["smaller"] == kSmaller)
            return FakeAnswer{.error = EngineError{"bad-request", "No shared vocabulary.", "", ""}};
        return FakeAnswer{.result = {{"sentence", "Very close."}}};
    };
    engine.script(protocol::kCompare, scripted);
    chooseBoth();
    controller.chooseThird(kThird);
    controller.ask("Hello");
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.figuresOf(kSmaller).problem, "No shared vocabulary.");
    EXPECT_EQ(controller.figuresOf(kThird).figures.sentence, "Very close.");
    EXPECT_TRUE(controller.measured());
}

TEST(VoteResult, WhoeverWroteTheSameSharesTheVote) {
    CompareRound round;
    round.pairs = {AnswerPair::of("One.", "Two."), AnswerPair::of("One.", "Two.")};
    round.vote = Vote::Preferred;
    round.preferred = 1;
    VoteResult third;
    third.count(round, 2);
    EXPECT_EQ(third.smaller, 1) << "model 2 wrote what was preferred, too";
    round.pairs[1] = AnswerPair::of("One.", "One.");
    round.preferred = 0;
    third.count(round, 2);
    EXPECT_EQ(third.noDifference, 1);
    VoteResult smaller;
    smaller.count(round, 1);
    EXPECT_EQ(smaller.original, 1);
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
    EXPECT_EQ(controller.voteResults()[0].votes(), 0) << "not judged blind, so it does not count";
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

/// Asks and judges with the key of "No difference".
void judgeBlind(const QString& third, Qt::Key noDifference) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->requestActivate();
    demo.app->go("compare", {{"original", kOriginal}, {"smaller", kSmaller}, {"third", third}, {"ask", "Hello"}});
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
    EXPECT_EQ(all.contains("Answer C"), !third.isEmpty());
    EXPECT_TRUE(all.contains("Answer A") && all.contains("Monday") && all.contains("Tuesday"));
    for (const char* secret : {"SmolLM2", "Qwen", "Q4_K_M", "BF16", "riginal", "maller", "second", "GB", "MB"})
        EXPECT_FALSE(all.contains(secret)) << secret << " in: " << qPrintable(all);
    EXPECT_EQ(takeWarnings(), QStringList());

    QTest::keyClick(demo.window, noDifference);
    EXPECT_FALSE(controller->judging());
    ASSERT_EQ(controller->rounds()->count(), 1);
    EXPECT_EQ(controller->rounds()->list()[0].vote, Vote::NoDifference);
}

TEST(CompareWindow, JudgingTwoIsBlindAndByKeyboard) { judgeBlind({}, Qt::Key_3); }

TEST(CompareWindow, JudgingThreeIsBlindAndByKeyboard) { judgeBlind(kThird, Qt::Key_4); }

TEST(CompareWindow, TheThirdModelIsOneButtonAway) {
    QSettings().clear();
    DemoWindow demo;
    demo.window->requestActivate();
    demo.app->go("compare", {{"original", kOriginal}, {"smaller", kSmaller}});
    auto* controller = demo.page()->property("controller").value<CompareController*>();
    ASSERT_TRUE(controller);
    const auto press = [&](const QString& name) {
        visit(demo.window->contentItem(), [&](QQuickItem* item) {
            if (item->property("text").toString() != name || !item->property("down").isValid()) return;
            item->forceActiveFocus();
            QTest::keyClick(demo.window, Qt::Key_Return);
        });
        demo.settle();
    };
    press("Add a third model");
    EXPECT_TRUE(controller->withThird());
    EXPECT_EQ(demo.window->activeFocusItem()->property("name").toString(), "Third model");
    controller->chooseThird(kThird);
    press("Compare without a third model");
    EXPECT_FALSE(controller->withThird());
    EXPECT_TRUE(controller->canStart());
    EXPECT_EQ(demo.window->activeFocusItem()->property("text").toString(), "Add a third model");
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST(CompareStore, KeepsEveryVoteOnDisk) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("compare.sqlite");
    CompareRound round;
    round.pairs = {AnswerPair::fromJson({{"prompt", "Hello"},
                                         {"original", "Good morning"},
                                         {"smaller", "Good evening"},
                                         {"sameWords", 1},
                                         {"originalChance", 0.6},
                                         {"smallerChance", 0.4}}),
                   AnswerPair::fromJson({{"prompt", "Hello"}, {"original", "Good morning"}, {"smaller", "Hi"}})};
    round.names = QStringList{"A model", "Another", "A third"};
    round.blind = true;
    round.places = {2, 0, 1};
    const QStringList three{"/a", "/\"b\u00e9", "/c"};
    {
        CompareStore store(path);
        store.add(three, round);
        EXPECT_EQ(round.batch, round.id);
        round.vote = Vote::Preferred;
        round.preferred = 2;
        store.update(round);
    }
    CompareStore store(path); // as after a crash: nothing was closed on purpose
    EXPECT_EQ(store.rounds({"/b", "/a"}).size(), 0);
    EXPECT_EQ(store.rounds(three.mid(0, 2)).size(), 0) << "other models";
    const QList<CompareRound> rounds = store.rounds(three);
    ASSERT_EQ(rounds.size(), 1);
    EXPECT_EQ(rounds[0].vote, Vote::Preferred);
    EXPECT_EQ(rounds[0].preferred, 2);
    EXPECT_TRUE(rounds[0].blind);
    EXPECT_EQ(rounds[0].places, (QList<int>{2, 0, 1}));
    EXPECT_EQ(rounds[0].names, round.names);
    EXPECT_EQ(rounds[0].said(2), "Hi");
    const AnswerPair& pair = rounds[0].pairs[0];
    EXPECT_EQ(pair.smaller, "Good evening");
    EXPECT_EQ(pair.firstChange(true), "morning");
    EXPECT_TRUE(pair.chanceSentence().contains("60 %")) << qPrintable(pair.chanceSentence());
    EXPECT_TRUE(pair.chanceSentence().contains("coin toss"));
}

TEST(CompareStore, VotesOfAnOlderNibbleAreKept) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("compare.sqlite");
    {
        Database old(
            path,
            {{QStringLiteral("CREATE TABLE round (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, asked INTEGER NOT "
                             "NULL, original TEXT NOT NULL, smaller TEXT NOT NULL, original_name TEXT NOT NULL, "
                             "smaller_name TEXT NOT NULL, answers TEXT NOT NULL, blind INTEGER NOT NULL, "
                             "original_is_a INTEGER NOT NULL, vote INTEGER NOT NULL)"),
              QStringLiteral("CREATE INDEX round_of ON round (original, smaller, id)")}});
        for (int vote = 0; vote <= 4; ++vote)
            ASSERT_TRUE(
                old.run("INSERT INTO round (batch, asked, original, smaller, original_name, smaller_name, "
                        "answers, blind, original_is_a, vote) VALUES (7, 5000, ?, '/b', 'Big', 'Small', ?, 1, "
                        "?, ?)",
                        {QString("/a \"\u00e9\""), R"({"prompt":"Hi","original":"x","smaller":"y"})", vote % 2, vote}))
                << qPrintable(old.problem());
    }
    CompareStore store(path);
    EXPECT_EQ(store.problem(), "");
    const QList<CompareRound> rounds = store.rounds({"/a \"\u00e9\"", "/b"});
    ASSERT_EQ(rounds.size(), 5);
    EXPECT_EQ(rounds[0].prompt(), "Hi");
    EXPECT_EQ(rounds[0].batch, 7);
    EXPECT_EQ(rounds[0].names, (QStringList{"Big", "Small"}));
    EXPECT_EQ(rounds[0].places, (QList<int>{1, 0}));
    EXPECT_EQ(rounds[1].places, (QList<int>{0, 1}));
    EXPECT_EQ(rounds[0].vote, Vote::None);
    EXPECT_TRUE(rounds[1].vote == Vote::Preferred && rounds[1].preferred == 0);
    EXPECT_TRUE(rounds[2].vote == Vote::Preferred && rounds[2].preferred == 1);
    EXPECT_EQ(rounds[3].vote, Vote::NoDifference);
    EXPECT_EQ(rounds[4].vote, Vote::AllBad);
}

TEST(CompareStore, AFileOfANewerNibbleIsLeftAlone) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("compare.sqlite");
    { Database(path, {{}, {}, {}, {}}); }
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
        VoteResult result{.original = original, .smaller = smaller, .noDifference = none, .allBad = bad};
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
