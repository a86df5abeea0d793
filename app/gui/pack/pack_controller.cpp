#include "pack_controller.h"

#include "components/text_file.h"
#include "components/wording.h"
#include <QJsonArray>
#include <QLocale>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

QVariantList PackController::models() const {
    QVariantList list;
    for (const PackModel& model : m_models) list += QVariant::fromValue(model);
    return list;
}

bool PackController::installable() const {
    return std::any_of(m_models.begin(), m_models.end(), [](const PackModel& model) { return !model.present; });
}

void PackController::open(const QUrl& folder) {
    if (m_job) return;
    m_path = localPath(folder);
    m_outcome.clear();
    m_installedPath.clear();
    m_models.clear();
    m_name.clear();
    setState(State::Loading);
    emit packChanged();
    read();
}

void PackController::read() {
    if (m_reading) m_reading->disconnect(this);
    m_reading = m_engine->request(protocol::kPack, {{"pack", m_path}, {"folder", m_library->folder()}});
    connect(m_reading, &Reply::finished, this, [this](const QJsonObject& result) {
        show(result);
        if (state() == State::Loading) setState(State::Ready);
        emit packChanged();
    });
    connect(m_reading, &Reply::failed, this, &PackController::setFailed);
}

void PackController::show(const QJsonObject& pack) {
    m_name = pack["name"].toString();
    m_models.clear();
    for (const QJsonValue& value : pack["models"].toArray()) {
        const QString license = value["license"].toString(), problem = value["problem"].toString();
        PackModel model{.name = value["name"].toString(), .present = value["present"].toBool()};
        if (model.name.isEmpty()) model.name = value["place"].toString();
        model.detail =
            wording::joined({wording::bytes(value["bytes"].toDouble()),
                             license.isEmpty() ? tr("The licence is not stated") : tr("Licence: %1").arg(license)});
        if (model.present) {
            std::tie(model.fitShort, model.fitTone) = std::pair(tr("Is here"), QStringLiteral("good"));
        } else if (!problem.isEmpty()) {
            std::tie(model.fitShort, model.fitTone) = std::pair(tr("Cannot be used"), QStringLiteral("bad"));
            model.fitText = problem;
        } else {
            std::tie(model.fitShort, model.fitTone) = fitWords(value["verdict"].toObject());
            model.fitText = value["verdict"]["sentence"].toString();
        }
        m_models += model;
    }
    m_detail = wording::joined(
        {tr("Models: %1").arg(QLocale().toString(m_models.size())), wording::bytes(pack["bytes"].toDouble()), m_path});
}

Reply* PackController::run(const QString& verb, const QJsonObject& params, const QString& name) {
    m_jobName = name;
    m_progress = -1;
    m_progressText = tr("Waiting for its turn…");
    m_outcome.clear();
    m_installedPath.clear();
    setState(State::Busy);
    m_job = m_engine->request(verb, params);
    connect(m_job, &Reply::event, this, [this](const QString& event, const QJsonObject& data) {
        if (event != QLatin1String("progress")) return;
        m_progress = data["fraction"].toDouble();
        m_progressText = wording::joined({tr("%1 %").arg(int(100 * m_progress)), data["item"].toString(),
                                          wording::timeLeft(data["secondsLeft"].toDouble())});
        emit progressChanged();
    });
    connect(m_job, &Reply::failed, this, [this](const EngineError& error) {
        m_job = nullptr;
        if (error.isCanceled()) {
            m_outcome = tr("Stopped. Nothing was installed.");
            setState(State::Ready);
        } else {
            setFailed(error);
        }
        emit packChanged();
    });
    emit progressChanged();
    emit packChanged();
    return m_job;
}

void PackController::check() {
    if (m_job || m_models.isEmpty()) return;
    connect(run(protocol::kCheckPack, {{"pack", m_path}}, tr("Checking the pack")), &Reply::finished, this, [this] {
        m_job = nullptr;
        m_outcome = tr("The pack is whole: every file is as it was packed.");
        setState(State::Ready);
        emit packChanged();
    });
}

void PackController::install() {
    if (m_job || !installable()) return;
    const QJsonObject params{{"pack", m_path}, {"folder", m_library->folder()}};
    connect(run(protocol::kInstallPack, params, tr("Installing the pack")), &Reply::finished, this,
            [this](const QJsonObject& result) {
                m_job = nullptr;
                const QJsonArray installed = result["installed"].toArray();
                m_installedPath = installed.first().toString();
                m_outcome =
                    tr("Installed and checked. Models that are new: %1.").arg(QLocale().toString(installed.size()));
                setState(State::Ready);
                m_library->refresh();
                if (!m_installedPath.isEmpty()) m_library->select(m_installedPath);
                read(); // they are here now
                emit packChanged();
            });
}

void PackController::stop() {
    if (m_job) m_job->cancel();
}

} // namespace nibble::gui
