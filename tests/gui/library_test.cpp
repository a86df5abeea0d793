#include "engine/device_choice.h"
#include "models/known_folders.h"
#include "models/library.h"
#include "models/model_filter.h"
#include "support.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
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

TEST_F(LibraryTest, TheSearchFindsNamesFormatsAndLicences) {
    Library library(&engine);
    ASSERT_TRUE(settled());
    ModelFilter filter;
    filter.setSourceModel(library.models());
    EXPECT_EQ(filter.rows(), 5);
    QSignalSpy counted(&filter, &ModelFilter::countChanged);
    filter.setText("q4_k smol");
    ASSERT_EQ(filter.rows(), 1);
    EXPECT_GT(counted.count(), 0);
    EXPECT_EQ(filter.pathAt(0), library.models()->pathAt(1));
    EXPECT_EQ(filter.indexOf(library.models()->pathAt(1)), 0);
    EXPECT_EQ(filter.indexOf(library.models()->pathAt(0)), -1);
    filter.setText("APACHE");
    EXPECT_EQ(filter.rows(), 5);
    filter.setText("no such model");
    EXPECT_EQ(filter.rows(), 0);
    EXPECT_EQ(filter.pathAt(0), "");
}

TEST_F(LibraryTest, AFolderGivesAllItsModelsAndTheFirstIsSelected) {
    QTemporaryDir folder;
    Library library(&engine);
    ASSERT_TRUE(settled());
    const auto listed = [&](const QJsonArray& models) {
        engine.script(protocol::kModels, FakeAnswer{.result = {{"folder", folder.path()}, {"models", models}}});
        library.add({QUrl::fromLocalFile(folder.path())});
        return settled();
    };
    const auto model = [&](const QString& file) {
        return QJsonObject{{"path", folder.filePath(file)},
                           {"problem", ""},
                           {"info", QJsonObject{{"name", file}, {"supported", true}}}};
    };
    QSignalSpy added(&library, &Library::added);
    ASSERT_TRUE(listed({model("a.gguf"), model("b.gguf")}));
    EXPECT_EQ(library.models()->count(), 7);
    EXPECT_EQ(added.count(), 1);
    EXPECT_EQ(library.selectedPath(), folder.filePath("a.gguf"));
    ASSERT_TRUE(listed({}));
    EXPECT_EQ(library.addError().message, "There is no model in this folder.");
    ASSERT_TRUE(listed({QJsonObject{{"path", folder.filePath("cut.gguf")}, {"problem", "The file is cut off."}}}));
    EXPECT_EQ(library.addError().message, "The file is cut off.");
    EXPECT_EQ(library.models()->count(), 7);
    EXPECT_EQ(library.selectedPath(), folder.filePath("a.gguf"));
}

TEST_F(LibraryTest, ModelsOfOtherProgramsAreFoundInTheirFolders) {
    const QString gpt4all = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/nomic.ai/GPT4All";
    ASSERT_TRUE(QDir().mkpath(gpt4all));
    EXPECT_EQ(knownFolders(), QStringList{gpt4all});
    const auto info = [](bool supported) { return QJsonObject{{"name", "x"}, {"supported", supported}}; };
    engine.script(protocol::kModels, [&](const QJsonObject& params) {
        if (params["folder"].toString().isEmpty())
            return FakeAnswer{.result = {{"folder", "/models"}, {"models", QJsonArray()}}};
        return FakeAnswer{
            .result = {{"folder", params["folder"]},
                       {"models", QJsonArray{QJsonObject{{"path", gpt4all + "/a.gguf"}, {"info", info(true)}},
                                             QJsonObject{{"path", gpt4all + "/odd.gguf"}, {"info", info(false)}},
                                             QJsonObject{{"path", gpt4all + "/cut.gguf"}, {"problem", "Cut."}}}}}};
    });
    Library library(&engine);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.models()->count(), 1) << "only what runs is worth mentioning";
    EXPECT_EQ(library.models()->pathAt(0), gpt4all + "/a.gguf");
    EXPECT_EQ(library.addError().message, "");
    QDir(gpt4all).removeRecursively();
}

TEST_F(LibraryTest, AModelGoesToTheTrashAndComesBack) {
    QTemporaryDir folder(QDir::homePath() + "/models-XXXXXX"); // the trash is on the same disk
    const QString path = folder.filePath("SmolLM2-135M-Instruct-Q4_K_M.gguf");
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly) && file.write("model") == 5);
    file.close();
    Library library(&engine);
    ASSERT_TRUE(settled());
    library.add({QUrl::fromLocalFile(path)});
    ASSERT_TRUE(settled());
    ASSERT_TRUE(library.selected().trashable);
    library.moveToTrash(path);
    EXPECT_FALSE(QFile::exists(path));
    EXPECT_EQ(library.models()->indexOf(path), -1);
    EXPECT_EQ(library.trashed(), "SmolLM2 135M Instruct");
    EXPECT_EQ(library.selectedPath(), library.models()->pathAt(0));
    library.restore();
    ASSERT_TRUE(settled());
    EXPECT_TRUE(QFile::exists(path));
    EXPECT_EQ(library.trashed(), "");
    EXPECT_EQ(library.selectedPath(), path);
    EXPECT_EQ(library.addError().message, "");

    // A file that has taken the place is not replaced.
    library.moveToTrash(path);
    QFile other(path);
    ASSERT_TRUE(other.open(QIODevice::WriteOnly) && other.write("another") == 7);
    other.close();
    library.restore();
    EXPECT_EQ(library.addError().kind, "io");
    EXPECT_EQ(QFileInfo(path).size(), 7);
}

TEST_F(LibraryTest, FoldersAndModelsInSeveralFilesAreNotDeletedHere) {
    const auto entry = [](const char* path, const char* container) {
        return ModelEntry::fromInfo({{"path", path}, {"container", container}, {"supported", true}});
    };
    EXPECT_TRUE(entry("/m/a.gguf", "gguf").trashable);
    EXPECT_FALSE(entry("/m/a-00001-of-00003.gguf", "gguf").trashable);
    EXPECT_FALSE(entry("/m/a", "huggingface").trashable);
    Library library(&engine);
    ASSERT_TRUE(settled());
    library.moveToTrash(library.models()->pathAt(0));
    EXPECT_EQ(library.models()->count(), 5);
}

TEST_F(LibraryTest, TheMemoryFollowsTheConversationThatIsKeptInMind) {
    Library library(&engine);
    ASSERT_TRUE(settled());
    const QString path = library.models()->pathAt(0);
    const auto share = [&](int part) { return library.entry(path).memory.value(part).toMap()["share"].toDouble(); };
    EXPECT_EQ(library.entry(path).context, 4096);
    EXPECT_EQ(library.entry(path).contexts, (QList<int>{1024, 2048, 4096, 8192}));
    EXPECT_EQ(library.entry(path).contextRow(), 2);
    EXPECT_NEAR(share(0) + share(1) + share(2) + share(3), 1, 1e-9);
    const double before = share(1), spare = share(3);
    library.setContext(path, 8192);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.entry(path).context, 8192);
    EXPECT_NEAR(share(1), 2 * before, 0.01 * before);
    EXPECT_LT(share(3), spare);
    EXPECT_EQ(withDevice({{"model", path}})["contextLength"], 8192) << "so is it opened next";
    library.setContext(path, 0);
    ASSERT_TRUE(settled());
    EXPECT_EQ(library.entry(path).context, 4096);
    EXPECT_FALSE(withDevice({{"model", path}}).contains("contextLength"));
}

} // namespace
} // namespace nibble::gui::test
