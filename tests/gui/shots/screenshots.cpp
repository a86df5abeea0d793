// gui_screenshots FOLDER: pictures of the pages in their interesting states, in every look.
#include "app.h"
#include "chat/chat_controller.h"
#include "compare/compare_controller.h"
#include "components/page_controller.h"
#include "engine/fake_engine.h"
#include "pack/pack_controller.h"
#include "smaller/smaller_controller.h"
#include "welcome/welcome_controller.h"

#include <QDir>
#include <QGuiApplication>
#include <QImage>
#include <QJsonArray>
#include <QQuickItem>
#include <QQuickWindow>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <nibble/protocol.h>

using namespace nibble::gui;

namespace {

const QString kModel = "/home/you/.local/share/Nibble/models/SmolLM2-135M-Instruct";
const QString kThird = "/home/you/.local/share/Nibble/models/Qwen3-4B";

struct Look {
    const char* name;
    const char* theme;
    double textScale;
    const char* language = "en";
    QSize size{1180, 780};
    Qt::LayoutDirection direction = Qt::LeftToRight;
};

struct Scene {
    const char* name;
    std::function<void(FakeEngine&)> prepare; // before the window is there
    std::function<void(App&, QObject*)> drive;
};

void settle(FakeEngine& engine) {
    (void)QTest::qWaitFor([&engine] { return engine.pending() == 0; }, 20000);
    QTest::qWait(400);
}

SmallerController* chooseSmaller(App& app, QObject* window, const QString& model) {
    app.go("smaller", {{"model", model}});
    settle(static_cast<FakeEngine&>(*app.engine()));
    auto* page = window->property("currentFrame").value<QObject*>();
    return page ? page->property("controller").value<SmallerController*>() : nullptr;
}

/// The smaller model is made and checked.
SmallerController* makeSmaller(App& app, QObject* window) {
    auto* controller = chooseSmaller(app, window, kModel);
    if (!controller) return nullptr;
    controller->start();
    settle(static_cast<FakeEngine&>(*app.engine()));
    return controller;
}

void scrollToEnd(QObject* window) {
    QTest::qWait(200);
    auto* page = window->property("currentFrame").value<QObject*>();
    for (auto* item : page->findChildren<QQuickItem*>())
        if (item->inherits("QQuickFlickable") && item->height() > 200)
            item->setProperty("contentY", item->property("contentHeight").toReal() - item->height());
}

void showWelcome(App& app, QObject* window, WelcomeController::Step step) {
    app.go("welcome");
    settle(static_cast<FakeEngine&>(*app.engine()));
    auto* page = window->property("currentFrame").value<QObject*>();
    if (auto* welcome = page ? page->property("controller").value<WelcomeController*>() : nullptr) {
        if (step == WelcomeController::Step::FirstQuestion) welcome->choose(kModel);
        welcome->setStep(step);
    }
    settle(static_cast<FakeEngine&>(*app.engine()));
}

ChatController* askInChat(App& app, QObject* window) {
    app.go("chat", {{"model", kModel}, {"ask", "Write a short e-mail about the delivery."}});
    settle(static_cast<FakeEngine&>(*app.engine()));
    auto* page = window->property("currentFrame").value<QObject*>();
    return page ? page->property("controller").value<ChatController*>() : nullptr;
}

CompareController* askAll(App& app, QObject* window, const QString& third = {}) {
    app.go("compare", {{"original", kModel}, {"smaller", kModel + "-Q4_K_M.gguf"}, {"third", third}});
    auto* page = window->property("currentFrame").value<QObject*>();
    auto* controller = page ? page->property("controller").value<CompareController*>() : nullptr;
    if (controller) controller->askOfficeTasks();
    settle(static_cast<FakeEngine&>(*app.engine()));
    return controller;
}

/// Answers that differ here and there, and what the original itself expected.
void scriptThoughtfulAnswers(FakeEngine& engine, const QString& thoughts) {
    engine.script(nibble::protocol::kAsk, [thoughts](const QJsonObject& params) {
        FakeAnswer answer{.result = {{"oneAfterTheOther", false}}};
        const QString one =
            "Dear Anna, could you please send me the report by Friday at noon? I need it for the meeting "
            "with our customer on Monday. Thank you very much, and have a good week.";
        const QStringList others{QString(one).replace("at noon", "afternoon").replace("very much", "a lot"),
                                 QString(one).replace("on Monday", "next week").replace("good week", "nice day")};
        const qsizetype count = params["models"].toArray().size();
        for (const QJsonValue& prompt : params["prompts"].toArray()) {
            QJsonArray pairs, bytes{515e6};
            for (qsizetype other = 0; other + 1 < count; ++other) {
                pairs.append(QJsonObject{{"original", thoughts + one},
                                         {"smaller", thoughts + others[other]},
                                         {"sameWords", other == 0 ? 11 : 20},
                                         {"originalSpeed", 17.3},
                                         {"smallerSpeed", 41.8 + 15 * double(other)},
                                         {"originalChance", 0.52},
                                         {"smallerChance", 0.44}});
                bytes.append(210e6 - 40e6 * double(other));
            }
            answer.events.append({"answer", QJsonObject{{"prompt", prompt}, {"pairs", pairs}, {"memoryBytes", bytes}}});
        }
        return answer;
    });
}

void scriptAnswers(FakeEngine& engine) { scriptThoughtfulAnswers(engine, {}); }

const Scene kScenes[] = {
    {"welcome-1", {}, [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::Computer); }},
    {"welcome-1-card", scriptDemoCard,
     [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::Computer); }},
    {"welcome-1-failed",
     [](FakeEngine& engine) {
         engine.script(
             nibble::protocol::kMeasure,
             FakeAnswer{.error = EngineError{"device", "The graphics driver ended the test.", "VK_ERROR_DEVICE_LOST",
                                             "Test again; a newer driver may help."}});
     },
     [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::Computer); }},
    {"welcome-2", {}, [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::StartingPoint); }},
    {"welcome-2-empty",
     [](FakeEngine& engine) {
         engine.script(
             nibble::protocol::kModels,
             FakeAnswer{.result = {{"folder", "/home/you/.local/share/Nibble/models"}, {"models", QJsonArray()}}});
     },
     [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::StartingPoint); }},
    {"welcome-3", {}, [](App& app, QObject* w) { showWelcome(app, w, WelcomeController::Step::FirstQuestion); }},
    {"models", {}, {}},
    {"models-card", scriptDemoCard,
     [](App& app, QObject*) {
         const QString large = app.library()->models()->pathAt(2);
         app.library()->select(large);
         app.library()->setLayersOnCard(large, 9);
     }},
    {"settings-card", scriptDemoCard, [](App& app, QObject*) { app.go("settings"); }},
    {"models-empty",
     [](FakeEngine& engine) {
         engine.script(
             nibble::protocol::kModels,
             FakeAnswer{.result = {{"folder", "/home/you/.local/share/Nibble/models"}, {"models", QJsonArray()}}});
     },
     {}},
    {"models-refused",
     {},
     [](App& app, QObject*) { app.library()->add({QUrl::fromLocalFile("/home/you/report.pdf")}); }},
    {"engine-restarted", {}, [](App& app, QObject*) { static_cast<FakeEngine&>(*app.engine()).crash(Lane::Chat); }},
    {"smaller", {}, [](App& app, QObject* window) { chooseSmaller(app, window, kModel); }},
    {"smaller-last-resort",
     {},
     [](App& app, QObject* window) {
         auto* controller = chooseSmaller(app, window, kModel);
         if (!controller) return;
         controller->setCurrentStop(4);
         controller->start();
     }},
    {"smaller-unfinished",
     [](FakeEngine& engine) {
         const QJsonObject job{{"output", kModel + "-Q4_K_M.gguf"},
                               {"source", kModel},
                               {"recipe", "Q4_K_M"},
                               {"care", "better"},
                               {"plain", true},
                               {"tensors", 272},
                               {"finishedTensors", 120}};
         engine.script(nibble::protocol::kUnfinished, FakeAnswer{.result = {{"jobs", QJsonArray{job}}}});
     },
     [](App& app, QObject* window) { chooseSmaller(app, window, kModel); }},
    {"smaller-again", {}, [](App& app, QObject* window) { chooseSmaller(app, window, kModel + "-Q4_K_M.gguf"); }},
    {"smaller-working",
     [](FakeEngine& engine) {
         FakeAnswer answer{.held = true};
         answer.events.append(
             {"progress", QJsonObject{{"stage", "Making smaller"}, {"fraction", 0.42}, {"secondsLeft", 190}}});
         engine.script(nibble::protocol::kQuantize, answer);
     },
     [](App& app, QObject* window) {
         if (auto* controller = chooseSmaller(app, window, kModel)) controller->start();
         QTest::qWait(300);
     }},
    {"smaller-result", {}, [](App& app, QObject* window) { makeSmaller(app, window); }},
    {"smaller-layers-offered",
     {},
     [](App& app, QObject* window) {
         makeSmaller(app, window);
         scrollToEnd(window);
     }},
    {"smaller-layers-measuring",
     [](FakeEngine& engine) {
         FakeAnswer answer{.held = true};
         answer.events.append(
             {"progress", QJsonObject{{"stage", "Measuring layers"}, {"fraction", 0.42}, {"secondsLeft", 40}}});
         engine.script(nibble::protocol::kLayers, answer);
     },
     [](App& app, QObject* window) {
         if (auto* controller = makeSmaller(app, window)) controller->measureLayers();
         scrollToEnd(window);
     }},
    {"smaller-layers",
     {},
     [](App& app, QObject* window) {
         if (auto* controller = makeSmaller(app, window)) controller->measureLayers();
         settle(static_cast<FakeEngine&>(*app.engine()));
         scrollToEnd(window);
     }},
    {"smaller-layers-failed",
     [](FakeEngine& engine) {
         engine.script(nibble::protocol::kLayers,
                       FakeAnswer{.error = EngineError{"no-memory", "There is not enough memory for this.", "mmap",
                                                       "A smaller model or a shorter context usually helps."}});
     },
     [](App& app, QObject* window) {
         if (auto* controller = makeSmaller(app, window)) controller->measureLayers();
         scrollToEnd(window);
     }},
    {"smaller-finer",
     {},
     [](App& app, QObject* window) {
         auto* controller = makeSmaller(app, window);
         if (!controller) return;
         controller->measureLayers();
         settle(static_cast<FakeEngine&>(*app.engine()));
         controller->giveMore();
         settle(static_cast<FakeEngine&>(*app.engine()));
     }},
    {"smaller-failed",
     [](FakeEngine& engine) {
         engine.script(nibble::protocol::kQuantize,
                       FakeAnswer{.error = EngineError{"no-space", "There is not enough room on the disk.",
                                                       "write: No space left on device",
                                                       "Free 82 MB, or choose another place."}});
     },
     [](App& app, QObject* window) {
         if (auto* controller = chooseSmaller(app, window, kModel)) controller->start();
     }},
    {"chat",
     {},
     [](App& app, QObject*) {
         app.go("chat", {{"model", kModel}});
     }},
    {"chat-answer",
     {},
     [](App& app, QObject*) {
         app.go("chat", {{"model", kModel}, {"ask", "Write a short e-mail about the delivery."}});
         settle(static_cast<FakeEngine&>(*app.engine()));
     }},
    {"chat-versions",
     {},
     [](App& app, QObject* window) {
         auto* chat = askInChat(app, window);
         if (!chat) return;
         chat->retry(1);
         settle(static_cast<FakeEngine&>(*app.engine()));
         chat->setSearch("delivery");
     }},
    {"chat-thinking", // the row of choices at its widest
     [](FakeEngine& engine) {
         engine.script(nibble::protocol::kLoad, FakeAnswer{.result = {{"hasChatTemplate", true},
                                                                      {"canSwitchThinking", true},
                                                                      {"contextLength", 4096},
                                                                      {"device", "cpu"}}});
     },
     [](App& app, QObject*) {
         app.go("chat", {{"model", kModel}});
     }},
    {"chat-trash",
     {},
     [](App& app, QObject* window) {
         auto* chat = askInChat(app, window);
         if (!chat) return;
         chat->removeChat(chat->current());
         chat->projects()->setView(2);
         chat->openChat(chat->conversations()->list().first().id);
     }},
    {"chat-formulas",
     [](FakeEngine& engine) {
         engine.script(
             nibble::protocol::kChat,
             FakeAnswer{.result = {{"text", R"(A loan of $10,000 with a rate of \(p = 4.5\,\%\) a year costs each month

$$r = \frac{K \cdot q^n \cdot (q - 1)}{q^n - 1}, \quad q = 1 + \frac{p}{12}$$

1. \(K\) is the loan, $n$ the number of months.
2. The zeros of \(ax^2 + bx + c\) are

\[ x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \]

3. Not everything can be shown: \(\overset{a}{b}\).

$$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$)"},
                                   {"finish", "end-of-turn"},
                                   {"contextUsed", 500},
                                   {"contextLength", 4096}}});
     },
     [](App& app, QObject* window) { askInChat(app, window); }},
    {"chat-projects",
     {},
     [](App& app, QObject* window) {
         auto* chat = askInChat(app, window);
         if (!chat) return;
         chat->projects()->add("Offers 2026");
         chat->moveTo(1);
     }},
    {"chat-dragged",
     {},
     [](App& app, QObject* w) {
         auto* chat = askInChat(app, w);
         if (!chat) return;
         chat->projects()->add("Offers 2026");
         chat->projects()->setView(0);
         QTest::qWait(200);
         auto* window = qobject_cast<QQuickWindow*>(w);
         QTest::mousePress(window, Qt::LeftButton, {}, {320, 245});
         for (const int moved : {6, 14, 24}) QTest::mouseMove(window, {320 + moved, 245 - moved}, 20);
         QTest::mouseMove(window, {340, 175}, 20);
     }},
    {"chat-advanced",
     {},
     [](App& app, QObject* window) {
         auto* chat = askInChat(app, window);
         if (!chat) return;
         chat->sampling()->set(0, "0.6");
         chat->sampling()->set(2, "3");
         window->property("currentFrame").value<QObject*>()->setProperty("advancedShown", true);
     }},
    {"chat-files",
     [](FakeEngine& engine) {
         engine.script(nibble::protocol::kTokens, [](const QJsonObject& params) {
             return FakeAnswer{.result = {{"tokens", params["text"].toString().size() / 4}}};
         });
     },
     [](App& app, QObject* window) {
         const QTemporaryDir folder;
         QList<QUrl> files;
         for (const auto& [name, size] : {std::pair{"Minutes of Monday.md", 900}, std::pair{"prices.csv", 30000}}) {
             QFile file(folder.filePath(name));
             if (!file.open(QIODevice::WriteOnly)) return;
             file.write(QByteArray(size, 'x'));
             files += QUrl::fromLocalFile(file.fileName());
         }
         auto* chat = askInChat(app, window);
         if (!chat) return;
         chat->chooseRole(3);
         window->property("currentFrame").value<QObject*>()->setProperty("instructionsShown", true);
         chat->attach(files);
     }},
    {"compare",
     {},
     [](App& app, QObject*) {
         app.go("compare", {{"original", kModel}, {"smaller", kModel + "-Q4_K_M.gguf"}});
     }},
    {"compare-answers",
     {},
     [](App& app, QObject*) {
         app.go("compare", {{"original", kModel},
                            {"smaller", kModel + "-Q4_K_M.gguf"},
                            {"ask", "Write a short e-mail about the delivery."}});
         settle(static_cast<FakeEngine&>(*app.engine()));
     }},
    {"compare-thoughts",
     [](FakeEngine& engine) {
         scriptThoughtfulAnswers(engine,
                                 "<think>\nThe user wants a report. I should be polite and name a date.\n</think>\n");
     },
     [](App& app, QObject* window) {
         if (auto* controller = askAll(app, window)) controller->showAll();
     }},
    {"compare-judge", scriptAnswers,
     [](App& app, QObject* window) {
         if (auto* controller = askAll(app, window)) controller->showAll();
     }},
    {"compare-result", scriptAnswers,
     [](App& app, QObject* window) {
         auto* controller = askAll(app, window);
         for (int i = 0; controller && controller->judging(); ++i) {
             controller->showAll();
             controller->vote(i % 3 == 0 ? CompareController::NoDifference : CompareController::A);
         }
     }},
    {"compare-three",
     {},
     [](App& app, QObject*) {
         app.go("compare", {{"original", kModel}, {"smaller", kModel + "-Q4_K_M.gguf"}, {"third", kThird}});
     }},
    {"compare-three-judge", scriptAnswers,
     [](App& app, QObject* window) {
         if (auto* controller = askAll(app, window, kThird)) controller->showAll();
     }},
    {"compare-three-result", scriptAnswers,
     [](App& app, QObject* window) {
         auto* controller = askAll(app, window, kThird);
         for (int i = 0; controller && controller->judging(); ++i) {
             controller->showAll();
             controller->vote(i % 3 == 0 ? CompareController::NoDifference : CompareController::A);
         }
     }},
    {"compare-three-open", scriptAnswers,
     [](App& app, QObject* window) {
         auto* controller = askAll(app, window, kThird);
         if (!controller) return;
         controller->showAll();
         controller->reveal();
         controller->forget();
         controller->setBlind(false);
         controller->ask("Write to Anna and ask for the report.");
         settle(static_cast<FakeEngine&>(*app.engine()));
     }},
    {"download-ask", {}, [](App& app, QObject*) { app.go("download"); }},
    {"download-found",
     {},
     [](App& app, QObject*) {
         app.network()->setAllowed(true);
         app.go("download");
         app.downloads()->find("smollm2");
     }},
    {"download-model",
     [](FakeEngine& engine) {
         FakeAnswer answer{.held = true};
         answer.events.append({"progress", QJsonObject{{"fraction", 0.42}, {"secondsLeft", 190}}});
         engine.script(nibble::protocol::kDownload, answer);
         const QJsonObject left{{"id", "x"},
                                {"name", "HuggingFaceTB/SmolLM2-1.7B-Instruct"},
                                {"choice", "SmolLM2-1.7B-Instruct"},
                                {"bytes", 3.4e9},
                                {"doneBytes", 1.2e9}};
         engine.script(nibble::protocol::kDownloads, FakeAnswer{.result = {{"downloads", QJsonArray{left}}}});
     },
     [](App& app, QObject*) {
         app.network()->setAllowed(true);
         app.go("download");
         app.downloads()->lookUp("bartowski/SmolLM2-135M-Instruct-GGUF");
         settle(static_cast<FakeEngine&>(*app.engine()));
         app.downloads()->get("SmolLM2-135M-Instruct-Q4_K_M.gguf");
     }},
    {"download-error",
     [](FakeEngine& engine) {
         engine.script(
             nibble::protocol::kLookUp,
             FakeAnswer{.error = EngineError{"network", "huggingface.co cannot be reached.",
                                             "Could not resolve host: huggingface.co",
                                             "Check that this computer is connected to the Internet. In an "
                                             "office, ask whether programs have to use a proxy (HTTPS_PROXY)."}});
     },
     [](App& app, QObject*) {
         app.network()->setAllowed(true);
         app.go("download");
         app.downloads()->lookUp("anna/tiny");
     }},
    {"pack",
     {},
     [](App& app, QObject*) {
         app.go("pack", {{"folder", QUrl::fromLocalFile("/media/usb/office")}});
     }},
    {"pack-empty", {}, [](App& app, QObject*) { app.go("pack"); }},
    {"pack-installing",
     [](FakeEngine& engine) {
         engine.script(nibble::protocol::kInstallPack,
                       FakeAnswer{.events = {{"progress", QJsonObject{{"item", "SmolLM2-1.7B-Instruct-Q4_K_M.gguf"},
                                                                      {"fraction", 0.4},
                                                                      {"secondsLeft", 40}}}},
                                  .held = true});
     },
     [](App& app, QObject* window) {
         app.go("pack", {{"folder", QUrl::fromLocalFile("/media/usb/office")}});
         settle(static_cast<FakeEngine&>(*app.engine()));
         auto* page = window->property("currentFrame").value<QObject*>();
         if (auto* pack = page ? page->property("controller").value<PackController*>() : nullptr) pack->install();
     }},
    {"settings-network",
     {},
     [](App& app, QObject*) {
         app.network()->setAllowed(true);
         app.network()->note("huggingface.co", "searching for \"smollm2\"");
         app.network()->note("cdn-lfs.hf.co", "downloading SmolLM2-135M-Instruct-Q4_K_M.gguf of "
                                              "bartowski/SmolLM2-135M-Instruct-GGUF");
         app.go("settings");
     }},
    {"settings", {}, [](App& app, QObject*) { app.go("settings"); }},
};

