// The page Download on the scripted engine.
#include "download/downloads.h"
#include "support.h"

#include <QJsonArray>
#include <QSettings>
#include <QStandardPaths>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

struct DownloadPage : testing::Test {
    void SetUp() override {
        QSettings().clear();
        scriptDemo(engine);
        engine.script(protocol::kDownloads, [this](const QJsonObject&) {
            return FakeAnswer{.result = {{"downloads", left}}};
        });
        library = std::make_unique<Library>(&engine);
        downloads = std::make_unique<Downloads>(engine, *library, network);
        settle();
    }
    void TearDown() override { QSettings().clear(); }
    void settle() {
        ASSERT_TRUE(waitFor([this] { return engine.pending() == 0; }));
    }
    /// A search, a model, and its first file, as far as the engine lets them come.
    void getOne() {
        network.setAllowed(true);
        downloads->find("smollm2");
        settle();
        downloads->lookUp(downloads->property("hits").toList().at(0).value<HubHit>().name);
        settle();
        downloads->get(downloads->choices().at(0).value<HubChoice>().name);
    }

    FakeEngine engine;
    NetworkUse network;
    QJsonArray left;
    std::unique_ptr<Library> library;
    std::unique_ptr<Downloads> downloads;
};

TEST_F(DownloadPage, NothingIsAskedBeforeItIsAllowed) {
    downloads->find("smollm2");
    downloads->find("anna/tiny");
    downloads->lookUp("anna/tiny");
    settle();
    for (const char* verb : {protocol::kSearchHub, protocol::kLookUp, protocol::kDownload})
        EXPECT_EQ(engine.count(verb), 0) << verb;
    for (const FakeEngine::Call& call : engine.calls()) EXPECT_NE(call.lane, Lane::Network) << qPrintable(call.verb);
}

TEST_F(DownloadPage, ATokenIsKeptForOneHubInAFileOfOnesOwn) {
    const QString file = QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + "/hub-token";
    const auto sent = [&](const QString& hub) {
        network.setHub(hub);
        downloads->find("smollm2");
        settle();
        return engine.calls().last().params["token"].toString();
    };
    network.setAllowed(true);
    network.setHub("https://hub.office.example/");
    EXPECT_FALSE(network.signedIn());
    EXPECT_EQ(network.keepToken("  hf_Secret1 \n"), "");
    EXPECT_TRUE(network.signedIn());
    EXPECT_EQ(QFile::permissions(file) & ~(QFile::ReadUser | QFile::WriteUser), QFile::ReadOwner | QFile::WriteOwner);
    EXPECT_EQ(sent("https://hub.office.example"), "hf_Secret1");
    EXPECT_EQ(sent("https://huggingface.co"), "") << "another hub";
    EXPECT_FALSE(network.signedIn());
    network.setHub("https://hub.office.example");
    EXPECT_EQ(network.keepToken(""), "");
    EXPECT_FALSE(QFile::exists(file));
    EXPECT_EQ(sent("https://hub.office.example"), "");
    for (const QString& use : network.uses()) EXPECT_FALSE(use.contains("Secret"));
}

TEST_F(DownloadPage, SearchThenModelThenFile) {
    network.setHub("https://hub.office.example");
    getOne();
    settle();
    EXPECT_EQ(downloads->model(), "bartowski/SmolLM2-135M-Instruct-GGUF");
    const HubChoice choice = downloads->choices().at(0).value<HubChoice>();
    EXPECT_EQ(choice.title, "4 bits  ·  82 MB");
    EXPECT_EQ(choice.fitTone, "good");
    EXPECT_TRUE(choice.suggested);
    EXPECT_EQ(downloads->choices().at(3).value<HubChoice>().title, "16 bits (original)  ·  269 MB");
    for (const FakeEngine::Call& call : engine.calls()) {
        if (call.lane != Lane::Network) continue;
        EXPECT_EQ(call.params["hub"], "https://hub.office.example") << qPrintable(call.verb);
    }
    EXPECT_FALSE(downloads->running());
    EXPECT_EQ(library->selectedPath(), downloads->property("arrived").toString());
    EXPECT_FALSE(library->selectedPath().isEmpty());
}

TEST_F(DownloadPage, APausedOneIsListedAndGoesOn) {
    engine.script(protocol::kDownload, FakeAnswer{.held = true});
    getOne();
    EXPECT_TRUE(downloads->running());
    EXPECT_EQ(downloads->state(), PageController::State::Busy);
    left = {QJsonObject{{"id", "a--b--c.gguf"},
                        {"name", "a/b"},
                        {"choice", "c.gguf"},
                        {"hub", "https://other.example"},
                        {"bytes", 200e6},
                        {"doneBytes", 50e6}}};
    downloads->pause();
    settle();
    EXPECT_FALSE(downloads->running());
    EXPECT_EQ(downloads->error().message, "") << "a pause is no fault";
    const PausedDownload paused = downloads->paused().at(0).value<PausedDownload>();
    EXPECT_EQ(paused.progress, 0.25);
    EXPECT_TRUE(paused.detail.startsWith("50 MB of 200 MB are here")) << qPrintable(paused.detail);
    downloads->goOn(paused.id);
    EXPECT_EQ(engine.calls().last().params["hub"], "https://other.example") << "from where it began";
    EXPECT_EQ(engine.calls().last().params["choice"], "c.gguf");
    left = {};
    network.setAllowed(false); // pauses it, too
    settle();
    EXPECT_FALSE(downloads->running());
    downloads->discard(paused.id);
    settle();
    EXPECT_EQ(engine.count(protocol::kDiscardDownload), 1);
    EXPECT_TRUE(downloads->paused().isEmpty());
}

TEST_F(DownloadPage, FaultsAreShownAndWhatWasSentIsNoted) {
    FakeAnswer answer{.error = EngineError{"network", "No.", "detail", "Check."}};
    answer.events.append({"connection", QJsonObject{{"host", "hub.example"}}});
    engine.script(protocol::kDownload, answer);
    getOne();
    settle();
    EXPECT_EQ(downloads->error().message, "No.");
    ASSERT_EQ(network.uses().size(), 1);
    EXPECT_TRUE(network.uses()[0].contains("hub.example, downloading SmolLM2-135M-Instruct-Q4_K_M.gguf"))
        << qPrintable(network.uses()[0]);
    downloads->closeError();
    EXPECT_EQ(downloads->error().message, "");
}

TEST_F(DownloadPage, ACrashOfTheEngineLeavesItPaused) {
    engine.script(protocol::kDownload, FakeAnswer{.held = true});
    getOne();
    engine.crash(Lane::Network);
    settle();
    EXPECT_FALSE(downloads->running());
    EXPECT_EQ(downloads->state(), PageController::State::Failed);
}

} // namespace
} // namespace nibble::gui::test
