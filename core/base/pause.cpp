#include <atomic>
#include <base/pause.h>
#include <mutex>

namespace nibble {

namespace {

using Steady = std::chrono::steady_clock;

// One for the process, as there is one processor to leave to others.
std::atomic<bool> g_paused{false};
std::mutex g_mutex; // guards what follows
Steady::time_point g_since;
Steady::duration g_before{0};

} // namespace

void setPaused(bool on) {
    const std::lock_guard lock(g_mutex);
    if (on == g_paused) return;
    if (on)
        g_since = Steady::now();
    else
        g_before += Steady::now() - g_since;
    g_paused = on;
    g_paused.notify_all();
}

void waitWhilePaused() {
    while (g_paused.load(std::memory_order_relaxed)) g_paused.wait(true);
}

Steady::duration workTime() {
    const std::lock_guard lock(g_mutex);
    return (g_paused ? g_since : Steady::now()).time_since_epoch() - g_before;
}

} // namespace nibble
