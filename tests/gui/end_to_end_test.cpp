// The whole main job in the real window on the real engine, with the tiny model that comes with Nibble.
#include "chat/chat_controller.h"
#include "compare/compare_controller.h"
#include "download/downloads.h"
#include "engine/process_engine.h"
#include "pack/pack_controller.h"
#include "smaller/smaller_controller.h"
#include "support.h"
#include "welcome/this_computer.h"
#include "welcome/welcome_controller.h"

#include <QAccessible>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <hub_server.h>

namespace nibble::gui::test {
namespace {

using State = PageController::State;
constexpr int kPatienceMs = 60000; // with sanitizers, on a busy machine

struct EndToEnd : testing::Test {
    void SetUp() override {
        const QString tiny = NIBBLE_SOURCE_DIR "/resources/demo/tiny.gguf";
        if (!QFileInfo::exists(NIBBLE_CLI)) GTEST_SKIP() << "nibble-cli is not built";
        ASSERT_TRUE(QFile::copy(tiny, folder.filePath("tiny.gguf")));
        QSettings().clear();
        qputenv("NIBBLE_MODELS", folder.path().toUtf8());
        auto process = std::make_unique<ProcessEngine>(NIBBLE_CLI);
        engine = process.get();
        for (const Lane lane : {Lane::Work, Lane::Chat}) engine->process(lane).firstBackoffMs = 10;
        app = std::make_unique<App>(std::move(process));
        qml = std::make_unique<QQmlApplicationEngine>();
        ASSERT_TRUE(showWindow(*qml, *app));
        ASSERT_TRUE(waitFor([this] { return app->library()->models()->count() == 1; }, kPatienceMs));
    }
    void TearDown() override { qml.reset(); }

    /// The controller of the page in sight.
    template<typename Controller>
    Controller* controller() {
        auto* page = qml->rootObjects().value(0)->property("currentFrame").value<QObject*>();
        return page ? page->property("controller").value<Controller*>() : nullptr;
    }
    QQuickWindow* window() const { return qobject_cast<QQuickWindow*>(qml->rootObjects().value(0)); }
    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(window(), Qt::Key(key), modifiers);
    }
    void write(const QString& text) {
        for (const QChar c : text) QTest::keyClick(window(), c.toLatin1());
    }
    /// What the keyboard acts on now, by the name that a screen reader says.
    QString focused() const {
        QQuickItem* item = window()->activeFocusItem();
        QAccessibleInterface* face = item ? QAccessible::queryAccessibleInterface(item) : nullptr;
        return face ? face->text(QAccessible::Name) : QString();
    }
    /// Presses Tab until the control with this name on the page (not in the rail) has the focus.
    bool tabTo(const QString& name) {
        auto* page = window()->property("currentFrame").value<QQuickItem*>();
        QStringList passed;
        for (int i = 0; i < 60; ++i) {
            if (focused() == name && page->isAncestorOf(window()->activeFocusItem())) return true;
            passed += focused();
            press(Qt::Key_Tab);
        }
        ADD_FAILURE() << "Tab does not lead to \"" << qPrintable(name)
                      << "\", only to: " << qPrintable(passed.join(" | "));
        return false;
    }
    /// Until the window knows: on a busy machine that takes a moment, and the next process must not be taken for this
    /// one.
    void killEngine(Lane lane) {
        EngineProcess& owner = engine->process(lane);
        QProcess* process = nullptr;
        ASSERT_TRUE(waitFor(
            [&] {
                process = owner.findChild<QProcess*>(); // none while a new one is about to be started
                return process && process->state() != QProcess::NotRunning;
            },
            kPatienceMs));
        QSignalSpy stopped(&owner, &EngineProcess::stopped);
        process->kill();
        ASSERT_TRUE(waitFor([&] { return stopped.count() > 0; }, kPatienceMs));
    }
    QString tiny() const { return QFileInfo(folder.filePath("tiny.gguf")).absoluteFilePath(); }

