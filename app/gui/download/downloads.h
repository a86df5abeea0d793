// Models from a hub: searching, what a model offers, and one download at a time that can be paused and goes on where it
// was, also after the program was closed. Behind the page Download, and one for the window: a download runs on while
// the user does other things.
#pragma once

#include "components/page_controller.h"
#include "engine/network_use.h"
#include "models/library.h"
#include <QPointer>
#include <QVariantList>

namespace nibble::gui {

/// A model that the hub found.
struct HubHit {
    Q_GADGET
    QML_VALUE_TYPE(hubHit)
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(QString detail MEMBER detail)
public:
    QString name;   // "owner/model"
    QString detail; // "12,345 downloads · ready to use"
};

/// A file, or the folder of an original, that can be downloaded.
struct HubChoice {
    Q_GADGET
    QML_VALUE_TYPE(hubChoice)
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(QString title MEMBER title)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString fitShort MEMBER fitShort)
    Q_PROPERTY(QString fitTone MEMBER fitTone)
    Q_PROPERTY(QString fitText MEMBER fitText)
    Q_PROPERTY(bool suggested MEMBER suggested)
public:
    QString name;   // as the engine takes it
    QString title;  // "4 bits · 105 MB"
    QString detail; // the file's name
    QString fitShort, fitTone, fitText;
    double bytes = 0;
    bool suggested = false;
};

/// A download that was stopped.
struct PausedDownload {
    Q_GADGET
    QML_VALUE_TYPE(pausedDownload)
    Q_PROPERTY(QString id MEMBER id)
    Q_PROPERTY(QString title MEMBER title)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString choice MEMBER choice)
    Q_PROPERTY(double progress MEMBER progress)
public:
    QString id, name, choice, hub; // as the engine takes them
    QString title;                 // "tiny-Q4_K_M.gguf is not complete"
    QString detail;                // "52 of 105 MB are here."
    double progress = 0;
    bool operator==(const PausedDownload&) const = default;
};

class Downloads : public nibble::gui::PageController { // in full, for qmllint
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("One for the window, see App")
    Q_PROPERTY(QVariantList hits MEMBER m_hits NOTIFY foundChanged)
    Q_PROPERTY(bool searched MEMBER m_searched NOTIFY foundChanged)
    Q_PROPERTY(QString model MEMBER m_model NOTIFY foundChanged)
    Q_PROPERTY(QString modelDetail MEMBER m_modelDetail NOTIFY foundChanged)
    Q_PROPERTY(QVariantList choices READ choices NOTIFY foundChanged)
    Q_PROPERTY(bool running READ running NOTIFY progressChanged)
    Q_PROPERTY(QString runningName MEMBER m_choice NOTIFY progressChanged)
    Q_PROPERTY(double progress MEMBER m_progress NOTIFY progressChanged)
    Q_PROPERTY(QString progressText MEMBER m_progressText NOTIFY progressChanged)
    Q_PROPERTY(QVariantList paused READ paused NOTIFY pausedChanged)
    Q_PROPERTY(QString arrived MEMBER m_arrived NOTIFY progressChanged)

public:
    Downloads(EngineInterface& engine, Library& library, NetworkUse& network);

    bool running() const { return !m_job.isNull(); }
    double progress() const { return m_progress; }
    const QString& model() const { return m_model; }
    QVariantList choices() const;
    QVariantList paused() const;

    /// "owner/model", a link, or words to search for.
    Q_INVOKABLE void find(const QString& text);
    Q_INVOKABLE void lookUp(const QString& name);
    /// Back to what the search found.
    Q_INVOKABLE void closeModel();
    /// Begins a download of the model that is shown.
    Q_INVOKABLE void get(const QString& choice);
    Q_INVOKABLE void pause();
    Q_INVOKABLE void goOn(const QString& id);
    Q_INVOKABLE void discard(const QString& id);
    /// What is being asked is no longer wanted.
    Q_INVOKABLE void stopAsking();
    /// From what is being asked, or from the model that is open; false: from neither.
    Q_INVOKABLE bool goBack();
    Q_INVOKABLE void closeError();
    Q_INVOKABLE void closeArrived();
    /// Asks the engine what was left unfinished; uses no network.
    void look();

signals:
    void foundChanged();
    void progressChanged();
    void pausedChanged();

private:
    Reply* ask(const QString& verb, QJsonObject params, const QString& purpose);
    void showModel(const QJsonObject& model);
    void run(const PausedDownload& what);
    void settle();

    EngineInterface& m_engine;
    Library& m_library;
    NetworkUse& m_network;
    QPointer<Reply> m_asking, m_job;
    QVariantList m_hits;
    QList<HubChoice> m_choices;
    QList<PausedDownload> m_paused;
    QString m_model, m_modelDetail, m_choice, m_progressText, m_arrived;
    double m_progress = 0;
    bool m_searched = false;
};

} // namespace nibble::gui
