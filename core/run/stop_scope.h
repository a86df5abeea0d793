#pragma once

#include <run/session_impl.h>
#include <utility>

namespace nibble {

/// Lets a verb be stopped: sets the session's and its backend's stop token for as long as it lives.
class StopScope {
public:
    StopScope(Session::Impl& session, std::stop_token stop) : m_session(session) { set(std::move(stop)); }
    ~StopScope() { set({}); }
    StopScope(const StopScope&) = delete;
    StopScope& operator=(const StopScope&) = delete;

private:
    void set(std::stop_token stop) {
        m_session.stopped = stop;
        m_session.backend->setStop(std::move(stop));
    }
    Session::Impl& m_session;
};

} // namespace nibble
