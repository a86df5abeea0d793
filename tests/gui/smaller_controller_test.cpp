#include "smaller/smaller_controller.h"
#include "support.h"

#include <QJsonArray>
#include <QSettings>
#include <QTemporaryDir>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;
using Step = SmallerController::Step;

const QString kFolder = "/home/you/.local/share/Nibble/models/";
const QString kOriginal = kFolder + "SmolLM2-135M-Instruct";
const QString kQuantized = kFolder + "SmolLM2-135M-Instruct-Q4_K_M.gguf";

struct SmallerTest : testing::Test {
    SmallerTest() {
        QSettings().clear();
        scriptDemo(engine);
        library.emplace(&engine);
        controller.setEngine(&engine);
        controller.setLibrary(&*library);
        unfinished.emplace(engine, *library);
        controller.setUnfinished(&*unfinished);
        EXPECT_TRUE(settled());
    }
    bool settled() {
        return waitFor([this] { return engine.pending() == 0; });
    }
    void choose(const QString& path) {
        controller.choose(path);
        ASSERT_TRUE(settled());
    }
    QJsonObject lastParams(const QString& verb) {
        QJsonObject params;
        for (const auto& call : engine.calls()) {
            if (call.verb == verb) params = call.params;
        }
        return params;
    }
    FakeEngine engine;
    /// As the engine lists what a killed job left.
    void leave(const QString& source, const QString& recipe, bool plain = true) {
        const QJsonObject job{{"output", source + '-' + recipe + ".gguf"},
                              {"source", source},
                              {"recipe", recipe},
                              {"plain", plain},
                              {"care", "better"},
                              {"sampleText", "/home/you/letters.txt"},
                              {"tensors", 272},
                              {"finishedTensors", 120}};
        engine.script(protocol::kUnfinished, FakeAnswer{.result = {{"jobs", QJsonArray{job}}}});
        unfinished->look();
        ASSERT_TRUE(settled());
    }
    UnfinishedJob firstUnfinished() const { return unfinished->jobs().value(0).value<UnfinishedJob>(); }
    std::optional<Library> library;
    std::optional<UnfinishedJobs> unfinished;
    SmallerController controller;
};

TEST_F(SmallerTest, ShowsEveryStopBeforeAnythingStarts) {
    EXPECT_EQ(controller.state(), State::Empty);
    choose(kOriginal);
    EXPECT_EQ(controller.state(), State::Ready);
    ASSERT_EQ(controller.stops()->rowCount(), 5);
    for (const Stop& stop : controller.stops()->stops()) {
        EXPECT_FALSE(stop.size.isEmpty());
        EXPECT_FALSE(stop.memory.isEmpty());
        EXPECT_EQ(stop.fitTone, "good");
        EXPECT_TRUE(stop.usable);
    }
    EXPECT_EQ(controller.stop().recipe, "Q4_K_M") << "the recommended stop";
    EXPECT_EQ(controller.output(), kOriginal + "-Q4_K_M.gguf");
    EXPECT_TRUE(controller.canStart());
    EXPECT_EQ(engine.count(protocol::kQuantize), 0);
}

QJsonObject previewOf(const QString& recipe, double same) {
    const QJsonObject quick{{"expected", 70}, {"low", 30}, {"high", 150}},
        careful{{"expected", 700}, {"low", 300}, {"high", 1500}};
    const QJsonObject seconds{{"quick", quick}, {"better", quick}, {"careful", careful}};
    return {{"stops", QJsonArray{QJsonObject{
                          {"recipe", recipe},
                          {"agreement", QJsonObject{{"expected", same}, {"low", same - 0.1}, {"high", same + 0.05}}},
                          {"seconds", seconds},
                          {"drift", 47},
                          {"verdict", "close"},
                          {"recommended", true}}}},
            {"tokens", 128},
            {"roundedShare", 0.25}};
}

TEST_F(SmallerTest, PredictsUnaskedWhatEachStopCostsASmallModel) {
    choose(kOriginal);
    ASSERT_EQ(controller.preview()->state(), StopPreview::State::Known);
    for (const Stop& stop : controller.stops()->stops()) {
        EXPECT_TRUE(stop.words.endsWith("of 100 words")) << qPrintable(stop.words);
        EXPECT_FALSE(stop.making.isEmpty());
        EXPECT_TRUE(stop.spoken().contains(stop.wordsRange)) << qPrintable(stop.spoken());
        EXPECT_TRUE(stop.spoken().contains("of memory"));
        EXPECT_EQ(stop.recommended, stop.bits == 4);
    }
    EXPECT_EQ(controller.stop().words, "92 of 100 words");
    EXPECT_EQ(controller.stop().wordsRange, "between 87 and 95");
    EXPECT_EQ(controller.stop().label, "Close") << "what this model will be, not what models usually are";
    EXPECT_TRUE(controller.preview()->text().contains("256 words")) << qPrintable(controller.preview()->text());
}

