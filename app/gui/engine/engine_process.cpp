#include "engine_process.h"

#include "no_network.h"

#include <QDebug>
#include <QJsonDocument>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr int kMaxCrashes = 5; // in a row; after that only a new request starts the engine again
constexpr qsizetype kLogBytes = 4000;

QByteArray encode(qint64 id, const QString& verb, const QJsonObject& params) {
    return QJsonDocument(QJsonObject{{"id", id}, {"verb", verb}, {"params", params}}).toJson(QJsonDocument::Compact) +
           '\n';
}

} // namespace

EngineProcess::EngineProcess(QString program, QStringList arguments, QObject* parent)
    : QObject(parent), m_program(std::move(program)), m_arguments(std::move(arguments)) {
    m_helloTimer.setSingleShot(true);
    m_restartTimer.setSingleShot(true);
    connect(&m_restartTimer, &QTimer::timeout, this, &EngineProcess::start);
    connect(&m_helloTimer, &QTimer::timeout, this, [this] {
        stop({"engine-stopped", tr("The engine does not answer."), QString::fromUtf8(m_log),
              tr("Close other programs and try again.")},
             true);
    });
}

EngineProcess::~EngineProcess() {
    // Also those that were killed a moment ago.
    const auto processes = findChildren<QProcess*>(Qt::FindDirectChildrenOnly);
    for (QProcess* process : processes) {
        process->disconnect(this);
        process->closeWriteChannel(); // the engine ends with its input
        if (process->waitForFinished(500)) continue;
        process->kill();
        process->waitForFinished(2000);
    }
}

void EngineProcess::send(Reply* reply, const QString& verb, const QJsonObject& params) {
    const qint64 id = m_nextId++;
    m_pending.insert(id, reply);
    connect(reply, &Reply::cancelRequested, this, [this, id] { cancel(id); });
    QByteArray line = encode(id, verb, params);
    if (line.size() > protocol::kMaxLineBytes) {
        m_pending.remove(id);
        QMetaObject::invokeMethod(
            reply,
            [reply] {
                reply->fail({"bad-request", tr("This text is too long."), {}, tr("Shorten it.")});
            },
            Qt::QueuedConnection);
        return;
    }
    if (m_phase == Phase::Up) {
        m_process->write(line);
        return;
    }
    m_unsent.append({id, std::move(line)});
    if (m_phase != Phase::Down) return;
    m_phase = Phase::Waiting;
    m_restartTimer.start(0);
}

void EngineProcess::setPaused(bool paused) {
    if (paused == m_paused) return;
    m_paused = paused;
    if (m_phase == Phase::Up) sendPause();
}

void EngineProcess::sendPause() { // its end says nothing that anybody waits for
    m_process->write(encode(m_nextId++, protocol::kPause, {{"on", m_paused}}));
}

void EngineProcess::start() {
    m_phase = Phase::Starting;
    m_input.clear();
    m_log.clear();
    if (m_program.isEmpty()) {
        stop({"engine-missing", tr("The engine of Nibble was not found."), tr("nibble-cli is missing."),
              tr("Install Nibble again, or set NIBBLE_CLI to the path of nibble-cli.")},
             false);
        return;
    }
    m_process = new QProcess(this);
    if (!mayUseNetwork) forbidNetwork(*m_process);
    connect(m_process, &QProcess::readyReadStandardOutput, this, &EngineProcess::readLines);
    connect(m_process, &QProcess::readyReadStandardError, this,
            [this] { m_log = (m_log + m_process->readAllStandardError()).right(kLogBytes); });
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart) return;
        stop({"engine-missing", tr("The engine of Nibble could not be started."),
              m_program + ": " + m_process->errorString(), tr("Install Nibble again.")},
             false);
    });
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        QString how = status == QProcess::CrashExit ? tr("It was ended by signal %1.").arg(code)
                                                    : tr("It ended with code %1.").arg(code);
        stop({"engine-stopped", tr("The engine stopped."), (how + '\n' + QString::fromUtf8(m_log)).trimmed(),
              tr("A new engine is being started. Try again.")},
             true);
    });
    m_helloTimer.start(helloTimeoutMs);
    m_process->start(m_program, m_arguments);
}

