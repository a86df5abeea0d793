#include "library.h"

#include "components/text_file.h"
#include "engine/device_choice.h"
#include "models/known_folders.h"
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>
#include <utility>

namespace nibble::gui {

namespace {

constexpr char kFolderKey[] = "library/folder";
constexpr char kOpenedKey[] = "library/opened"; // models outside the folder

} // namespace

Library::Library(EngineInterface* engine, QObject* parent) : PageController(parent), m_engine(engine) {
    m_folder = QSettings().value(kFolderKey).toString();
    refresh();
}

ModelEntry Library::entry(const QString& path) const {
    const int row = m_models.indexOf(path);
    return row < 0 ? ModelEntry() : m_models.entries()[row];
}

void Library::refresh() {
    if (state() == State::Loading) return;
    setState(State::Loading);
    Reply* reply = m_engine->request(protocol::kModels, {{"folder", QSettings().value(kFolderKey).toString()}});
    connect(reply, &Reply::finished, this, &Library::listed);
    connect(reply, &Reply::failed, this, &Library::setFailed);
}

void Library::listed(const QJsonObject& result) {
    m_folder = result["folder"].toString();
    emit folderChanged();
    QList<ModelEntry> entries;
    for (const QJsonValue& value : result["models"].toArray()) {
        const QJsonObject model = value.toObject();
        const QString path = model["path"].toString();
        ModelEntry entry = model["info"].isObject() ? ModelEntry::fromInfo(model["info"].toObject())
                                                    : ModelEntry::broken(path, model["problem"].toString());
        entry.path = path;
        entries.append(entry);
    }
    m_models.reset(entries);
    m_toEstimate.clear();
    for (const ModelEntry& entry : entries) {
        if (entry.runnable) m_toEstimate.append(entry.path);
        emit entryChanged(entry.path);
    }
    const QStringList opened = QSettings().value(kOpenedKey).toStringList();
    for (const QString& path : opened) {
        if (m_models.indexOf(path) < 0) inspect(path, true);
    }
    if (m_selectedPath.isEmpty()) {
        m_selectedPath = m_models.pathAt(0);
    } else if (m_models.indexOf(m_selectedPath) < 0 && !opened.contains(m_selectedPath)) {
        inspect(m_selectedPath, false); // selected before the list was there
    }
    settle();
    emit selectedChanged();
    estimateNext();
    for (const QString& folder : knownFolders()) lookInto(folder, false);
}

/// Only models that run are worth mentioning of a folder of another program; of one that the user named, the first
/// problem is.
void Library::lookInto(const QString& folder, bool named) {
    ++m_inspecting;
    Reply* reply = m_engine->request(protocol::kModels, {{"folder", folder}});
    connect(reply, &Reply::failed, this, [this, named](const EngineError& error) {
        --m_inspecting;
        if (named) refuse(error);
        settle();
    });
    connect(reply, &Reply::finished, this, [this, folder, named](const QJsonObject& result) {
        --m_inspecting;
        QString problem = tr("There is no model in this folder.");
        int models = 0;
        for (const QJsonValue& value : result["models"].toArray()) {
            const QJsonObject model = value.toObject();
            const bool readable = model["info"].isObject();
            if (!readable && models == 0) problem = model["problem"].toString();
            if (!readable || (!named && !model["info"]["supported"].toBool())) continue;
            ++models;
            const QString path = model["path"].toString();
            if (named) remember(path);
            if (m_models.indexOf(path) < 0) putNew(path, model["info"].toObject());
            if (named) announce(path);
        }
        if (named && models == 0) {
            refuse({"not-found", problem, folder,
                    tr("A model is a .gguf file, or a folder with config.json and .safetensors files.")});
        }
        settle();
    });
}

void Library::putNew(const QString& path, const QJsonObject& info) {
    ModelEntry entry = ModelEntry::fromInfo(info);
    entry.path = path;
    if (entry.runnable) m_toEstimate.append(path);
    put(entry);
    estimateNext();
}

void Library::remember(const QString& path) {
    QSettings settings;
    const QStringList opened = settings.value(kOpenedKey).toStringList();
    if (!opened.contains(path)) settings.setValue(kOpenedKey, opened + QStringList{path});
}

void Library::forget(const QString& path) {
    QSettings settings;
    QStringList opened = settings.value(kOpenedKey).toStringList();
    if (opened.removeAll(path) > 0) settings.setValue(kOpenedKey, opened);
}

void Library::refuse(const EngineError& error) {
    m_addError = error;
    emit addErrorChanged();
}

/// The first one of add() is selected.
void Library::announce(const QString& path) {
    if (!std::exchange(m_adding, false)) return;
    select(path);
    emit added(path);
}

void Library::select(const QString& path) {
    if (path == m_selectedPath) return;
    m_selectedPath = path;
    emit selectedChanged();
    if (!path.isEmpty() && m_models.indexOf(path) < 0 && state() != State::Loading) inspect(path, false);
}

void Library::add(const QList<QUrl>& urls) {
    closeAddError();
    m_adding = true;
    for (const QUrl& url : urls) {
        const QFileInfo file(localPath(url));
        const QString path = file.absoluteFilePath();
        if (m_models.indexOf(path) >= 0) {
            announce(path);
        } else if (file.isDir() && QFileInfo(path + QLatin1String("/nibble-pack.json")).isFile()) {
            emit packFound(path);
        } else if (file.isDir()) {
            lookInto(path, true);
        } else {
            inspect(path, false);
        }
    }
}

void Library::inspect(const QString& path, bool remembered) {
    ++m_inspecting;
    Reply* reply = m_engine->request(protocol::kInspect, {{"path", path}});
    connect(reply, &Reply::finished, this, [this, path](const QJsonObject& info) {
        --m_inspecting;
        remember(path);
        putNew(path, info);
        announce(path);
        settle();
    });
    connect(reply, &Reply::failed, this, [this, path, remembered](const EngineError& error) {
        --m_inspecting;
        if (m_selectedPath == path) {
            m_selectedPath = m_models.pathAt(0);
            emit selectedChanged();
        }
        if (error.kind == QLatin1String("not-found")) forget(path); // deleted since: no news
        if (!remembered) refuse(error);
        settle();
    });
}

void Library::put(const ModelEntry& entry) {
    m_models.put(entry);
    emit entryChanged(entry.path);
    if (entry.path == m_selectedPath) emit selectedChanged();
}

void Library::estimateNext() {
    if (m_estimating) return;
    if (m_toEstimate.isEmpty()) {
        emit estimated();
        return;
    }
    m_estimating = true;
    const QString path = m_toEstimate.takeFirst();
    Reply* reply = m_engine->request(protocol::kEstimate, withDevice({{"model", path}}));
    connect(reply, &Reply::end, this, [this] { m_estimating = false; });
    connect(reply, &Reply::finished, this, [this, path](const QJsonObject& estimate) {
        if (m_models.indexOf(path) >= 0) {
            ModelEntry entry = this->entry(path);
            entry.setEstimate(estimate);
            put(entry);
        }
        estimateNext();
    });
    connect(reply, &Reply::failed, this, [this, path](const EngineError& error) {
        if (m_models.indexOf(path) >= 0 && error.kind != QLatin1String("engine-stopped")) {
            ModelEntry entry = this->entry(path);
            entry.fitText = error.message;
            put(entry);
        }
        estimateNext();
    });
}

void Library::setLayersOnCard(const QString& path, int layers) {
    if (path.isEmpty() || layers == chosenLayers(path)) return;
    chooseLayers(path, layers);
    estimateSoon(path);
}

void Library::setContext(const QString& path, int tokens) {
    if (path.isEmpty() || tokens == chosenContext(path)) return;
    chooseContext(path, tokens);
    estimateSoon(path);
}

void Library::estimateSoon(const QString& path) {
    if (!m_toEstimate.contains(path)) m_toEstimate.prepend(path);
    estimateNext();
}

void Library::moveToTrash(const QString& path) {
    const ModelEntry entry = this->entry(path);
    if (!entry.trashable) return;
    QString inTrash;
    if (!QFile::moveToTrash(path, &inTrash)) {
        refuse({"io", tr("%1 could not be moved to the trash.").arg(QFileInfo(path).fileName()), path,
                tr("Delete it in the file manager.")});
        return;
    }
    m_trashed = {entry.name, path, inTrash};
    forget(path);
    m_models.remove(path);
    m_toEstimate.removeAll(path);
    if (m_selectedPath == path) select(m_models.pathAt(0));
    settle();
    emit trashedChanged();
}

void Library::restore() {
    const Trashed file = std::exchange(m_trashed, {});
    emit trashedChanged();
    // QFile::rename never replaces a file that has taken the place.
    if (!QFile::rename(file.inTrash, file.path)) {
        refuse({"io", tr("%1 could not be put back.").arg(file.name), file.inTrash,
                tr("Restore it in the file manager.")});
        return;
    }
    const QFileInfo trash(file.inTrash);
    QFile::remove(trash.path() + "/../info/" + trash.fileName() + ".trashinfo");
    m_adding = true;
    inspect(file.path, false);
}

void Library::closeTrashed() {
    m_trashed = {};
    emit trashedChanged();
}

void Library::estimateAll() {
    for (const ModelEntry& entry : m_models.entries())
        if (entry.runnable && !m_toEstimate.contains(entry.path)) m_toEstimate.append(entry.path);
    estimateNext();
}

void Library::settle() { setState(m_models.count() == 0 && m_inspecting == 0 ? State::Empty : State::Ready); }

void Library::setFolder(const QUrl& folder) {
    QSettings().setValue(kFolderKey, localPath(folder));
    refresh();
}

void Library::closeAddError() {
    m_addError = {};
    emit addErrorChanged();
}

} // namespace nibble::gui