TEST_F(SmallerTest, SaysWhatMemoryMakingTakesWithTheCareThatIsChosen) {
    choose(kOriginal);
    EXPECT_EQ(controller.property("makingMemory"), "95 MB");
    controller.setCare(2);
    EXPECT_EQ(controller.property("makingMemory"), "") << "that of the care before is none of this one";
    controller.setCare(1);
    controller.setCare(2);
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.property("makingMemory"), "507 MB");
    EXPECT_EQ(lastParams(protocol::kPlan)["recipe"], controller.stop().recipe);
    EXPECT_EQ(lastParams(protocol::kPlan)["care"], "careful");
    const int asked = engine.count(protocol::kPlan);
    controller.setCurrentStop(controller.currentStop() - 1);
    ASSERT_TRUE(settled());
    EXPECT_EQ(engine.count(protocol::kPlan), asked + 1);
    EXPECT_EQ(lastParams(protocol::kPlan)["recipe"], controller.stop().recipe);
}

TEST_F(SmallerTest, APageMadeAnewKnowsWhatWasPredicted) { // as after a change of the language
    choose(kOriginal);
    ASSERT_EQ(engine.count(protocol::kPreview), 1);
    SmallerController again;
    again.setEngine(&engine);
    again.setLibrary(&*library);
    again.choose(kOriginal);
    ASSERT_TRUE(waitFor([&] { return again.preview()->state() == StopPreview::State::Known; }));
    EXPECT_EQ(again.stop().words, controller.stop().words);
    EXPECT_EQ(engine.count(protocol::kPreview), 1);
}

TEST_F(SmallerTest, APredictionIsAskedForWhereItTakesMinutes) {
    const QString large = kFolder + "Qwen3-4B";
    engine.script(protocol::kPreview, FakeAnswer{.result = previewOf("Q6_K", 0.81)});
    choose(large);
    EXPECT_EQ(engine.count(protocol::kPreview), 0);
    EXPECT_TRUE(controller.stop().words.isEmpty());
    EXPECT_EQ(controller.stop().bits, 4);
    controller.predict();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.stop().bits, 6) << "what is recommended for this model";
    EXPECT_EQ(controller.stop().words, "81 of 100 words");
    EXPECT_EQ(controller.stop().makingRange, "30 seconds to 3 minutes");
    controller.setCare(2);
    EXPECT_EQ(controller.stop().makingRange, "5 minutes to 25 minutes") << "more care takes longer";
    controller.setCare(0);
    EXPECT_EQ(controller.stop().makingRange, "30 seconds to 3 minutes");
    EXPECT_TRUE(controller.preview()->text().contains("25 % of the layers"));

    engine.script(protocol::kPreview, FakeAnswer{.result = previewOf("Q4_K_M", 0.9)});
    choose(kOriginal);
    EXPECT_EQ(controller.stop().words, "90 of 100 words");
    choose(large);
    EXPECT_EQ(controller.stop().words, "81 of 100 words") << "kept while the window is open";
    EXPECT_EQ(engine.count(protocol::kPreview), 2) << "once for each model";
}

TEST_F(SmallerTest, TheUsersChoiceStaysWhenThePredictionComes) {
    engine.script(protocol::kPreview, FakeAnswer{.result = previewOf("Q6_K", 0.8)});
    controller.setShown(false);
    choose(kOriginal);
    controller.setCurrentStop(0);
    controller.setShown(true);
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Known);
    EXPECT_EQ(controller.stop().bits, 8);
}

TEST_F(SmallerTest, APredictionNeverHoldsUpTheWork) {
    FakeAnswer held{.result = previewOf("Q4_K_M", 0.9), .held = true};
    held.events.append({"progress", QJsonObject{{"stage", "x"}, {"fraction", 0.5}, {"secondsLeft", 20}}});
    engine.script(protocol::kPreview, held);
    controller.choose(kOriginal);
    ASSERT_TRUE(waitFor([this] { return controller.preview()->progress() > 0; }));
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Asking);
    EXPECT_TRUE(controller.preview()->text().contains("left")) << qPrintable(controller.preview()->text());
    EXPECT_TRUE(controller.canStart());
    controller.setShown(false);
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Unknown) << "another page may need the engine";
    controller.setShown(true);
    EXPECT_EQ(engine.count(protocol::kPreview), 2);
    controller.start();
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Unknown);
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    controller.again();
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Asking) << "now there is time for it";
    controller.preview()->cancel();
    EXPECT_TRUE(controller.preview()->text().isEmpty()) << "what the user wanted is no error";
    controller.predict();
    controller.choose(kQuantized);
    engine.release(protocol::kPreview);
    ASSERT_TRUE(settled());
    EXPECT_TRUE(controller.stop().words.isEmpty()) << "of another model";
}