void EngineProcess::readLines() {
    m_input += m_process->readAllStandardOutput();
    qsizetype from = 0;
    while (m_process) { // a line may end the process
        const qsizetype end = m_input.indexOf('\n', from);
        if ((end < 0 ? m_input.size() : end) - from > protocol::kMaxLineBytes) {
            stop({"engine-stopped", tr("The engine sent an answer that is too long."), {}, tr("Try again.")}, true);
            return;
        }
        if (end < 0) break;
        const QByteArray line = m_input.mid(from, end - from);
        from = end + 1;
        handleLine(line);
    }
    m_input = m_process ? m_input.mid(from) : QByteArray();
}

void EngineProcess::handleLine(const QByteArray& line) {
    const QJsonDocument document = QJsonDocument::fromJson(line);
    if (m_phase == Phase::Starting) {
        handleHello(document.object());
    } else if (document.isObject()) {
        handleReply(document.object());
    } else {
        // Drivers print to standard output too; that must not cost the user the engine.
        qWarning("Not a message of the engine: %s", line.left(200).constData());
    }
}

void EngineProcess::handleHello(const QJsonObject& hello) {
    const int version = hello["protocol"].toInt();
    if (hello["hello"].toString() != QLatin1String(protocol::kHello) || version != protocol::kVersion) {
        stop({"engine-version", tr("The engine and the window are of different versions."),
              tr("%1 speaks protocol %2, the window %3.").arg(m_program).arg(version).arg(protocol::kVersion),
              tr("Install Nibble again.")},
             false);
        return;
    }
    m_helloTimer.stop();
    m_phase = Phase::Up;
    if (m_paused) sendPause();
    for (const auto& [id, line] : std::exchange(m_unsent, {})) m_process->write(line);
    if (m_crashes > 0) emit restarted();
}

void EngineProcess::handleReply(const QJsonObject& message) {
    const qint64 id = message["id"].toInteger();
    const QPointer<Reply> reply = m_pending.value(id);
    if (message.contains("event")) {
        if (reply) reply->addEvent(message["event"].toString(), message["data"].toObject());
        return;
    }
    m_pending.remove(id);
    m_crashes = 0;
    if (!reply) return;
    if (message.contains("error")) {
        reply->fail(EngineError::fromJson(message["error"].toObject()));
    } else {
        reply->finish(message["result"].toObject());
    }
}

void EngineProcess::cancel(qint64 id) {
    const auto unsent =
        std::find_if(m_unsent.begin(), m_unsent.end(), [id](const auto& item) { return item.first == id; });
    if (unsent != m_unsent.end()) {
        m_unsent.erase(unsent);
        if (const QPointer<Reply> reply = m_pending.take(id)) reply->fail({"canceled", tr("Stopped."), {}, {}});
        return;
    }
    if (m_phase != Phase::Up || !m_pending.contains(id)) return;
    m_process->write(encode(m_nextId++, protocol::kCancel, {{"target", id}}));
    QTimer::singleShot(cancelTimeoutMs, this, [this, id] {
        if (!m_pending.value(id)) return;
        stop({"canceled", tr("Stopped."), tr("The engine did not react and was ended."), {}}, true);
    });
}

void EngineProcess::stop(const EngineError& error, bool restart) {
    m_helloTimer.stop();
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        // It is gone in a moment; the window does not wait for it.
        connect(m_process, &QProcess::finished, m_process, &QObject::deleteLater);
        if (m_process->state() == QProcess::NotRunning) m_process->deleteLater();
        m_process = nullptr;
    }
    m_unsent.clear();
    m_phase = Phase::Down;
    ++m_crashes;
    if (restart && m_crashes <= kMaxCrashes) {
        m_phase = Phase::Waiting;
        m_restartTimer.start(firstBackoffMs << (m_crashes - 1));
    }
    emit stopped(error);
    const auto pending = std::exchange(m_pending, {});
    for (const QPointer<Reply>& reply : pending) {
        if (reply) reply->fail(error);
    }
}

} // namespace nibble::gui
