#include <algorithm>
#include <base/progress.h>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr auto kInterval = std::chrono::milliseconds(50);
constexpr double kSecondsBeforeForecast = 0.5; // an earlier forecast jumps about

} // namespace

void throwIfStopped(const std::stop_token& stop) {
    if (stop.stop_requested()) throw Error(ErrorKind::Canceled, "Stopped.");
}

ProgressMeter::ProgressMeter(ProgressFn fn, std::stop_token stop, std::string stage, double total)
    : m_fn(std::move(fn)), m_stop(std::move(stop)), m_stage(std::move(stage)), m_total(total), m_start(Clock::now()),
      m_last(m_start - kInterval) {}

void ProgressMeter::update(double done, const std::string& item) {
    waitWhilePaused();
    throwIfStopped(m_stop);
    if (!m_fn) return;
    const Clock::time_point now = Clock::now();
    if (now - m_last < kInterval) return;
    m_last = now;

    Progress progress{m_stage, item};
    if (m_total > 0) progress.fraction = std::clamp(done / m_total, 0.0, 1.0);
    const double elapsed = std::chrono::duration<double>(now - m_start).count();
    if (progress.fraction > 0 && done > m_before && elapsed >= kSecondsBeforeForecast)
        progress.secondsLeft = elapsed / (done - m_before) * std::max(m_total - done, 0.0);
    m_fn(progress);
}

void ProgressMeter::finish() {
    throwIfStopped(m_stop);
    if (m_fn) m_fn(Progress{m_stage, {}, 1, 0});
}

} // namespace nibble