TEST_F(SmallerTest, APredictionThatFailsIsNoObstacle) {
    engine.script(protocol::kPreview, FakeAnswer{.error = EngineError{"no-memory", "Too little memory.", {}, "Wait."}});
    choose(kOriginal);
    EXPECT_TRUE(controller.preview()->text().endsWith("Too little memory. Wait."));
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.stop().bits, 4);
    EXPECT_TRUE(controller.canStart());
    engine.script(protocol::kPreview, FakeAnswer{.result = previewOf("Q4_K_M", 0.9)});
    controller.predict();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Known);
}

TEST_F(SmallerTest, AQuantizedModelIsTriedAfterTheExplicitYes) {
    choose(kQuantized);
    EXPECT_EQ(engine.count(protocol::kPreview), 0);
    controller.setConsent(true);
    ASSERT_TRUE(settled());
    EXPECT_EQ(lastParams(protocol::kPreview)["allowRequantize"], true);
    EXPECT_EQ(controller.preview()->state(), StopPreview::State::Known);
}

TEST_F(SmallerTest, MakesChecksAndReports) {
    choose(kOriginal);
    controller.setCurrentStop(0);
    controller.start();
    EXPECT_EQ(controller.state(), State::Busy);
    EXPECT_EQ(controller.step(), Step::Making);
    ASSERT_TRUE(waitFor([this] { return controller.progress() > 0; }));
    EXPECT_TRUE(controller.progressText().contains("left")) << qPrintable(controller.progressText());
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(lastParams(protocol::kQuantize)["recipe"], "Q8_0");
    EXPECT_EQ(lastParams(protocol::kQuantize)["allowRequantize"], false);
    EXPECT_EQ(lastParams(protocol::kQuantize)["care"], "quick");
    EXPECT_EQ(lastParams(protocol::kCompare)["original"], kOriginal);
    EXPECT_EQ(lastParams(protocol::kCompare)["smaller"], kOriginal + "-Q8_0.gguf");
    EXPECT_EQ(controller.check().tone, "good");
    EXPECT_EQ(controller.check().agreementText, "98.5 %");
    EXPECT_TRUE(controller.check().sentence.contains("next words match"));
    EXPECT_GE(engine.count(protocol::kModels), 2) << "the library shows the new file";
}

TEST_F(SmallerTest, ShowsTheEvidenceAndKeepsItInTheFile) {
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    const CheckResult check = controller.check();
    ASSERT_EQ(check.moments.size(), 5);
    const auto first = check.moments[0].value<Moment>();
    EXPECT_TRUE(first.changed);
    EXPECT_TRUE(first.context.contains("repaired the"));
    EXPECT_EQ(first.smaller, QString("roof (38\u00a0%)"));
    EXPECT_TRUE(first.spoken.contains("another word: roof"));
    EXPECT_FALSE(check.moments[3].value<Moment>().changed) << "the same word, less sure";
    ASSERT_EQ(check.driftBars.size(), 32);
    QStringList marks;
    for (const QVariant& bar : check.driftBars) {
        const auto value = bar.value<DriftBar>();
        EXPECT_GE(value.height, 0);
        EXPECT_LE(value.height, 1);
        EXPECT_FALSE(value.figures.isEmpty());
        marks += value.marks.split('\n', Qt::SkipEmptyParts);
    }
    marks.sort();
    EXPECT_EQ(marks, QStringList({"1", "2", "3", "4", "5"})) << "every moment lies in one bar";
    EXPECT_TRUE(check.driftSummary.contains("highest at"));
    EXPECT_EQ(lastParams(protocol::kPassport)["model"], controller.madePath());
    EXPECT_EQ(lastParams(protocol::kPassport)["original"], kOriginal);
    EXPECT_FALSE(lastParams(protocol::kPassport)["report"].toObject().isEmpty());
    EXPECT_TRUE(controller.kept().contains("passport")) << qPrintable(controller.kept());
}

