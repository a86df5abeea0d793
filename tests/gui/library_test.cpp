#include "engine/device_choice.h"
#include "models/library.h"
#include "support.h"

#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>

namespace nibble::gui::test {
namespace {

struct LibraryTest : testing::Test {
    LibraryTest() {
        QSettings().clear();
        scriptDemo(engine);
    }
    bool settled() {
        return waitFor([this] { return engine.pending() == 0; });
    }
    FakeEngine engine;
};

TEST_F(LibraryTest, ListsModelsWithTheirVerdicts) {
    Library library(&engine);
    EXPECT_EQ(library.state(), PageController::State::Loading);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.state(), PageController::State::Ready);
    ASSERT_EQ(library.models()->count(), 5);
    const ModelEntry& first = library.models()->entries()[0];
    EXPECT_EQ(first.bits, "16 bits (original)");
    EXPECT_EQ(first.size, "270 MB");
    EXPECT_EQ(first.fitShort, "Fits");
    EXPECT_EQ(first.fitTone, "good");
    EXPECT_TRUE(first.fitText.contains("to spare"));
    const ModelEntry& large = library.models()->entries()[3];
    EXPECT_EQ(large.fitTone, "bad");
    const ModelEntry& unsupported = library.models()->entries()[4];
    EXPECT_FALSE(unsupported.runnable);
    EXPECT_TRUE(unsupported.problem.contains("mamba"));
    EXPECT_EQ(engine.count(protocol::kEstimate), 4) << "nothing is estimated for a model that cannot run";
    EXPECT_EQ(library.selectedPath(), first.path);
}

TEST_F(LibraryTest, LayersOnTheCardAreChosenByModelAndEstimatedAtOnce) {
    scriptDemoCard(engine);
    Library library(&engine);
    ASSERT_TRUE(settled());
    const QString path = library.models()->entries()[2].path, other = library.models()->entries()[0].path;
    const ModelEntry before = library.entry(path);
    EXPECT_TRUE(before.layersAutomatic);
    EXPECT_GT(before.layersOnCard, 1);
    EXPECT_TRUE(before.placement.contains("graphics card")) << before.placement.toStdString();
    library.setLayersOnCard(path, 1);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.entry(path).layersOnCard, 1);
    EXPECT_FALSE(library.entry(path).layersAutomatic);
    EXPECT_EQ(library.entry(path).facts.size(), before.facts.size());
    EXPECT_EQ(withDevice({{"model", path}})["gpuLayers"], 1);
    EXPECT_FALSE(withDevice({{"model", other}}).contains("gpuLayers"));
    library.setLayersOnCard(path, 0);
    ASSERT_TRUE(settled());
    EXPECT_TRUE(library.entry(path).placement.contains("processor"));
    EXPECT_EQ(library.entry(path).layers, before.layers) << "so that the choice can be taken back";
    library.setLayersOnCard(path, -1);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.entry(path), before);
}

TEST_F(LibraryTest, AnEmptyFolderIsEmptyAndNamesTheFolder) {
    engine.script(protocol::kModels, FakeAnswer{.result = {{"folder", "/models"}, {"models", QJsonArray()}}});
    Library library(&engine);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.state(), PageController::State::Empty);
    EXPECT_EQ(library.folder(), "/models");
}

TEST_F(LibraryTest, ABrokenFileIsListedWithItsProblem) {
    engine.script(protocol::kModels,
                  FakeAnswer{.result = {{"folder", "/models"},
                                        {"models", QJsonArray{QJsonObject{{"path", "/models/cut.gguf"},
                                                                          {"problem", "The file is cut off."}}}}}});
    Library library(&engine);
    ASSERT_TRUE(settled());
    ASSERT_EQ(library.models()->count(), 1);
    EXPECT_EQ(library.models()->entries()[0].name, "cut.gguf");
    EXPECT_EQ(library.models()->entries()[0].problem, "The file is cut off.");
    EXPECT_FALSE(library.models()->entries()[0].runnable);
}

TEST_F(LibraryTest, FailsInWordsAndRecovers) {
    engine.script(protocol::kModels,
                  FakeAnswer{.error = EngineError{"io", "The folder cannot be read.", "errno 13", "Ask for access."}});
    Library library(&engine);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.state(), PageController::State::Failed);
    EXPECT_EQ(library.error().message, "The folder cannot be read.");
    scriptDemo(engine);
    library.refresh();
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.state(), PageController::State::Ready);
    EXPECT_EQ(library.error().message, "");
}

TEST_F(LibraryTest, AModelFromElsewhereIsAddedAndRemembered) {
    const QString path = "/elsewhere/Qwen3-4B";
    {
        Library library(&engine);
        ASSERT_TRUE(settled());
        library.add({QUrl::fromLocalFile(path)});
        ASSERT_TRUE(settled());
        EXPECT_EQ(library.models()->count(), 6);
        EXPECT_EQ(library.selected().path, path);
        EXPECT_EQ(library.selected().fitShort, "Fits");
    }
    Library again(&engine);
    ASSERT_TRUE(settled());
    EXPECT_EQ(again.entry(path).name, "Qwen3 4B");
}

TEST_F(LibraryTest, AFileThatIsNoModelIsRefusedWithTheReason) {
    Library library(&engine);
    ASSERT_TRUE(settled());
    library.add({QUrl::fromLocalFile("/home/you/report.pdf")});
    ASSERT_TRUE(settled());
    EXPECT_FALSE(library.addError().message.isEmpty());
    EXPECT_EQ(library.models()->count(), 5);
    EXPECT_EQ(library.selectedPath(), library.models()->pathAt(0));
    library.closeAddError();
    EXPECT_TRUE(library.addError().message.isEmpty());
}

TEST_F(LibraryTest, SelectingAnUnknownPathBeforeTheListArrivesFindsIt) {
    Library library(&engine);
    const QString path = "/home/you/.local/share/Nibble/models/Qwen3-4B";
    library.select(path); // as --model does
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.selected().name, "Qwen3 4B");
}

TEST_F(LibraryTest, SelectingAPathOutsideTheFolderBeforeTheListArrivesAddsIt) {
    Library library(&engine);
    library.select("/elsewhere/Qwen3-4B");
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.selected().path, "/elsewhere/Qwen3-4B");
}

} // namespace
} // namespace nibble::gui::test
