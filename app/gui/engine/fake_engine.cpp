#include "fake_engine.h"

#include <QTimer>
#include <algorithm>
#include <nibble/protocol.h>

namespace nibble::gui {

Reply* FakeEngine::request(const QString& verb, const QJsonObject& params, Lane lane) {
    const Call call{verb, params, lane};
    m_calls.append(call);
    FakeAnswer answer;
    if (const auto script = m_scripts.constFind(verb); script != m_scripts.cend()) {
        answer = (*script)(params);
    } else {
        answer.error = EngineError{"unsupported", QStringLiteral("No script for %1").arg(verb), {}, {}};
    }
    Reply* reply = newReply(verb, lane);
    auto running = std::make_shared<Running>(Running{call, answer, reply, {}, 0});
    m_running.append(running);
    connect(reply, &Reply::end, this, [this, running] { m_running.removeOne(running); });
    connect(reply, &Reply::cancelRequested, this, [running] {
        if (!running->reply) return;
        if (running->call.verb != QLatin1String(protocol::kChat)) {
            running->reply->fail({"canceled", QStringLiteral("Stopped."), {}, {}});
            return;
        }
        QJsonObject result = running->answer.result;
        result["text"] = running->text;
        result["finish"] = "stopped";
        running->reply->finish(result);
    });
    QTimer::singleShot(answer.stepMs, this, [this, running] { play(running); });
    return reply;
}

void FakeEngine::play(const std::shared_ptr<Running>& running) {
    if (!running->reply || running->reply->ended()) return;
    if (running->step < running->answer.events.size()) {
        const auto [name, data] = running->answer.events[running->step++];
        running->text += data["text"].toString();
        running->reply->addEvent(name, data);
        QTimer::singleShot(running->answer.stepMs, this, [this, running] { play(running); });
    } else if (!running->answer.held) {
        end(running);
    }
}

void FakeEngine::end(const std::shared_ptr<Running>& running) {
    if (!running->reply) return;
    if (running->answer.error) {
        running->reply->fail(*running->answer.error);
    } else {
        running->reply->finish(running->answer.result);
    }
}

void FakeEngine::release(const QString& verb) {
    const auto running = m_running;
    for (const auto& one : running) {
        if (one->call.verb == verb) end(one);
    }
}

void FakeEngine::crash(Lane lane) {
    const EngineError error{
        "engine-stopped", tr("The engine stopped."), {}, tr("A new engine is being started. Try again.")};
    emit engineStopped(lane, error);
    const auto running = m_running;
    for (const auto& one : running) {
        if (one->call.lane == lane && one->reply) one->reply->fail(error);
    }
    QTimer::singleShot(0, this, [this, lane] { emit engineRestarted(lane); });
}

int FakeEngine::count(const QString& verb) const {
    return int(std::count_if(m_calls.begin(), m_calls.end(), [&verb](const Call& call) { return call.verb == verb; }));
}

} // namespace nibble::gui
