// The real engine: one `nibble-cli engine` process per lane, started when it is first needed.
#pragma once

#include "engine_process.h"

namespace nibble::gui {

/// A program of Nibble: what the environment's `variable` names, else `name` beside this program, in ../libexec, or on
/// the PATH. Empty where there is none.
QString findProgram(const QString& name, const char* variable);
/// nibble-cli, or $NIBBLE_CLI.
QString findEngineProgram();

class ProcessEngine : public EngineInterface {
    Q_OBJECT

public:
    ProcessEngine(const QString& program, const QStringList& arguments = {QStringLiteral("engine")},
                  QObject* parent = nullptr);

    Reply* request(const QString& verb, const QJsonObject& params, Lane lane) override;
    EngineProcess& process(Lane lane) {
        return lane == Lane::Network ? m_network : lane == Lane::Chat ? m_chat : m_work;
    }

private:
    EngineProcess m_work, m_chat, m_network;
};

} // namespace nibble::gui
