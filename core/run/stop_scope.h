#pragma once

#include <compute/backend.h>
#include <utility>

namespace nibble {

/// Lets a verb be stopped: sets the backend's stop token for as long as it lives.
class StopScope {
public:
    StopScope(Backend& backend, std::stop_token stop) : m_backend(backend) { m_backend.setStop(std::move(stop)); }
    ~StopScope() { m_backend.setStop({}); }
    StopScope(const StopScope&) = delete;
    StopScope& operator=(const StopScope&) = delete;

private:
    Backend& m_backend;
};

} // namespace nibble
