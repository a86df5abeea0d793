#include "process_engine.h"

#include "network_use.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardPaths>

namespace nibble::gui {

QString findProgram(const QString& name, const char* variable) {
    const QString here = QCoreApplication::applicationDirPath();
    for (const QString& path : {qEnvironmentVariable(variable), here + '/' + name, here + "/../libexec/" + name}) {
        const QFileInfo file(path);
        if (!path.isEmpty() && file.isFile() && file.isExecutable()) return file.canonicalFilePath();
    }
    return QStandardPaths::findExecutable(name);
}

QString findEngineProgram() { return findProgram(QStringLiteral("nibble-cli"), "NIBBLE_CLI"); }

ProcessEngine::ProcessEngine(const QString& program, const QStringList& arguments, QObject* parent)
    : EngineInterface(parent), m_work(program, arguments), m_chat(program, arguments), m_network(program, arguments) {
    m_network.mayUseNetwork = true;
    connect(this, &EngineInterface::workPausedChanged, &m_work, [this] { m_work.setPaused(workPaused()); });
    for (const Lane lane : {Lane::Work, Lane::Chat, Lane::Network}) {
        connect(&process(lane), &EngineProcess::stopped, this,
                [this, lane](const EngineError& error) { emit engineStopped(lane, error); });
        connect(&process(lane), &EngineProcess::restarted, this, [this, lane] { emit engineRestarted(lane); });
    }
}

Reply* ProcessEngine::request(const QString& verb, const QJsonObject& params, Lane lane) {
    Reply* reply = newReply(verb, lane);
    if (lane == Lane::Network && !NetworkUse::isAllowed()) {
        QMetaObject::invokeMethod(
            reply,
            [reply] {
                reply->fail(
                    {"bad-request", tr("Using the Internet is not allowed."), {}, tr("Allow it in the settings.")});
            },
            Qt::QueuedConnection);
        return reply;
    }
    process(lane).send(reply, verb, params);
    return reply;
}

} // namespace nibble::gui
