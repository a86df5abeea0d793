// The page of an offline pack: what is in it, whether it is whole and fits, and installing it.
#pragma once

#include "components/page_controller.h"
#include "models/library.h"
#include <QPointer>
#include <QUrl>
#include <QVariantList>

namespace nibble::gui {

/// A model in a pack.
struct PackModel {
    Q_GADGET
    QML_VALUE_TYPE(packModel)
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString fitShort MEMBER fitShort)
    Q_PROPERTY(QString fitTone MEMBER fitTone)
    Q_PROPERTY(QString fitText MEMBER fitText)
public:
    QString name;
    QString detail; // "270 MB · Licence: apache-2.0"
    QString fitShort, fitTone, fitText;
    bool present = false; // in the folder of models
};

class PackController : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(nibble::gui::EngineInterface* engine MEMBER m_engine)
    Q_PROPERTY(nibble::gui::Library* library MEMBER m_library)
    Q_PROPERTY(QString name MEMBER m_name NOTIFY packChanged)
    Q_PROPERTY(QString detail MEMBER m_detail NOTIFY packChanged)
    Q_PROPERTY(QVariantList models READ models NOTIFY packChanged)
    Q_PROPERTY(bool installable READ installable NOTIFY packChanged)
    /// What came of checking or installing, in plain words; empty before.
    Q_PROPERTY(QString outcome MEMBER m_outcome NOTIFY packChanged)
    Q_PROPERTY(QString installedPath MEMBER m_installedPath NOTIFY packChanged)
    Q_PROPERTY(QString job MEMBER m_jobName NOTIFY progressChanged)
    Q_PROPERTY(double progress MEMBER m_progress NOTIFY progressChanged)
    Q_PROPERTY(QString progressText MEMBER m_progressText NOTIFY progressChanged)

public:
    using PageController::PageController;

    QVariantList models() const;
    /// Something in it is not here yet.
    bool installable() const;

    /// Reads the manifest of a pack's folder.
    Q_INVOKABLE void open(const QUrl& folder);
    /// Reads every file and compares it with its checksum.
    Q_INVOKABLE void check();
    /// Does so while copying; nothing appears unless all of it is right.
    Q_INVOKABLE void install();
    Q_INVOKABLE void stop();

signals:
    void packChanged();
    void progressChanged();

private:
    void read();
    void show(const QJsonObject& pack);
    Reply* run(const QString& verb, const QJsonObject& params, const QString& name);

    EngineInterface* m_engine = nullptr;
    Library* m_library = nullptr;
    QString m_path, m_name, m_detail, m_outcome, m_installedPath, m_jobName, m_progressText;
    QList<PackModel> m_models;
    QPointer<Reply> m_reading, m_job;
    double m_progress = -1;
};

} // namespace nibble::gui
