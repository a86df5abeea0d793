// One engine process: starts it on demand, frames its lines, and starts it again after a crash.
#pragma once

#include "engine_interface.h"
#include <QHash>
#include <QPointer>
#include <QProcess>
#include <QTimer>

namespace nibble::gui {

class EngineProcess : public QObject {
    Q_OBJECT

public:
    /// `program` empty: no engine was found, and every request fails with words that say so.
    EngineProcess(QString program, QStringList arguments, QObject* parent = nullptr);
    ~EngineProcess() override;

    /// Sends the request, after starting the engine if it does not run. Ends `reply` in every case.
    void send(Reply* reply, const QString& verb, const QJsonObject& params);

    /// Whether its jobs stand still, also those of a process that is started later.
    void setPaused(bool paused);

    /// Before the first send(): its process may open connections. All others are kept from it by the kernel.
    bool mayUseNetwork = false;

    // Shorter in tests.
    int helloTimeoutMs = 20000;
    int cancelTimeoutMs = 15000;
    int firstBackoffMs = 500;

signals:
    void stopped(const nibble::gui::EngineError& error);
    void restarted();

private:
    enum class Phase { Down, Waiting, Starting, Up };

    void start();
    void readLines();
    void handleLine(const QByteArray& line);
    void handleHello(const QJsonObject& hello);
    void handleReply(const QJsonObject& message);
    void cancel(qint64 id);
    void sendPause();
    /// Ends the process and every pending reply with `error`; a crash is followed by a new start.
    void stop(const EngineError& error, bool restart);

    QString m_program;
    QStringList m_arguments;
    QProcess* m_process = nullptr;
    Phase m_phase = Phase::Down;
    bool m_paused = false;
    QByteArray m_input;
    QByteArray m_log; // the end of its standard error, for the details of an error
    QHash<qint64, QPointer<Reply>> m_pending;
    QList<std::pair<qint64, QByteArray>> m_unsent; // until the hello
    QTimer m_helloTimer, m_restartTimer;
    qint64 m_nextId = 1;
    int m_crashes = 0; // since the last request that succeeded
};

} // namespace nibble::gui