bool shoot(const Scene& scene, const Look& look, const QDir& folder) {
    QSettings().clear();
    QSettings().setValue("appearance/language", look.language);
    auto fake = std::make_unique<FakeEngine>();
    FakeEngine& engine = *fake;
    scriptDemo(engine);
    if (scene.prepare) scene.prepare(engine);
    App app(std::move(fake));
    QQmlApplicationEngine qml;
    if (!showWindow(qml, app, look.theme, look.textScale)) return false;
    auto* window = qobject_cast<QQuickWindow*>(qml.rootObjects().value(0));
    window->resize(look.size);
    QGuiApplication::setLayoutDirection(look.direction);
    settle(engine);
    if (scene.drive) scene.drive(app, window);
    QTest::qWait(500);
    return window->grabWindow().save(folder.filePath(QStringLiteral("%1-%2.png").arg(scene.name, look.name)));
}

} // namespace

int main(int argc, char** argv) {
    QTemporaryDir home;
    qputenv("XDG_DATA_HOME", home.path().toUtf8());
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, home.path());
    QCoreApplication::setOrganizationName("nibble-shots");
    QCoreApplication::setApplicationName("nibble-shots");
    QCoreApplication::setApplicationVersion(NIBBLE_VERSION);
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    QGuiApplication application(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "Usage: gui_screenshots FOLDER [SCENE]\n");
        return 2;
    }
    const QDir folder(argv[1]);
    if (!folder.mkpath(".")) return 1;
    for (const Look& look : {Look{"light", "light", 1.0}, Look{"dark", "dark", 1.0}, Look{"large", "light", 2.0},
                             Look{"german", "light", 1.0, "de"}, Look{"small", "light", 1.0, "en", {1024, 640}},
                             Look{"mirrored", "light", 1.0, "en", {1024, 640}, Qt::RightToLeft}}) {
        for (const Scene& scene : kScenes) {
            if (argc > 2 && !QString(scene.name).startsWith(argv[2])) continue;
            if (!shoot(scene, look, folder)) return 1;
        }
    }
    return 0;
}