TEST_F(SmallerTest, SavesTheReportWhereTheUserSays) {
    controller.saveReport(QUrl::fromLocalFile("/tmp/none.html"));
    EXPECT_EQ(engine.count(protocol::kReport), 0) << "there is none yet";
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    controller.saveReport(QUrl::fromLocalFile("/home/you/evidence.json"));
    ASSERT_TRUE(settled());
    EXPECT_EQ(lastParams(protocol::kReport)["output"], "/home/you/evidence.json");
    EXPECT_EQ(lastParams(protocol::kReport)["overwrite"], true);
    EXPECT_TRUE(controller.kept().contains("saved as /home/you/evidence.json"));
    engine.script(protocol::kReport, FakeAnswer{.error = EngineError{"no-space", "The disk is full.", {}, {}}});
    controller.saveReport(QUrl::fromLocalFile("/home/you/evidence"));
    ASSERT_TRUE(settled());
    EXPECT_EQ(lastParams(protocol::kReport)["output"], "/home/you/evidence.html");
    EXPECT_EQ(lastParams(protocol::kReport)["overwrite"], false) << "the dialog asked about another name";
    EXPECT_TRUE(controller.kept().contains("disk is full"));
}

TEST_F(SmallerTest, WithoutAPassportTheResultIsTheSame) {
    engine.script(protocol::kPassport, FakeAnswer{.error = EngineError{"no-space", "The disk is full.", {}, {}}});
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_TRUE(controller.checkError().message.isEmpty());
    EXPECT_TRUE(controller.kept().contains("disk is full"));
}

TEST_F(SmallerTest, CancelGoesBackToChoosing) {
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.progress() > 0; }));
    controller.cancel();
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(controller.step(), Step::Choose);
    EXPECT_TRUE(controller.error().message.isEmpty()) << "what the user wanted is no error";
}

TEST_F(SmallerTest, SkippingTheCheckKeepsTheModel) {
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Checking; }));
    controller.cancel();
    EXPECT_EQ(controller.step(), Step::Done);
    EXPECT_TRUE(controller.checkError().message.contains("complete"));
    controller.checkAgain();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_FALSE(controller.check().sentence.isEmpty());
}

TEST_F(SmallerTest, AQuantizedModelNeedsTheExplicitYes) {
    choose(kQuantized);
    EXPECT_TRUE(controller.needsConsent());
    EXPECT_FALSE(controller.canStart());
    controller.start();
    EXPECT_EQ(engine.count(protocol::kQuantize), 0);
    controller.setConsent(true);
    controller.setProperty("care", 2);
    EXPECT_TRUE(controller.canStart());
    controller.start(); // three bits: warns
    controller.start();
    EXPECT_EQ(lastParams(protocol::kQuantize)["allowRequantize"], true);
    EXPECT_EQ(lastParams(protocol::kQuantize)["care"], "careful");
    EXPECT_TRUE(lastParams(protocol::kQuantize)["output"].toString().endsWith("SmolLM2-135M-Instruct-Q3_K_M.gguf"))
        << "the old technical name is not kept in the new name";
}

TEST_F(SmallerTest, ThreeBitsNeedASecondYesThatSaysWhy) {
    choose(kOriginal);
    controller.setCurrentStop(3);
    controller.start();
    EXPECT_EQ(controller.warning(), "") << "four bits need none";
    EXPECT_EQ(engine.count(protocol::kQuantize), 1);
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    controller.again();
    ASSERT_TRUE(settled());

    controller.setCurrentStop(4);
    controller.start();
    EXPECT_EQ(engine.count(protocol::kQuantize), 1) << "begun without a second yes";
    EXPECT_TRUE(controller.warning().contains("84 of 100 words")) << qPrintable(controller.warning());
    EXPECT_TRUE(controller.warning().contains("4 bits fit this computer, too")) << qPrintable(controller.warning());
    controller.setCurrentStop(0);
    EXPECT_EQ(controller.warning(), "");
    controller.setCurrentStop(4);
    controller.start();
    controller.start();
    EXPECT_EQ(engine.count(protocol::kQuantize), 2);
    EXPECT_EQ(lastParams(protocol::kQuantize)["recipe"], "Q3_K_M");
}

TEST_F(SmallerTest, StopsThatGainNothingCannotBeChosen) {
    choose(kQuantized);
    for (const Stop& stop : controller.stops()->stops()) EXPECT_EQ(stop.usable, stop.bits < 4) << stop.bits;
}