    QTemporaryDir folder;
    ProcessEngine* engine = nullptr;
    std::unique_ptr<App> app;
    std::unique_ptr<QQmlApplicationEngine> qml;
};

TEST_F(EndToEnd, APackIsOpenedCheckedAndInstalled) {
    const QTemporaryDir place;
    const QString pack = place.filePath("office"), packed = place.filePath("small.gguf");
    ASSERT_TRUE(QFile::copy(tiny(), packed));
    QProcess packing;
    packing.start(NIBBLE_CLI, {"pack", "make", pack, packed});
    ASSERT_TRUE(packing.waitForFinished(kPatienceMs) && packing.exitCode() == 0);
    app->library()->add({QUrl::fromLocalFile(pack)}); // as by dropping it
    EXPECT_EQ(app->page(), "pack");
    auto* controller = this->controller<PackController>();
    ASSERT_TRUE(controller);
    ASSERT_TRUE(waitFor([&] { return controller->state() == State::Ready; }, kPatienceMs));
    ASSERT_EQ(controller->models().size(), 1);
    EXPECT_EQ(controller->models()[0].value<PackModel>().fitTone, "good");
    EXPECT_TRUE(controller->installable());
    controller->check();
    ASSERT_TRUE(waitFor([&] { return controller->state() == State::Ready; }, kPatienceMs));
    EXPECT_TRUE(controller->property("outcome").toString().contains("whole"));
    controller->install();
    ASSERT_TRUE(
        waitFor([&] { return controller->state() == State::Ready && !controller->installable(); }, kPatienceMs));
    EXPECT_TRUE(waitFor([this] { return app->library()->models()->count() == 2; }, kPatienceMs));
    EXPECT_EQ(app->library()->selectedPath(), folder.filePath("small.gguf"));

    QFile damaged(pack + "/small.gguf"); // after the manifest was written
    ASSERT_TRUE(damaged.open(QIODevice::ReadWrite) && damaged.seek(damaged.size() - 1) && damaged.putChar('x'));
    damaged.close();
    ASSERT_TRUE(QFile::remove(folder.filePath("small.gguf")));
    controller->open(QUrl::fromLocalFile(pack));
    ASSERT_TRUE(waitFor([&] { return controller->state() == State::Ready; }, kPatienceMs));
    controller->install();
    ASSERT_TRUE(waitFor([&] { return controller->state() == State::Failed; }, kPatienceMs));
    EXPECT_TRUE(controller->error().message.contains("checksum")) << qPrintable(controller->error().message);
    EXPECT_FALSE(QFileInfo::exists(folder.filePath("small.gguf"))) << "nothing of it appears";
}

TEST_F(EndToEnd, PickMakeSmallerCheckCompareAndChat) {
    app->go("smaller", {{"model", tiny()}});
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
    EXPECT_EQ(smaller->stop().recipe, "Q4_K_M");
    const double promised = smaller->stop().bytes;
    smaller->start();
    ASSERT_TRUE(
        waitFor([&] { return smaller->step() == SmallerController::Step::Done || smaller->state() == State::Failed; },
                kPatienceMs));
    ASSERT_EQ(smaller->step(), SmallerController::Step::Done) << qPrintable(smaller->error().message);
    const double grown = double(QFileInfo(smaller->madePath()).size()) - promised;
    EXPECT_TRUE(grown > 0 && grown < 4096)
        << grown << ": what was said beforehand came out, and the passport of the check";
    EXPECT_FALSE(smaller->check().sentence.isEmpty()) << qPrintable(smaller->checkError().message);
    EXPECT_GT(smaller->check().agreement, 0.5);
    EXPECT_TRUE(waitFor([this] { return app->library()->models()->count() == 2; }, kPatienceMs));
    const auto quality = [&] {
        for (const QVariant& fact : app->library()->entry(smaller->madePath()).facts)
            if (fact.toMap()["label"] == "Quality") return fact.toMap()["value"].toString();
        return QString();
    };
    EXPECT_TRUE(waitFor([&] { return quality().contains("of 100 next words"); }, kPatienceMs))
        << "the passport is among the model's details: " << qPrintable(quality());

    app->go("compare", {{"original", tiny()}, {"smaller", smaller->madePath()}});
    auto* compare = controller<CompareController>();
    ASSERT_TRUE(compare);
    compare->ask("What is a nibble?");
    // The numbers follow the answers by themselves.
    ASSERT_TRUE(
        waitFor([&] { return !compare->figures().isEmpty() || compare->state() == State::Failed; }, kPatienceMs));
    if (compare->judging()) { // unless both wrote the same
        EXPECT_EQ(compare->question(), "What is a nibble?");
        EXPECT_EQ(compare->rounds()->count(), 0) << "not told before it is judged";
        compare->showAll();
        compare->vote(CompareController::NoDifference);
    }
    ASSERT_EQ(compare->rounds()->count(), 1) << qPrintable(compare->error().message);
    const CompareRound round = compare->rounds()->list().first();
    EXPECT_EQ(round.prompt(), "What is a nibble?");
    EXPECT_EQ(round.vote, Vote::NoDifference);
    EXPECT_GT(round.pairs[0].originalBytes, round.pairs[0].smallerBytes) << "the real engine says what each takes";
    EXPECT_EQ(compare->voteResults()[0].votes(), 1);
    compare->save(QUrl::fromLocalFile(folder.filePath("comparison.md")));
    QFile saved(folder.filePath("comparison.md"));
    ASSERT_TRUE(saved.open(QIODevice::ReadOnly));
    EXPECT_TRUE(saved.readAll().contains("What is a nibble?"));

    const QString copy = folder.filePath("copy.gguf");
    ASSERT_TRUE(QFile::copy(smaller->madePath(), copy));
    compare->chooseThird(copy);
    compare->setBlind(false);
    ASSERT_TRUE(waitFor([&] { return compare->canStart(); }, kPatienceMs));
    compare->ask("What is a nibble?");
    ASSERT_TRUE(waitFor([&] { return compare->measured() || compare->state() == State::Failed; }, kPatienceMs));
    ASSERT_EQ(compare->rounds()->count(), 1) << qPrintable(compare->error().message);
    const CompareRound three = compare->rounds()->list().first();
    ASSERT_EQ(three.models(), 3);
    EXPECT_EQ(three.said(1), round.said(1)) << "the answers do not depend on how many are asked";
    EXPECT_EQ(three.said(2), three.said(1)) << "a copy of the file";
    EXPECT_EQ(compare->figures().size(), 2);

    app->go("chat", {{"model", smaller->madePath()}});
    auto* chat = controller<ChatController>();
    ASSERT_TRUE(chat);
    chat->send("What is a nibble?");
    ASSERT_TRUE(
        waitFor([&] { return chat->state() == State::Ready && chat->messages()->rowCount() == 2; }, kPatienceMs))
        << qPrintable(chat->error().message);
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST_F(EndToEnd, LayersThatCostMostGetMoreByKeyboard) {
    window()->requestActivate();
    app->go("smaller", {{"model", tiny()}});
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    const auto done = [&] {
        return waitFor([&] { return smaller->step() == SmallerController::Step::Done; }, kPatienceMs);
    };
    ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
    smaller->start();
    ASSERT_TRUE(done()) << qPrintable(smaller->error().message);
    const QString before = smaller->madePath();
    ASSERT_TRUE(tabTo("See which layers cost most"));
    press(Qt::Key_Return);
    EXPECT_EQ(smaller->step(), SmallerController::Step::Measuring);
    EXPECT_EQ(focused(), "Stop measuring");
    ASSERT_TRUE(done());
    EXPECT_TRUE(focused().startsWith("What each layer costs, 4 bars. More bits help most in"))
        << qPrintable(focused() + smaller->layers()->error().message);
    press(Qt::Key_Right);
    EXPECT_TRUE(focused().startsWith("Tables of words: ")) << qPrintable(focused());
    press(Qt::Key_Right);
    EXPECT_TRUE(focused().startsWith("Layer 0: ")) << qPrintable(focused());
    ASSERT_TRUE(tabTo(smaller->layers()->offer()));
    const auto weightsOf = [&](const QString& path) {
        Outcome info(engine->request("inspect", {{"path", path}}, Lane::Work));
        EXPECT_TRUE(info.wait() && info.result);
        return info.result.value_or(QJsonObject())["weightBytes"].toDouble();
    };
    press(Qt::Key_Return);
    EXPECT_EQ(smaller->step(), SmallerController::Step::Making);
    ASSERT_TRUE(done()) << qPrintable(smaller->error().message);
    EXPECT_EQ(smaller->madePath(), folder.filePath("tiny-Q4_K_M-finer.gguf"));
    EXPECT_TRUE(QFileInfo::exists(before));
    EXPECT_GT(weightsOf(smaller->madePath()), weightsOf(before));
    EXPECT_TRUE(smaller->comparison().startsWith("It loses ")) << qPrintable(smaller->comparison());
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST_F(EndToEnd, ByKeyboardOnlyFromTheFirstStartToTheExport) {
    window()->requestActivate();
    app->go("welcome");
    auto* welcome = controller<WelcomeController>();
    ASSERT_TRUE(welcome);
    auto* computer = window()->property("currentFrame").value<QObject*>()->property("computer").value<ThisComputer*>();
    ASSERT_TRUE(computer);
    ASSERT_TRUE(waitFor([&] { return computer->state() != State::Busy; }, kPatienceMs));
    EXPECT_EQ(computer->state(), State::Ready) << qPrintable(computer->error().message);
    EXPECT_TRUE(computer->speed().startsWith("About ")) << qPrintable(computer->speed());
    EXPECT_GE(computer->facts().size(), 4);
    press(Qt::Key_Return); // Continue
    ASSERT_TRUE(waitFor([&] { return welcome->packaged().fitShort != ""; }, kPatienceMs))
        << qPrintable(welcome->error().message);
    EXPECT_EQ(welcome->packaged().fitTone, "good");
    EXPECT_TRUE(welcome->packaged().speed.startsWith("Up to ")) << "the test's speed is known to estimates";
    EXPECT_EQ(welcome->found().path, "") << "the same model in the folder is no second choice";
    // The only one that can be chosen has the focus.
    ASSERT_TRUE(waitFor([&] {
        QQuickItem* item = window()->activeFocusItem();
        return item && item->property("text").toString() == QLatin1String("Start with this one");
    }));
    press(Qt::Key_Return);
    EXPECT_EQ(welcome->step(), WelcomeController::Step::FirstQuestion);
    ASSERT_TRUE(waitFor([&] {
        QQuickItem* item = window()->activeFocusItem();
        return item && item->property("text").toString().contains("e-mail");
    }));
    press(Qt::Key_Return); // the first question
    EXPECT_EQ(app->page(), "chat");
    auto* chat = controller<ChatController>();
    ASSERT_TRUE(chat);
    ASSERT_TRUE(
        waitFor([&] { return chat->state() == State::Ready && chat->messages()->rowCount() == 2; }, kPatienceMs))
        << qPrintable(chat->error().message);
    EXPECT_EQ(chat->model().path, WelcomeController::packagedPath());
    press(Qt::Key_N, Qt::ControlModifier); // the first answer may have filled all that the tiny model keeps in mind
    write("And what is a nibble?");
    press(Qt::Key_Return);
    ASSERT_TRUE(
        waitFor([&] { return chat->state() == State::Ready && chat->messages()->rowCount() == 2; }, kPatienceMs))
        << qPrintable(chat->error().message);

    press(Qt::Key_1, Qt::ControlModifier); // Models: the one in the folder
    EXPECT_EQ(app->page(), "models");
    ASSERT_TRUE(waitFor([&] { return app->library()->entry(tiny()).runnable; }, kPatienceMs));
    ASSERT_TRUE(tabTo("Search models"));
    press(Qt::Key_Down); // to the list
    for (int i = 0; i < 3 && app->library()->selectedPath() != tiny(); ++i)
        press(app->library()->models()->indexOf(app->library()->selectedPath()) >
                      app->library()->models()->indexOf(tiny())
                  ? Qt::Key_Up
                  : Qt::Key_Down);
    ASSERT_EQ(app->library()->selectedPath(), tiny());
    ASSERT_TRUE(tabTo("Make smaller"));
    press(Qt::Key_Return);
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
    ASSERT_TRUE(tabTo("Make smaller"));
    press(Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return smaller->step() == SmallerController::Step::Done; }, kPatienceMs))
        << qPrintable(smaller->error().message);
    ASSERT_TRUE(tabTo("Chat with it"));
    press(Qt::Key_Return);
    EXPECT_EQ(app->page(), "chat");
    ASSERT_TRUE(waitFor([&] { return chat->loaded() && chat->model().path == smaller->madePath(); }, kPatienceMs));
    press(Qt::Key_N, Qt::ControlModifier);
    write("Are you as good?");
    press(Qt::Key_Return);
    ASSERT_TRUE(
        waitFor([&] { return chat->state() == State::Ready && chat->messages()->rowCount() == 2; }, kPatienceMs))
        << qPrintable(chat->error().message);

    press(Qt::Key_2, Qt::ControlModifier); // Make smaller, where the result still is
    ASSERT_TRUE(tabTo("Compare side by side"));
    press(Qt::Key_Return);
    EXPECT_EQ(app->page(), "compare");
    auto* compare = controller<CompareController>();
    ASSERT_TRUE(compare && compare->blind());
    ASSERT_TRUE(waitFor([&] { return compare->canStart(); }, kPatienceMs));
    ASSERT_TRUE(tabTo("Your message"));
    write("Name a fruit.");
    press(Qt::Key_Return);
    const auto answered = [&] { return compare->judging() || compare->rounds()->count() == 1; };
    ASSERT_TRUE(waitFor(answered, kPatienceMs)) << qPrintable(compare->error().message);
    if (compare->judging()) { // unless both wrote the same
        ASSERT_TRUE(waitFor([&] { return focused() == "A is better"; }, kPatienceMs)) << qPrintable(focused());
        press(Qt::Key_3); // no difference
    }
    ASSERT_EQ(compare->rounds()->count(), 1);
    EXPECT_EQ(compare->rounds()->list().first().vote, Vote::NoDifference);
    ASSERT_TRUE(waitFor([&] { return compare->state() == State::Ready; }, kPatienceMs));
    ASSERT_TRUE(tabTo("Save as a document…"));
    press(Qt::Key_Return);
    // Qt's own file dialog: the name, the kind of document, the button.
    const QDir documents(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    documents.mkpath(".");
    const QString document = documents.filePath("comparison.md");
    QFile::remove(document);
    ASSERT_TRUE(waitFor(
        [&] { return window()->activeFocusItem()->inherits("QQuickTextField") || (press(Qt::Key_Tab), false); }));
    press(Qt::Key_A, Qt::ControlModifier);
    write("comparison.md");
    press(Qt::Key_Return);
    press(Qt::Key_Tab);
    press(Qt::Key_Tab);
    press(Qt::Key_Space);
    EXPECT_TRUE(waitFor([&] { return QFileInfo::exists(document); }));
    QFile saved(document);
    ASSERT_TRUE(saved.open(QIODevice::ReadOnly));
    EXPECT_TRUE(saved.readAll().contains("Name a fruit."));
    EXPECT_EQ(takeWarnings(), QStringList());
}

TEST_F(EndToEnd, KillingTheEngineLeavesTheWindowAndTheChat) {
    app->go("chat", {{"model", tiny()}});
    auto* chat = controller<ChatController>();
    ASSERT_TRUE(chat);
    ASSERT_TRUE(waitFor([&] { return chat->loaded(); }, kPatienceMs)) << qPrintable(chat->error().message);
    QSignalSpy restarted(engine, &EngineInterface::engineRestarted);
    killEngine(Lane::Chat);
    ASSERT_TRUE(waitFor([&] { return restarted.count() == 1; }, kPatienceMs));
    EXPECT_TRUE(app->notice().contains("started again")) << qPrintable(app->notice());
    chat->send("Are you still there?");
    EXPECT_TRUE(
        waitFor([&] { return chat->state() == State::Ready && chat->messages()->rowCount() == 2; }, kPatienceMs))
        << qPrintable(chat->error().message);
}

TEST_F(EndToEnd, KillingTheEngineDuringAJobLeavesNoHalfFile) {
    app->go("smaller", {{"model", tiny()}});
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
    smaller->start();
    killEngine(Lane::Work);
    ASSERT_TRUE(waitFor([&] { return smaller->state() == State::Failed; }, kPatienceMs));
    EXPECT_EQ(smaller->error().kind, "engine-stopped");
    EXPECT_FALSE(QFileInfo::exists(smaller->output()));
    ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
    smaller->start();
    EXPECT_TRUE(waitFor([&] { return smaller->step() == SmallerController::Step::Done; }, kPatienceMs));
    EXPECT_TRUE(QFileInfo::exists(smaller->madePath()));
}

TEST_F(EndToEnd, AKilledJobGoesOnToTheSameBytes) {
    app->go("smaller", {{"model", tiny()}});
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    const auto startOnceReady = [&](const QString& output) {
        ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs));
        smaller->setProperty("care", 2); // the longest, so that it is killed within
        smaller->saveTo(QUrl::fromLocalFile(folder.filePath(output)));
        smaller->start();
    };
    const auto made = [&] { return smaller->step() == SmallerController::Step::Checking; };
    startOnceReady("whole.gguf");
    ASSERT_TRUE(waitFor(made, kPatienceMs)) << qPrintable(smaller->error().message);
    QFile whole(folder.filePath("whole.gguf"));
    ASSERT_TRUE(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll(); // before the passport is written into it
    smaller->cancel();
    ASSERT_TRUE(waitFor([&] { return smaller->state() == State::Ready; }, kPatienceMs));

    smaller->again();
    startOnceReady("killed.gguf");
    const QDir left(folder.filePath(".killed.gguf.unfinished"));
    // As soon as it has begun: the tensors themselves of so small a model are written within milliseconds.
    ASSERT_TRUE(waitFor([&] { return left.exists("job.json"); }, kPatienceMs));
    killEngine(Lane::Work);
    ASSERT_TRUE(waitFor([&] { return app->unfinished()->jobs().size() == 1; }, kPatienceMs));
    const auto job = app->unfinished()->jobs().first().value<UnfinishedJob>();
    EXPECT_EQ(job.problem, "");
    smaller->goOn(job.output);
    ASSERT_TRUE(waitFor(made, kPatienceMs)) << qPrintable(smaller->error().message);
    QFile killed(folder.filePath("killed.gguf"));
    ASSERT_TRUE(killed.open(QIODevice::ReadOnly));
    EXPECT_TRUE(killed.readAll() == bytes);
    EXPECT_FALSE(left.exists());
}

/// kill -9 of the engine in the middle of whatever it does. The points are drawn from how long each thing takes
/// undisturbed, and a little more; the seed is printed, so that a failure can be had again.
TEST_F(EndToEnd, KillingTheEngineAtAnyMomentLosesNothingThatWasFinished) {
    const uint32_t seed = QRandomGenerator::global()->generate();
    std::printf("seed %u\n", seed);
    QRandomGenerator random(seed);
    const QString smallerPath = folder.filePath("also-tiny.gguf"); // another file of the same model: two to compare
    ASSERT_TRUE(QFile::copy(tiny(), smallerPath));
    app->go("compare", {{"original", tiny()}, {"smaller", smallerPath}});
    auto* compare = controller<CompareController>();
    app->go("chat", {{"model", tiny()}});
    auto* chat = controller<ChatController>();
    ASSERT_TRUE(compare && chat);
    ASSERT_TRUE(waitFor([&] { return chat->loaded(); }, kPatienceMs));
    const auto chatSettled = [&] { return chat->state() == State::Ready || chat->state() == State::Failed; };
    const auto compareSettled = [&] { return compare->state() == State::Ready || compare->state() == State::Failed; };
    const auto duration = [&](auto start, auto settled) {
        QElapsedTimer clock;
        clock.start();
        start();
        EXPECT_TRUE(waitFor(settled, kPatienceMs));
        return int(clock.elapsed()) + 5;
    };
    int asked = 0;
    QStringList finished; // "question > answer" of every turn that was finished before a kill
    const auto ask = [&] { chat->send(QStringLiteral("Question %1?").arg(++asked)); };
    const auto remember = [&] {
        const MessageList& list = *chat->messages();
        if (list.count() == 0 || list.turn(list.count() - 1).role != QLatin1String("assistant")) return;
        finished += list.turn(list.count() - 2).content + " > " + list.turn(list.count() - 1).content;
    };
    const int chatMs = duration(ask, chatSettled),
              compareMs = duration([&] { compare->ask("Round 0?"); }, compareSettled);
    remember();
    int compared = compare->rounds()->count() + int(compare->judging());
    EXPECT_EQ(compared, 1);
    app->go("smaller", {{"model", tiny()}});
    auto* smaller = controller<SmallerController>();
    ASSERT_TRUE(smaller);
    const auto smallerSettled = [&] {
        return smaller->step() == SmallerController::Step::Done || smaller->state() == State::Failed;
    };
    const auto makeSmaller = [&](const QString& output) {
        if (smaller->step() == SmallerController::Step::Done) smaller->again();
        ASSERT_TRUE(waitFor([&] { return smaller->canStart(); }, kPatienceMs)) << qPrintable(smaller->error().message);
        smaller->saveTo(QUrl::fromLocalFile(folder.filePath(output)));
        smaller->start();
    };
    const int smallerMs = duration([&] { makeSmaller("made.gguf"); }, smallerSettled);
    ASSERT_EQ(smaller->step(), SmallerController::Step::Done) << qPrintable(smaller->error().message);
    const qint64 madeBytes = QFileInfo(folder.filePath("made.gguf")).size();

    constexpr int kKills = 20, kPassportBytes = 8192;
    for (int i = 0; i < kKills; ++i) {
        const int what = i % 4; // load, chat, compare, make smaller
        const QString output = QStringLiteral("made-%1.gguf").arg(i);
        if (what == 0) {
            chat->choose(chat->model().path == tiny() ? smallerPath : tiny());
        } else if (what == 1) {
            ask();
        } else if (what == 2) {
            compare->ask(QStringLiteral("Round %1?").arg(i));
        } else {
            makeSmaller(output);
        }
        QTest::qWait(random.bounded(1 + (what == 3 ? smallerMs : what == 2 ? compareMs : chatMs)));
        killEngine(what >= 2 ? Lane::Work : Lane::Chat);
        ASSERT_TRUE(waitFor(chatSettled, kPatienceMs)) << "kill " << i << qPrintable(chat->error().message);
        ASSERT_TRUE(waitFor(compareSettled, kPatienceMs)) << "kill " << i;
        if (chat->state() == State::Failed) chat->forgetOldest(); // tries again; some answers fill the whole context
        if (compare->state() == State::Failed) compare->tryAgain();
        ASSERT_TRUE(waitFor([&] { return chat->state() == State::Ready; }, kPatienceMs))
            << "kill " << i << qPrintable(chat->error().message);
        ASSERT_TRUE(waitFor([&] { return compare->state() == State::Ready; }, kPatienceMs))
            << "kill " << i << qPrintable(compare->error().message);
        EXPECT_TRUE(qml->rootObjects().value(0)->property("visible").toBool());
        if (what == 1) remember();
        if (what != 3) continue;
        ASSERT_TRUE(waitFor(smallerSettled, kPatienceMs)) << "kill " << i;
        const auto difference = [&] { return std::abs(QFileInfo(folder.filePath(output)).size() - madeBytes); };
        if (smaller->state() == State::Failed) {
            EXPECT_TRUE(!QFileInfo::exists(folder.filePath(output)) || difference() < kPassportBytes)
                << "a whole file or none, kill " << i;
            makeSmaller(output); // goes on
            ASSERT_TRUE(waitFor(smallerSettled, kPatienceMs)) << "kill " << i;
        }
        EXPECT_EQ(smaller->step(), SmallerController::Step::Done)
            << "kill " << i << qPrintable(smaller->error().message);
        EXPECT_LT(difference(), kPassportBytes) << "kill " << i << ": as undisturbed, but for the passport of a check";
    }
    EXPECT_GE(finished.size(), kKills / 4) << "an answer was given after every kill";
    EXPECT_TRUE(QDir(folder.path()).entryList({".made*"}, QDir::AllEntries | QDir::Hidden).isEmpty())
        << "nothing is left over";

    // What is on the disk, as a window that starts now would see it.
    ChatStore chats(ChatStore::defaultPath());
    const QList<ChatTurn> turns = chats.turns(chat->current());
    QStringList kept;
    for (qsizetype i = 0; i + 1 < turns.size(); ++i) kept += turns[i].content + " > " + turns[i + 1].content;
    for (const QString& turn : std::as_const(finished)) EXPECT_TRUE(kept.contains(turn)) << qPrintable(turn);
    CompareStore rounds(Database::inDataFolder("compare.sqlite"));
    QStringList questions;
    for (const CompareRound& round : rounds.rounds({tiny(), smallerPath})) questions += round.prompt();
    EXPECT_TRUE(questions.contains("Round 0?"));
    for (int i = 2; i < kKills; i += 4)
        EXPECT_EQ(questions.count(QStringLiteral("Round %1?").arg(i)), 1) << "each question answered, and once";
}

/// A model from a hub on this computer, by keyboard: asked once, paused, and gone on with by the next start of the
/// program.
TEST_F(EndToEnd, DownloadsAModelThatWasPausedAndTheProgramClosed) {
    nibble::test::HubServer hub;
    QFile file(tiny());
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    hub.files["tiny-F16.gguf"] = file.readAll().toStdString();
    hub.files["tiny-Q8_0.gguf"] = std::string(300, 'x');
    hub.change([](const auto&, nibble::test::HubServer::Answer& answer) { answer.pauseMs = 3; });
    qputenv("NIBBLE_HUB", hub.address().c_str());
    qputenv("NO_PROXY", "127.0.0.1");

    app->go("models");
    ASSERT_TRUE(tabTo("Download more models…"));
    press(Qt::Key_Return);
    EXPECT_EQ(app->page(), "download");
    EXPECT_EQ(app->network()->line(), "Nothing has been sent. Network used: never.");
    auto* downloads = controller<Downloads>();
    ASSERT_TRUE(downloads);
    downloads->find("anna/tiny");
    Outcome refused(engine->request("searchHub", {{"words", "x"}}, Lane::Network));
    ASSERT_TRUE(refused.wait() && refused.error);
    EXPECT_TRUE(hub.requests().empty()) << "asked before it was allowed";

    ASSERT_TRUE(tabTo("Allow"));
    press(Qt::Key_Return);
    EXPECT_EQ(focused(), "Name, link or words");
    write("anna/tiny");
    press(Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return downloads->model() == "anna/tiny"; }, kPatienceMs))
        << qPrintable(downloads->error().message);
    ASSERT_TRUE(tabTo("Download tiny-F16.gguf"));
    press(Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return downloads->progress() > 0.1; }, kPatienceMs));
    EXPECT_TRUE(downloads->running());
    ASSERT_TRUE(tabTo("Pause"));
    press(Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return downloads->paused().size() == 1; }, kPatienceMs));
    const QString place = folder.filePath("anna/tiny-F16.gguf");
    EXPECT_FALSE(QFileInfo::exists(place)) << "there before it is whole";

    qml.reset(); // the program is closed, and started again
    auto process = std::make_unique<ProcessEngine>(NIBBLE_CLI);
    engine = process.get();
    app = std::make_unique<App>(std::move(process));
    qml = std::make_unique<QQmlApplicationEngine>();
    ASSERT_TRUE(showWindow(*qml, *app));
    ASSERT_TRUE(waitFor([&] { return app->downloads()->paused().size() == 1; }, kPatienceMs));
    hub.change({});
    app->go("download");
    ASSERT_TRUE(tabTo("Go on downloading tiny-F16.gguf"));
    press(Qt::Key_Return);
    ASSERT_TRUE(waitFor([&] { return app->library()->selectedPath() == place; }, kPatienceMs))
        << qPrintable(app->downloads()->error().message);
    EXPECT_EQ(QFileInfo(place).size(), qint64(hub.files["tiny-F16.gguf"].size()));
    const std::string last = hub.requests().back();
    EXPECT_FALSE(QString::fromStdString(last).endsWith(" 0")) << last << ": began anew";
    EXPECT_TRUE(app->downloads()->paused().isEmpty());
    EXPECT_TRUE(app->network()->line().contains("127.0.0.1")) << qPrintable(app->network()->line());
    ASSERT_EQ(app->network()->uses().size(), 2) << qPrintable(app->network()->uses().join('\n'));
    EXPECT_TRUE(app->network()->uses()[0].contains("downloading tiny-F16.gguf of anna/tiny"));
    qunsetenv("NIBBLE_HUB");
    EXPECT_EQ(takeWarnings(), QStringList());
}

} // namespace
} // namespace nibble::gui::test
