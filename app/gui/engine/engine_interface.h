// The window's view of the engine: ask for a verb of nibble/protocol.h, get a Reply. ProcessEngine talks to
// `nibble-cli engine`; FakeEngine plays a script for tests, demos and screenshots.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// What went wrong, in the words of the engine's error object (see protocol.h).
struct EngineError {
    Q_GADGET
    QML_VALUE_TYPE(engineError)
    Q_PROPERTY(QString kind MEMBER kind)
    Q_PROPERTY(QString message MEMBER message)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString whatToDo MEMBER whatToDo)

public:
    QString kind;
    QString message;
    QString detail;
    QString whatToDo;

    static EngineError fromJson(const QJsonObject& json);
    bool isCanceled() const { return kind == QLatin1String("canceled"); }
    bool operator==(const EngineError&) const = default;
};

/// One request under way. Ends exactly once, with finished or failed, and deletes itself afterwards: keep it in a
/// QPointer.
class Reply : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// Asks the engine to stop. The reply still ends: failed with kind "canceled" (a chat: finished with what was
    /// written).
    void cancel() {
        if (!m_ended) emit cancelRequested();
    }
    bool ended() const { return m_ended; }

    // For engines only.
    void addEvent(const QString& name, const QJsonObject& data);
    void finish(const QJsonObject& result);
    void fail(const EngineError& error);

signals:
    void event(const QString& name, const QJsonObject& data);
    void finished(const QJsonObject& result);
    void failed(const nibble::gui::EngineError& error);
    void cancelRequested();
    void end();

private:
    bool m_ended = false;
};

/// Each lane is an engine process of its own, so that a long job never blocks a chat. Only that of Network may open
/// connections, and it is there only where the user has allowed it (NetworkUse).
enum class Lane { Work, Chat, Network };

class EngineInterface : public QObject {
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(bool workPaused READ workPaused NOTIFY workPausedChanged)

public:
    using QObject::QObject;

    /// Never blocks, and never ends before control is back in the event loop. The engine owns the reply.
    virtual Reply* request(const QString& verb, const QJsonObject& params, Lane lane = Lane::Work) = 0;
    /// Requests that have not ended.
    int pending() const { return m_pending; }
    /// Somebody waits for an answer of Lane::Chat (or for its model): until it has ended, jobs of Lane::Work stand
    /// still.
    bool workPaused() const { return m_answering > 0; }

signals:
    /// The lane's engine ended by itself; its replies have failed and, where it makes sense, it is being restarted.
    void engineStopped(nibble::gui::Lane lane, const nibble::gui::EngineError& error);
    /// A new engine is ready in this lane. It has no model loaded.
    void engineRestarted(nibble::gui::Lane lane);
    void workPausedChanged();

protected:
    Reply* newReply(const QString& verb, Lane lane);

private:
    int m_pending = 0, m_answering = 0;
};

} // namespace nibble::gui