TEST_F(SmallerTest, ARefusalOfTheEngineIsShownWithItsReason) {
    engine.script(protocol::kQuantize,
                  FakeAnswer{.error = EngineError{"no-space", "The disk is full.", "ENOSPC", "Free 82 MB."}});
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(settled());
    EXPECT_EQ(controller.state(), State::Failed);
    EXPECT_EQ(controller.error().whatToDo, "Free 82 MB.");
    EXPECT_TRUE(controller.canStart()) << "trying again is possible";
}

TEST_F(SmallerTest, ACrashDuringTheJobIsNoEndOfTheWorld) {
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.progress() > 0; }));
    engine.crash(Lane::Work);
    EXPECT_EQ(controller.state(), State::Failed);
    EXPECT_EQ(controller.error().kind, "engine-stopped");
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
}

TEST_F(SmallerTest, AKilledJobGoesOnWhereItWas) {
    leave(kOriginal, "Q5_K_M");
    ASSERT_EQ(unfinished->jobs().size(), 1);
    const UnfinishedJob job = firstUnfinished();
    EXPECT_EQ(job.title, "Making SmolLM2 135M Instruct smaller was interrupted");
    EXPECT_TRUE(job.detail.startsWith("5 bits, 44 % done: 120 of 272 tensors.")) << qPrintable(job.detail);
    choose(kQuantized);
    controller.goOn(job.output);
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Making; }));
    EXPECT_EQ(controller.source().path, kOriginal);
    EXPECT_EQ(controller.stop().bits, 5);
    const QJsonObject params = lastParams(protocol::kQuantize);
    EXPECT_EQ(params["source"], kOriginal);
    EXPECT_EQ(params["output"], job.output);
    EXPECT_EQ(params["recipe"], "Q5_K_M");
    EXPECT_EQ(params["care"], "better");
    EXPECT_EQ(params["sampleText"], "/home/you/letters.txt");
    engine.script(protocol::kUnfinished, FakeAnswer{.result = {{"jobs", QJsonArray()}}});
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_TRUE(unfinished->jobs().isEmpty());
    controller.again();
    controller.start();
    EXPECT_EQ(lastParams(protocol::kQuantize)["sampleText"], "") << "of that job only";
}

TEST_F(SmallerTest, AfterACrashTheJobIsOfferedAgain) {
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.progress() > 0; }));
    engine.crash(Lane::Work);
    leave(kOriginal, "Q4_K_M");
    ASSERT_EQ(unfinished->jobs().size(), 1);
    controller.goOn(firstUnfinished().output);
    EXPECT_EQ(controller.step(), Step::Making) << "at once: the model is known";
    EXPECT_EQ(engine.count(protocol::kQuantize), 2);
}

TEST_F(SmallerTest, AJobThatCannotGoOnSaysWhy) {
    leave(kFolder + "gone.gguf", "Q4_K_M");
    EXPECT_TRUE(firstUnfinished().problem.contains("not there any more"));
    controller.goOn(firstUnfinished().output);
    EXPECT_EQ(controller.state(), State::Empty);
    unfinished->discard(firstUnfinished().output);
    EXPECT_EQ(lastParams(protocol::kDiscard)["output"], kFolder + "gone.gguf-Q4_K_M.gguf");
    leave(kOriginal, "Q4_K_M", false);
    EXPECT_TRUE(unfinished->jobs().isEmpty()) << "only nibble-cli goes on with it";
    leave(kOriginal, "IQ4_XS");
    controller.goOn(firstUnfinished().output);
    ASSERT_TRUE(waitFor([this] { return controller.state() == State::Failed; }));
    EXPECT_TRUE(controller.error().message.contains("nibble-cli")) << "no stop of this window";
}

TEST_F(SmallerTest, UnfinishedJobsAreAlsoFoundWhereTheLastOneWrote) {
    choose(kOriginal);
    controller.saveTo(QUrl::fromLocalFile("/elsewhere/mine.gguf"));
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    unfinished->look();
    ASSERT_TRUE(settled());
    EXPECT_EQ(lastParams(protocol::kUnfinished)["folder"], "/elsewhere");
}

struct LayersTest : SmallerTest {
    /// A smaller model is made and checked.
    LayersTest() {
        choose(kOriginal);
        controller.setCare(1);
        controller.start();
        EXPECT_TRUE(done());
    }
    bool done() {
        return waitFor([this] { return controller.step() == Step::Done; });
    }
    LayerCosts& costs() { return *controller.layers(); }
    void measure() {
        controller.measureLayers();
        ASSERT_TRUE(done());
    }
};

