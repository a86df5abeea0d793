// Turns "n of total done" into Progress reports with the time left.
#pragma once

#include <base/clock.h>
#include <nibble/progress.h>

namespace nibble {

/// Reports progress of `total` units of work (bytes, tokens, ...), rate-limited to 20 a second, and checks for
/// cancellation on the way; while the process is paused, it waits here, too. Not thread-safe: call it on the thread
/// that called the verb.
class ProgressMeter {
public:
    ProgressMeter(ProgressFn fn, std::stop_token stop, std::string stage, double total);
    /// `done` of `total` units are finished. Throws Error{Canceled} where stop was asked for.
    void update(double done, const std::string& item = {});
    /// So much was done before: the forecast goes by what comes now.
    void startAt(double done) { m_before = done; }
    /// Reports fraction 1.
    void finish();

private:
    ProgressFn m_fn;
    std::stop_token m_stop;
    std::string m_stage;
    double m_total, m_before = 0;
    Clock::time_point m_start, m_last;
};

} // namespace nibble
