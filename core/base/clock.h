// The clock that work is measured by.
#pragma once

#include <chrono>

namespace nibble {

using Clock = std::chrono::steady_clock;

inline double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace nibble