TEST_F(LayersTest, AreMeasuredWhenAskedFor) {
    EXPECT_EQ(engine.count(protocol::kLayers), 0) << "it takes a minute";
    EXPECT_TRUE(costs().bars().isEmpty());
    controller.measureLayers();
    EXPECT_EQ(controller.state(), State::Busy);
    EXPECT_EQ(controller.step(), Step::Measuring);
    ASSERT_TRUE(waitFor([this] { return controller.progress() > 0; }));
    EXPECT_TRUE(controller.progressText().contains("left")) << qPrintable(controller.progressText());
    controller.again();
    EXPECT_EQ(controller.step(), Step::Measuring) << "one job at a time";
    ASSERT_TRUE(done());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(lastParams(protocol::kLayers),
              (QJsonObject{{"original", kOriginal}, {"smaller", kOriginal + "-Q4_K_M.gguf"}}));

    ASSERT_EQ(costs().bars().size(), 31);
    double highest = 0;
    QStringList marks;
    for (const QVariant& value : costs().bars()) {
        const auto bar = value.value<LayerBar>();
        EXPECT_GE(bar.height, 0);
        highest = std::max(highest, bar.height);
        if (!bar.mark.isEmpty()) marks += bar.mark;
        EXPECT_EQ(bar.spoken, bar.name + ": " + bar.figures);
    }
    EXPECT_EQ(highest, 1);
    EXPECT_EQ(marks, QStringList({"10", "18", "29"}));
    EXPECT_EQ(costs().bars()[0].value<LayerBar>().name, "Tables of words");
    EXPECT_EQ(costs().bars()[30].value<LayerBar>().name, "Layer 29");
    EXPECT_TRUE(costs().bars()[30].value<LayerBar>().figures.endsWith("; 2.1 MB, with more bits 2.7 MB"))
        << qPrintable(costs().bars()[30].value<LayerBar>().figures);
    EXPECT_TRUE(costs().sentence().startsWith("More bits help most in layers 29, 18 and 10: "));
    EXPECT_TRUE(costs().sentence().endsWith("They make the file 1.9 MB larger.")) << qPrintable(costs().sentence());
    EXPECT_EQ(costs().offer(), "Give them 1.9 MB more");
    EXPECT_TRUE(costs().basis().contains("1,024 places"));
}

TEST_F(LayersTest, GetMoreInAFileBesideTheOther) {
    controller.giveMore();
    EXPECT_EQ(engine.count(protocol::kQuantize), 1) << "nobody knows yet which";
    measure();
    const QString before = controller.madePath();
    EXPECT_EQ(controller.comparison(), "");
    controller.giveMore();
    EXPECT_EQ(controller.step(), Step::Making);
    EXPECT_TRUE(controller.finer());
    const QJsonObject params = lastParams(protocol::kQuantize);
    EXPECT_EQ(params["source"], kOriginal);
    EXPECT_EQ(params["output"], kOriginal + "-Q4_K_M-finer.gguf");
    EXPECT_EQ(params["formatsOf"], before);
    EXPECT_EQ(params["finerLayers"], (QJsonArray{29, 18, 10}));
    EXPECT_EQ(params["care"], "better") << "as before";
    EXPECT_EQ(params["overwrite"], false);
    ASSERT_TRUE(done());
    EXPECT_EQ(controller.madePath(), kOriginal + "-Q4_K_M-finer.gguf");
    EXPECT_EQ(lastParams(protocol::kCompare)["smaller"], controller.madePath()) << "it is checked, too";
    EXPECT_EQ(lastParams(protocol::kPassport)["model"], controller.madePath());
    EXPECT_EQ(controller.comparison(),
              QString("It loses 14\u00a0% less than the file before. Word agreement 92.4\u00a0% instead "
                      "of 91.7\u00a0%, drift 41 instead of 43, size 84 MB instead of 82 MB. The file "
                      "before is still there."));
    EXPECT_TRUE(costs().bars().isEmpty()) << "those of the new file are not known";

    measure();
    controller.giveMore();
    EXPECT_EQ(lastParams(protocol::kQuantize)["output"], kOriginal + "-Q4_K_M-finer.gguf")
        << "one name, not finer-finer (in this test no file is there)";
    ASSERT_TRUE(done());
    controller.again();
    ASSERT_TRUE(settled());
    controller.start();
    ASSERT_TRUE(done());
    EXPECT_EQ(controller.comparison(), "") << "made from the original";
    EXPECT_FALSE(controller.finer());
}

