// What the stops are expected to cost one model: asked of the engine, shown in the stops, and kept while the window is
// open, also where its pages are made anew (in another language).
#pragma once

#include "engine/engine_interface.h"
#include "stop_list.h"
#include <QPointer>

namespace nibble::gui {

class StopPreview : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to a SmallerController")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(double progress READ progress NOTIFY changed)
    Q_PROPERTY(QString text READ text NOTIFY changed)

public:
    /// Unknown: not asked, stopped, or failed (the text says which). Asking: under way. Known: the stops show it.
    enum class State { Unknown, Asking, Known };
    Q_ENUM(State)

    explicit StopPreview(StopList& stops) : m_stops(stops) {}

    State state() const { return m_state; }
    double progress() const { return m_progress; } // 0..1, or -1
    QString text() const { return m_text; }

    /// From now on it is about this model; what is known of it already is shown at once. `key`: path and size.
    void setModel(EngineInterface& engine, const QString& path, const QString& key);
    void start(EngineInterface& engine, bool allowRequantize);
    Q_INVOKABLE void cancel();

signals:
    void changed();
    void known(); // the stops have their figures

private:
    void show(const QJsonObject& result);
    void set(State state, const QString& text);

    StopList& m_stops;
    QString m_path, m_key;
    QPointer<Reply> m_reply;
    State m_state = State::Unknown;
    double m_progress = -1;
    QString m_text;
};

} // namespace nibble::gui
