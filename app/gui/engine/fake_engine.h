// An engine that plays a script: what tests, demos and screenshots run on.
#pragma once

#include "engine_interface.h"
#include <QHash>
#include <QPointer>
#include <functional>
#include <memory>
#include <optional>

namespace nibble::gui {

/// How the fake answers one request: the events, then the result or the error.
struct FakeAnswer {
    QJsonObject result;
    QList<std::pair<QString, QJsonObject>> events;
    std::optional<EngineError> error;
    int stepMs = 0;    // between two events, and before the end
    bool held = false; // never ends by itself: release(), cancel or crash() end it
};

class FakeEngine : public EngineInterface {
    Q_OBJECT

public:
    using Script = std::function<FakeAnswer(const QJsonObject& params)>;
    struct Call {
        QString verb;
        QJsonObject params;
        Lane lane;
    };

    using EngineInterface::EngineInterface;

    /// From now on `verb` is answered so. A verb without a script fails with "unsupported".
    void script(const QString& verb, Script answer) { m_scripts[verb] = std::move(answer); }
    void script(const QString& verb, const FakeAnswer& answer) {
        m_scripts[verb] = [answer](const QJsonObject&) { return answer; };
    }
    Reply* request(const QString& verb, const QJsonObject& params, Lane lane) override;
    /// Ends the held requests of this verb as scripted.
    void release(const QString& verb);
    /// What a crash of the lane looks like from the window: all its replies fail, then a new engine is there.
    void crash(Lane lane);

    const QList<Call>& calls() const { return m_calls; }
    int count(const QString& verb) const;

private:
    struct Running {
        Call call;
        FakeAnswer answer;
        QPointer<Reply> reply;
        QString text; // of the text events so far: a stopped chat keeps it
        qsizetype step = 0;
    };
    void play(const std::shared_ptr<Running>& running);
    void end(const std::shared_ptr<Running>& running);

    QHash<QString, Script> m_scripts;
    QList<Call> m_calls;
    QList<std::shared_ptr<Running>> m_running;
};

/// Scripts every verb with a small believable library of models, for --demo and the screenshots.
void scriptDemo(FakeEngine& engine);
/// After scriptDemo(): the computer also has a graphics card, which holds part of the larger models.
void scriptDemoCard(FakeEngine& engine);

} // namespace nibble::gui
