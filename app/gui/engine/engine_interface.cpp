#include "engine_interface.h"

#include "engine_words.h"
#include <nibble/protocol.h>

namespace nibble::gui {

EngineError EngineError::fromJson(const QJsonObject& json) {
    return {json["kind"].toString(QStringLiteral("internal")), engineWords(json["message"].toString()),
            json["detail"].toString(), engineWords(json["whatToDo"].toString())};
}

void Reply::addEvent(const QString& name, const QJsonObject& data) {
    if (!m_ended) emit event(name, name == QLatin1String("text") ? data : engineWords(data));
}

void Reply::finish(const QJsonObject& result) {
    if (m_ended) return;
    m_ended = true;
    emit end();
    emit finished(engineWords(result));
    deleteLater();
}

void Reply::fail(const EngineError& error) {
    if (m_ended) return;
    m_ended = true;
    emit end();
    emit failed(error);
    deleteLater();
}

Reply* EngineInterface::newReply(const QString& verb, Lane lane) {
    auto* reply = new Reply(this);
    ++m_pending;
    connect(reply, &Reply::end, this, [this] { --m_pending; });
    if (lane == Lane::Chat && (verb == QLatin1String(protocol::kChat) || verb == QLatin1String(protocol::kLoad))) {
        if (++m_answering == 1) emit workPausedChanged();
        connect(reply, &Reply::end, this, [this] {
            if (--m_answering == 0) emit workPausedChanged();
        });
    }
    return reply;
}

} // namespace nibble::gui