TEST_F(LayersTest, StoppedOrFailedLoseNothing) {
    const QString sentence = controller.check().sentence;
    engine.script(protocol::kLayers, FakeAnswer{.held = true});
    controller.measureLayers();
    controller.goBack();
    ASSERT_TRUE(done());
    EXPECT_EQ(costs().error().message, "") << "what the user wanted is no error";
    const EngineError error{"no-memory", "Too little memory.", {}, "Close programs."};
    engine.script(protocol::kLayers, FakeAnswer{.error = error});
    measure();
    EXPECT_EQ(costs().error().message, "Too little memory.");
    EXPECT_EQ(controller.state(), State::Ready);
    engine.script(protocol::kLayers, FakeAnswer{.held = true});
    controller.measureLayers();
    EXPECT_EQ(costs().error().message, "");
    engine.crash(Lane::Work);
    ASSERT_TRUE(done());
    EXPECT_EQ(costs().error().kind, "engine-stopped");

    scriptDemo(engine);
    measure();
    const QString offer = costs().offer(), made = controller.madePath(), kept = controller.kept();
    controller.giveMore();
    controller.cancel();
    ASSERT_TRUE(done());
    EXPECT_EQ(costs().error().message, "");
    engine.script(protocol::kQuantize, FakeAnswer{.error = error});
    controller.giveMore();
    ASSERT_TRUE(done());
    EXPECT_EQ(controller.state(), State::Ready);
    EXPECT_EQ(costs().error().message, "Too little memory.");
    EXPECT_EQ(costs().offer(), offer) << "can be tried again";
    EXPECT_EQ(controller.madePath(), made);
    EXPECT_EQ(controller.check().sentence, sentence);
    EXPECT_EQ(controller.kept(), kept);
    EXPECT_EQ(controller.comparison(), "");
}

TEST_F(LayersTest, ThatGainNothingAreSaidAndNotOffered) {
    const QJsonObject layer{{"layer", 0}, {"divergence", -1e-9}, {"bytes", 2e6}, {"finerBytes", 0}};
    engine.script(protocol::kLayers, FakeAnswer{.result = {{"layers", QJsonArray{layer}}, {"tokens", 100}}});
    measure();
    EXPECT_EQ(costs().sentence(), "No layer costs anything that more bits would give back.");
    EXPECT_EQ(costs().offer(), "");
    EXPECT_EQ(costs().bars()[0].value<LayerBar>().height, 0);
    controller.giveMore();
    EXPECT_EQ(engine.count(protocol::kQuantize), 1);
}

TEST_F(LayersTest, AreNamedWithTheTablesOfWords) {
    const auto sentence = [this](const QJsonArray& worthMost) {
        QJsonArray layers;
        for (const int number : {-1, 0, 1, 2})
            layers += QJsonObject{{"layer", number}, {"divergence", 0.25}, {"bytes", 2e6}, {"finerBytes", 5e5}};
        engine.script(protocol::kLayers,
                      FakeAnswer{.result = {{"layers", layers}, {"worthMost", worthMost}, {"worthMostBytes", 5e5}}});
        measure();
        return costs().sentence().section(':', 0, 1).section(" of the loss", 0, 0);
    };
    EXPECT_EQ(sentence({-1}), QString("More bits help most in the tables of words: 25\u00a0%"));
    EXPECT_EQ(costs().offer(), "Give them 500 kB more");
    EXPECT_EQ(sentence({2}), QString("More bits help most in layer 2: 25\u00a0%"));
    EXPECT_EQ(costs().offer(), "Give it 500 kB more");
    EXPECT_EQ(sentence({2, -1}), QString("More bits help most in layer 2, and in the tables of words: 50\u00a0%"));
    EXPECT_EQ(sentence({0, -1, 2}),
              QString("More bits help most in layers 0 and 2, and in the tables of words: 75\u00a0%"));
}

TEST(MadeModel, AFileThatIsNoBetterIsSaidToBe) {
    MadeModel before;
    before.bytes = 82e6;
    before.report = {{"meanDivergence", QJsonObject{{"value", 0.02}}}};
    before.check.basis = "x";
    MadeModel now = before;
    now.bytes = 84e6;
    EXPECT_TRUE(comparedWith(before, now).startsWith("It is no better than the file before"));
    now.check.basis.clear();
    EXPECT_EQ(comparedWith(before, now), "") << "a check that was skipped";
}

