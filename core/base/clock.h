// The clock that work is measured by.
#pragma once

#include <base/pause.h>
#include <chrono>

namespace nibble {

/// Steady, and stands still while the process is paused: what is measured is work.
struct Clock {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Clock, duration>;
    static constexpr bool is_steady = true;

    static time_point now() { return time_point(workTime()); }
};

inline double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace nibble
