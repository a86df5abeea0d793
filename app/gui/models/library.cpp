#include "library.h"

#include "engine/device_choice.h"
#include <QFileInfo>
#include <QJsonArray>
#include <QSettings>
#include <nibble/protocol.h>

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
}

void Library::select(const QString& path) {
    if (path == m_selectedPath) return;
    m_selectedPath = path;
    emit selectedChanged();
    if (!path.isEmpty() && m_models.indexOf(path) < 0 && state() != State::Loading) inspect(path, false);
}

void Library::add(const QList<QUrl>& urls) {
    closeAddError();
    for (const QUrl& url : urls) {
        const QString path = QFileInfo(url.isLocalFile() ? url.toLocalFile() : url.toString()).absoluteFilePath();
        if (url == urls.first()) {
            m_selectedPath = path;
            emit selectedChanged();
        }
        if (m_models.indexOf(path) < 0) inspect(path, false);
    }
}

void Library::inspect(const QString& path, bool remembered) {
    ++m_inspecting;
    Reply* reply = m_engine->request(protocol::kInspect, {{"path", path}});
    connect(reply, &Reply::finished, this, [this, path](const QJsonObject& info) {
        --m_inspecting;
        ModelEntry entry = ModelEntry::fromInfo(info);
        entry.path = path;
        QSettings settings;
        QStringList opened = settings.value(kOpenedKey).toStringList();
        if (!opened.contains(path)) settings.setValue(kOpenedKey, opened << path);
        if (entry.runnable) m_toEstimate.append(path);
        put(entry);
        settle();
        estimateNext();
    });
    connect(reply, &Reply::failed, this, [this, path, remembered](const EngineError& error) {
        --m_inspecting;
        if (m_selectedPath == path) {
            m_selectedPath = m_models.pathAt(0);
            emit selectedChanged();
        }
        QSettings settings;
        QStringList opened = settings.value(kOpenedKey).toStringList();
        // A model that was deleted since is no news; forget it.
        if (error.kind == QLatin1String("not-found") && opened.removeAll(path) > 0)
            settings.setValue(kOpenedKey, opened);
        if (!remembered) {
            m_addError = error;
            emit addErrorChanged();
        }
        settle();
    });
}

void Library::put(const ModelEntry& entry) {
    m_models.put(entry);
    emit entryChanged(entry.path);
    if (entry.path == m_selectedPath) emit selectedChanged();
}

void Library::estimateNext() {
    if (m_estimating || m_toEstimate.isEmpty()) return;
    m_estimating = true;
    const QString path = m_toEstimate.takeFirst();
    Reply* reply = m_engine->request(protocol::kEstimate, withDevice({{"model", path}}));
    connect(reply, &Reply::finished, this, [this, path](const QJsonObject& estimate) {
        m_estimating = false;
        if (m_models.indexOf(path) >= 0) {
            ModelEntry entry = this->entry(path);
            entry.setEstimate(estimate);
            put(entry);
        }
        estimateNext();
    });
    connect(reply, &Reply::failed, this, [this, path](const EngineError& error) {
        m_estimating = false;
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
    if (!m_toEstimate.contains(path)) m_toEstimate.prepend(path);
    estimateNext();
}

void Library::estimateAll() {
    for (const ModelEntry& entry : m_models.entries())
        if (entry.runnable && !m_toEstimate.contains(entry.path)) m_toEstimate.append(entry.path);
    estimateNext();
}

void Library::settle() { setState(m_models.count() == 0 && m_inspecting == 0 ? State::Empty : State::Ready); }

void Library::setFolder(const QUrl& folder) {
    QSettings().setValue(kFolderKey, folder.toLocalFile());
    refresh();
}

void Library::closeAddError() {
    m_addError = {};
    emit addErrorChanged();
}

} // namespace nibble::gui
