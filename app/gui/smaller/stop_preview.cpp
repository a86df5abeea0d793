#include "stop_preview.h"

#include "components/wording.h"
#include <QJsonArray>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr char kKept[] = "stopPreviews";

/// What an engine has predicted stays with it: pages come and go.
QVariantMap keptOf(const EngineInterface& engine) { return engine.property(kKept).toMap(); }

void keep(EngineInterface& engine, const QString& key, const QJsonObject& result) {
    QVariantMap kept = keptOf(engine);
    kept[key] = result;
    engine.setProperty(kKept, kept);
}

} // namespace

void StopPreview::setModel(EngineInterface& engine, const QString& path, const QString& key) {
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->cancel();
        m_reply = nullptr;
    }
    m_path = path;
    m_key = key;
    set(State::Unknown, {});
    const QVariantMap kept = keptOf(engine);
    if (kept.contains(key)) show(kept[key].toJsonObject());
}

void StopPreview::start(EngineInterface& engine, bool allowRequantize) {
    if (m_state != State::Unknown) return;
    m_progress = -1;
    const QString stage = tr("Trying all stops on a sample of text. You need not wait for it.");
    set(State::Asking, stage);
    m_reply = engine.request(protocol::kPreview, {{"source", m_path}, {"allowRequantize", allowRequantize}});
    connect(m_reply, &Reply::event, this, [this, stage](const QString& name, const QJsonObject& data) {
        if (name != QLatin1String("progress")) return;
        m_progress = data["fraction"].toDouble(-1);
        set(State::Asking, wording::joined({stage, wording::timeLeft(data["secondsLeft"].toDouble())}));
    });
    connect(m_reply, &Reply::finished, this, [this, &engine](const QJsonObject& result) {
        keep(engine, m_key, result);
        show(result);
    });
    connect(m_reply, &Reply::failed, this, [this](const EngineError& error) {
        const QString words = tr("What each stop costs this model could not be predicted. %1 %2");
        set(State::Unknown, error.isCanceled() ? QString() : words.arg(error.message, error.whatToDo).trimmed());
    });
}

void StopPreview::cancel() {
    if (m_reply) m_reply->cancel();
}

void StopPreview::show(const QJsonObject& result) {
    m_stops.setPreview(result["stops"].toArray());
    const double share = result["roundedShare"].toDouble(1);
    const int tokens = result["tokens"].toInt();
    const QString basis = share < 1 ? tr("Predicted for Quick from %1 words of sample text and %2 % of the layers.")
                                          .arg(tokens)
                                          .arg(qMax(1, qRound(100 * share)))
                                    : tr("Predicted for Quick from %1 words of sample text.").arg(tokens);
    set(State::Known, basis + ' ' + tr("Better and Careful lose less and take longer."));
    emit known();
}

void StopPreview::set(State state, const QString& text) {
    m_state = state;
    m_text = text;
    emit changed();
}

} // namespace nibble::gui
