#include "engine/process_engine.h"
#include "support.h"

namespace nibble::gui::test {
namespace {

struct Child {
    explicit Child(const QString& mode) : engine(GUI_CHILD, {mode}) {
        for (const Lane lane : {Lane::Work, Lane::Chat}) engine.process(lane).firstBackoffMs = 10;
    }
    ProcessEngine engine;
};

TEST(ProcessEngine, AnswersInOrder) {
    Child child("good");
    Outcome first(child.engine.request("one", {}, Lane::Work)), second(child.engine.request("two", {}, Lane::Work));
    EXPECT_EQ(child.engine.pending(), 2);
    ASSERT_TRUE(first.wait() && second.wait());
    EXPECT_EQ(first.result.value()["verb"], "one");
    EXPECT_EQ(second.result.value()["verb"], "two");
    EXPECT_EQ(child.engine.pending(), 0);
}

TEST(ProcessEngine, PassesAnErrorOn) {
    Child child("good");
    Outcome failing(child.engine.request("fail", {}, Lane::Work));
    ASSERT_TRUE(failing.wait());
    EXPECT_EQ(failing.error.value(), (EngineError{"bad-file", "Damaged.", "offset 7", "Get it again."}));
}

TEST(ProcessEngine, AHeldJobDoesNotBlockTheOtherLane) {
    Child child("good");
    Reply* job = child.engine.request("hold", {}, Lane::Work);
    Outcome held(job), chat(child.engine.request("chat", {}, Lane::Chat));
    ASSERT_TRUE(chat.wait());
    EXPECT_FALSE(held.result || held.error);
    ASSERT_TRUE(waitFor([&] { return held.events.size() == 1; }));
    EXPECT_EQ(held.events[0].second["fraction"], 0.5);
    job->cancel();
    ASSERT_TRUE(held.wait());
    EXPECT_TRUE(held.error.value().isCanceled());
}

TEST(ProcessEngine, JobsStandStillWhileAnAnswerIsWritten) {
    Child child("good");
    const auto paused = [&] {
        Outcome asked(child.engine.request("paused", {}, Lane::Work));
        EXPECT_TRUE(asked.wait());
        return asked.result.value()["paused"].toBool();
    };
    EXPECT_FALSE(paused());
    QSignalSpy changed(&child.engine, &EngineInterface::workPausedChanged);
    Outcome load(child.engine.request("load", {}, Lane::Chat)), chat(child.engine.request("chat", {}, Lane::Chat));
    EXPECT_TRUE(child.engine.workPaused());
    EXPECT_EQ(changed.count(), 1);
    EXPECT_TRUE(paused());
    ASSERT_TRUE(load.wait() && chat.wait());
    EXPECT_FALSE(child.engine.workPaused());
    EXPECT_EQ(changed.count(), 2);
    EXPECT_FALSE(paused());

    Child silent("silent");
    silent.engine.process(Lane::Chat).helloTimeoutMs = 50;
    Outcome failed(silent.engine.request("chat", {}, Lane::Chat));
    EXPECT_TRUE(silent.engine.workPaused());
    ASSERT_TRUE(failed.wait());
    EXPECT_FALSE(silent.engine.workPaused()) << "an answer that failed holds nothing up";
}

TEST(ProcessEngine, CancelBeforeTheEngineRunsEndsAtOnce) {
    Child child("good");
    Reply* reply = child.engine.request("hold", {}, Lane::Work);
    Outcome outcome(reply);
    reply->cancel();
    EXPECT_TRUE(outcome.error && outcome.error->isCanceled());
}

TEST(ProcessEngine, AnEngineThatIgnoresCancelIsEnded) {
    Child child("deaf");
    child.engine.process(Lane::Work).cancelTimeoutMs = 50;
    Reply* reply = child.engine.request("stubborn", {}, Lane::Work);
    Outcome outcome(reply);
    ASSERT_TRUE(waitFor([&] { return outcome.events.size() == 1; }));
    reply->cancel();
    ASSERT_TRUE(outcome.wait());
    EXPECT_TRUE(outcome.error.value().isCanceled());
    Outcome next(child.engine.request("next", {}, Lane::Work));
    ASSERT_TRUE(next.wait());
    EXPECT_TRUE(next.result);
}

TEST(ProcessEngine, ACrashFailsWhatWasPendingAndANewEngineGoesOn) {
    Child child("good");
    QSignalSpy stopped(&child.engine, &EngineInterface::engineStopped),
        restarted(&child.engine, &EngineInterface::engineRestarted);
    Outcome held(child.engine.request("hold", {}, Lane::Work)), crash(child.engine.request("crash", {}, Lane::Work));
    ASSERT_TRUE(held.wait() && crash.wait());
    EXPECT_EQ(held.error.value().kind, "engine-stopped");
    EXPECT_TRUE(crash.error.value().detail.contains("about to crash")) << "the log helps whoever reads the details";
    EXPECT_EQ(stopped.count(), 1);
    ASSERT_TRUE(waitFor([&] { return restarted.count() == 1; }));
    Outcome after(child.engine.request("after", {}, Lane::Work));
    ASSERT_TRUE(after.wait());
    EXPECT_EQ(after.result.value()["verb"], "after");
}

TEST(ProcessEngine, SurvivesChatterOfDrivers) {
    Child child("good");
    Outcome outcome(child.engine.request("chatter", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    EXPECT_EQ(outcome.result.value()["verb"], "chatter");
    takeWarnings();
}

TEST(ProcessEngine, RefusesAnEndlessLine) {
    Child child("good");
    Outcome outcome(child.engine.request("flood", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait(30000));
    EXPECT_EQ(outcome.error.value().kind, "engine-stopped");
    Outcome after(child.engine.request("after", {}, Lane::Work));
    ASSERT_TRUE(after.wait());
    EXPECT_TRUE(after.result);
}

TEST(ProcessEngine, RefusesAnotherVersion) {
    Child child("other-version");
    Outcome outcome(child.engine.request("one", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    EXPECT_EQ(outcome.error.value().kind, "engine-version");
    EXPECT_TRUE(outcome.error.value().detail.contains("999"));
}

TEST(ProcessEngine, RefusesAnotherProgram) {
    Child child("other-program");
    Outcome outcome(child.engine.request("one", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    EXPECT_EQ(outcome.error.value().kind, "engine-version");
}

TEST(ProcessEngine, GivesUpOnAnEngineThatSaysNothing) {
    Child child("silent");
    child.engine.process(Lane::Work).helloTimeoutMs = 100;
    Outcome outcome(child.engine.request("one", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    EXPECT_EQ(outcome.error.value().kind, "engine-stopped");
}

TEST(ProcessEngine, StopsRestartingAnEngineThatAlwaysDies) {
    Child child("dies");
    child.engine.process(Lane::Work).firstBackoffMs = 1;
    QSignalSpy stopped(&child.engine, &EngineInterface::engineStopped);
    Outcome outcome(child.engine.request("one", {}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    ASSERT_TRUE(waitFor([&] { return stopped.count() == 6; }, 20000));
    QTest::qWait(300);
    EXPECT_EQ(stopped.count(), 6);
}

TEST(ProcessEngine, SaysThatTheProgramIsMissing) {
    for (const QString& program : {QString(), QString("/nowhere/nibble-cli")}) {
        ProcessEngine engine(program);
        Outcome outcome(engine.request("one", {}, Lane::Work));
        ASSERT_TRUE(outcome.wait());
        EXPECT_EQ(outcome.error.value().kind, "engine-missing");
        EXPECT_FALSE(outcome.error.value().whatToDo.isEmpty());
    }
}

TEST(ProcessEngine, RefusesARequestThatNoEngineWouldRead) {
    Child child("good");
    Outcome outcome(child.engine.request("one", {{"text", QString(17 * 1024 * 1024, 'x')}}, Lane::Work));
    ASSERT_TRUE(outcome.wait());
    EXPECT_EQ(outcome.error.value().kind, "bad-request");
}

TEST(FindEngine, TheEnvironmentComesFirst) {
    qputenv("NIBBLE_CLI", GUI_CHILD);
    EXPECT_EQ(findEngineProgram(), QFileInfo(GUI_CHILD).canonicalFilePath());
    qunsetenv("NIBBLE_CLI");
}

} // namespace
} // namespace nibble::gui::test
