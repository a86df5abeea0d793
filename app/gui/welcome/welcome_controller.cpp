#include "welcome_controller.h"

#include "engine/device_choice.h"
#include "engine/fake_engine.h"
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QSettings>
#include <QStandardPaths>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr char kDoneKey[] = "welcome/done";

bool isSameModel(const ModelEntry& a, const ModelEntry& b) { return a.name == b.name && a.bytes == b.bytes; }

} // namespace

bool WelcomeController::isDue() { return !QSettings().value(kDoneKey).toBool(); }

void WelcomeController::finish() { QSettings().setValue(kDoneKey, true); }

QString WelcomeController::packagedPath() {
    return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation) + "/nibble-tiny.F16.gguf";
}

void WelcomeController::setLibrary(Library* library) {
    m_library = library;
    connect(this, &PageController::stateChanged, this, &WelcomeController::startsChanged);
    connect(library, &Library::stateChanged, this, &WelcomeController::startsChanged);
    connect(library, &Library::entryChanged, this, &WelcomeController::startsChanged);
    connect(library, &Library::estimated, this, &WelcomeController::startsChanged);
    connect(library, &Library::added, this, [this](const QString& path) {
        if (m_step == Step::StartingPoint) choose(path);
    });
}

void WelcomeController::setStep(Step step) {
    if (step == m_step) return;
    m_step = step;
    if (step == Step::StartingPoint) {
        m_library->estimateAll(); // with the speed that the test found
        unpack();
    }
    emit stepChanged();
}

void WelcomeController::unpack() {
    const QString path = packagedPath();
    if (!qobject_cast<FakeEngine*>(m_engine) && !QFileInfo::exists(path)) {
        QFile packed(":/demo/tiny.gguf");
        QDir().mkpath(QFileInfo(path).path());
        QSaveFile file(path);
        const bool written = packed.open(QIODevice::ReadOnly) && file.open(QIODevice::WriteOnly) &&
                             file.write(packed.readAll()) == packed.size() && file.commit();
        if (!written) {
            setFailed({"io", tr("The model that comes with Nibble could not be unpacked."),
                       path + ": " + file.errorString(),
                       tr("Make room on the disk, or choose another starting point.")});
            return;
        }
    }
    setState(State::Loading);
    Reply* reply = m_engine->request(protocol::kInspect, {{"path", path}});
    connect(reply, &Reply::failed, this, &WelcomeController::setFailed);
    connect(reply, &Reply::finished, this, [this, path](const QJsonObject& info) {
        m_packaged = ModelEntry::fromInfo(info);
        m_packaged.path = path;
        emit startsChanged();
        judgePackaged();
    });
}

void WelcomeController::judgePackaged() {
    Reply* reply = m_engine->request(protocol::kEstimate, withDevice({{"model", m_packaged.path}}));
    connect(reply, &Reply::failed, this, &WelcomeController::setFailed);
    connect(reply, &Reply::finished, this, [this](const QJsonObject& estimate) {
        m_packaged.setEstimate(estimate);
        setState(State::Ready);
    });
}

ModelEntry WelcomeController::found() const {
    ModelEntry best;
    const bool tooEarly = state() == State::Loading && m_packaged.path.isEmpty(); // it might be the packaged one
    if (!m_library || tooEarly) return best;
    for (const ModelEntry& entry : m_library->models()->entries()) {
        const bool candidate = entry.runnable && entry.chats && (entry.fitTone == "good" || entry.fitTone == "warn");
        if (!candidate || isSameModel(entry, m_packaged) || entry.path == packagedPath()) continue;
        const bool roomier = entry.fitTone == "good" && best.fitTone != "good";
        if (best.path.isEmpty() || roomier || (entry.fitTone == best.fitTone && entry.bytes > best.bytes)) best = entry;
    }
    return best;
}

bool WelcomeController::looking() const {
    return m_library && (m_library->state() == State::Loading || m_library->estimating());
}

ModelEntry WelcomeController::chosen() const {
    if (m_chosen == m_packaged.path || !m_library) return m_packaged;
    return m_library->entry(m_chosen);
}

void WelcomeController::choose(const QString& path) {
    m_chosen = path;
    m_library->select(path); // one that it does not know is added
    emit startsChanged();
    setStep(Step::FirstQuestion);
}

} // namespace nibble::gui