TEST_F(SmallerTest, AKilledJobGoesOnWithTheSameFinerLayers) {
    QJsonObject job{{"output", kOriginal + "-Q4_K_M-finer.gguf"},
                    {"source", kOriginal},
                    {"recipe", ""},
                    {"plain", true},
                    {"care", "careful"},
                    {"sampleText", ""},
                    {"formatsOf", kQuantized},
                    {"finerLayers", QJsonArray{29, 18}},
                    {"tensors", 272},
                    {"finishedTensors", 136}};
    const auto leaveIt = [&] {
        engine.script(protocol::kUnfinished, FakeAnswer{.result = {{"jobs", QJsonArray{job}}}});
        unfinished->look();
        ASSERT_TRUE(settled());
    };
    leaveIt();
    EXPECT_TRUE(
        firstUnfinished().detail.startsWith("More bits in some layers of SmolLM2-135M-Instruct-Q4_K_M.gguf, 50 % done"))
        << qPrintable(firstUnfinished().detail);
    EXPECT_EQ(firstUnfinished().problem, "");
    controller.goOn(firstUnfinished().output);
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Making; }));
    const QJsonObject params = lastParams(protocol::kQuantize);
    for (const char* same : {"output", "source", "care", "sampleText", "formatsOf", "finerLayers"})
        EXPECT_EQ(params[same], job[same]) << same;
    EXPECT_TRUE(controller.finer());
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_EQ(controller.comparison(), "") << "the file that it began with was made in another session";

    job["formatsOf"] = "/gone/smaller.gguf";
    leaveIt();
    EXPECT_TRUE(firstUnfinished().problem.contains("/gone/smaller.gguf"));
}

TEST_F(SmallerTest, AFailedCheckLeavesTheResult) {
    engine.script(protocol::kCompare,
                  FakeAnswer{.error = EngineError{"no-memory", "Not enough memory.", {}, "Close programs."}});
    choose(kOriginal);
    controller.start();
    ASSERT_TRUE(waitFor([this] { return controller.step() == Step::Done; }));
    EXPECT_EQ(controller.checkError().kind, "no-memory");
    EXPECT_EQ(controller.madePath(), kOriginal + "-Q4_K_M.gguf");
}

TEST_F(SmallerTest, NeverProposesToOverwrite) {
    QTemporaryDir folder;
    QFile(folder.filePath("SmolLM2-135M-Instruct-Q4_K_M.gguf")).open(QIODevice::WriteOnly);
    engine.script(protocol::kModels, FakeAnswer{.result = {{"folder", folder.path()}, {"models", QJsonArray()}}});
    library->refresh();
    ASSERT_TRUE(settled());
    choose(kOriginal);
    EXPECT_EQ(controller.output(), folder.filePath("SmolLM2-135M-Instruct-Q4_K_M-2.gguf"));
    EXPECT_FALSE(controller.freeDisk().isEmpty());
    controller.saveTo(QUrl::fromLocalFile(folder.filePath("mine")));
    EXPECT_EQ(controller.output(), folder.filePath("mine.gguf"));
    controller.start();
    EXPECT_EQ(lastParams(protocol::kQuantize)["overwrite"], false) << "the dialog asked about another name";
}

TEST_F(SmallerTest, AnUnsupportedModelSaysWhy) {
    choose(kFolder + "mamba-1.4b.gguf");
    EXPECT_EQ(controller.state(), State::Failed);
    EXPECT_TRUE(controller.error().whatToDo.contains("mamba"));
    EXPECT_FALSE(controller.canStart());
}

TEST_F(SmallerTest, AModelTheLibraryDoesNotKnowIsAddedFirst) {
    choose("/elsewhere/Qwen3-4B");
    EXPECT_EQ(controller.source().name, "Qwen3 4B");
    EXPECT_EQ(controller.state(), State::Ready);
}

TEST(CheckResult, WordsForABadResult) {
    const CheckResult result = CheckResult::fromReport({{"verdict", "broken"},
                                                        {"sentence", "Broken."},
                                                        {"wordAgreement", QJsonObject{{"value", 0.41}}},
                                                        {"logPerplexityRatio", QJsonObject{{"value", -0.01}}}});
    EXPECT_EQ(result.tone, "bad");
    EXPECT_EQ(result.agreementText, "41 %");
    EXPECT_EQ(result.surprise, "−1.0 %");
    EXPECT_EQ(result.speedAfter, "") << "not measured, not shown";
}

TEST(CheckResult, AWarningIsBadWhateverTheFigures) {
    const QString warning = "Do not use this file: it computes values that are not numbers.";
    const CheckResult result =
        CheckResult::fromReport({{"verdict", "broken"}, {"sentence", warning}, {"warning", warning}, {"drift", 100}});
    EXPECT_EQ(result.tone, "bad");
    EXPECT_EQ(result.sentence, warning);
    EXPECT_TRUE(result.basis.isEmpty()) << "no figures to show";
    EXPECT_TRUE(result.moments.isEmpty());
}

} // namespace
} // namespace nibble::gui::test
