#include "known_folders.h"

#include <QDir>
#include <QStandardPaths>

namespace nibble::gui {

namespace {

constexpr int kMostFolders = 200; // of Hugging Face: each model is one

/// hub/models--AUTHOR--NAME/snapshots/REVISION: deeper than a model folder is searched.
QStringList huggingFace(const QString& cache) {
    const QString home = qEnvironmentVariable("HF_HOME", cache + "/huggingface");
    const QDir hub(qEnvironmentVariable("HF_HUB_CACHE", home + "/hub"));
    QStringList folders;
    const QStringList models = hub.entryList({"models--*"}, QDir::Dirs, QDir::Name).mid(0, kMostFolders);
    for (const QString& model : models) folders << hub.filePath(model + "/snapshots");
    return folders;
}

} // namespace

QStringList knownFolders() {
    const QString home = QDir::homePath();
    const QString data = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
    const QString cache = QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation);
    QStringList folders{QStandardPaths::writableLocation(QStandardPaths::DownloadLocation),
                        home + "/.lmstudio/models",
                        cache + "/lm-studio/models",
                        data + "/nomic.ai/GPT4All",
                        data + "/Jan/data/llamacpp/models",
                        cache + "/llama.cpp"};
    folders += huggingFace(cache);
    folders.removeIf([](const QString& folder) { return folder.isEmpty() || !QDir(folder).exists(); });
    return folders;
}

} // namespace nibble::gui
