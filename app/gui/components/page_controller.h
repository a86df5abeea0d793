// What the controllers of all pages have in common: one state, and the error that the state Failed is about.
#pragma once

#include "engine/engine_interface.h"

namespace nibble::gui {

class PageController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("A base class")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(nibble::gui::EngineError error READ error NOTIFY stateChanged)

public:
    /// Empty: nothing chosen. Loading: reading what is needed. Ready: the user's turn. Busy: a job runs. Failed: see
    /// error.
    enum class State { Empty, Loading, Ready, Busy, Failed };
    Q_ENUM(State)

    using QObject::QObject;

    State state() const { return m_state; }
    const EngineError& error() const { return m_error; }

signals:
    void stateChanged();

protected:
    /// The error is forgotten unless the state is Failed.
    void setState(State state) {
        m_error = {};
        m_state = state;
        emit stateChanged();
    }
    void setFailed(const EngineError& error) {
        m_error = error;
        m_state = State::Failed;
        emit stateChanged();
    }

private:
    State m_state = State::Empty;
    EngineError m_error;
};

} // namespace nibble::gui
