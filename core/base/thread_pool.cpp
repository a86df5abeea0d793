// A job is announced by a counter and joined through a gate; the caller works too, then closes the gate and waits only
// for those who came in. A worker that the system has not run in the meantime is not missed, so a busy machine costs
// its share of the speed and no more. Both sides spin for a moment and then sleep in the kernel (std::atomic::wait is a
// futex).
#include <algorithm>
#include <atomic>
#include <base/pause.h>
#include <base/thread_pool.h>
#include <cassert>
#include <exception>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nibble {

namespace {

void pauseCpu() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory"); // like x86's pause: some tens of cycles; "yield" is a no-op on most cores
#endif
}

constexpr int kSpinForJob = 8000;  // some 100 us: longer than the serial parts between two operations
constexpr int kSpinForDone = 4000; // a worker that is not done by then was probably descheduled

/// Waits until `value` differs from `old` and returns it.
uint32_t waitWhile(const std::atomic<uint32_t>& value, uint32_t old, int spins) {
    for (;; --spins) {
        const uint32_t now = value.load(std::memory_order_acquire);
        if (now != old) return now;
        if (spins > 0)
            pauseCpu();
        else
            value.wait(old, std::memory_order_acquire);
    }
}

constexpr uint64_t kOpen = uint64_t(1) << 31; // gate: job number << 32 | open | workers that joined
constexpr uint64_t kJoined = kOpen - 1;

} // namespace

struct ThreadPool::Impl {
    alignas(64) std::atomic<uint32_t> number{0}; // of the latest job
    alignas(64) std::atomic<uint64_t> gate{0};
    alignas(64) std::atomic<uint32_t> finished{0}; // workers that have joined and left
    alignas(64) std::atomic<int64_t> next{0};      // first item of forEach that nobody has taken
    const FunctionRef<void(int, int)>* job = nullptr;
    std::atomic<bool> quit{false}, running{false};
    std::mutex errorMutex;
    std::exception_ptr error;
    bool spin = true;
    std::vector<std::thread> threads;

    int size() const { return int(threads.size()) + 1; }

    void call(int worker) {
        try {
            (*job)(worker, size());
        } catch (...) {
            const std::lock_guard lock(errorMutex);
            if (!error) error = std::current_exception();
        }
    }

    bool join(uint32_t jobNumber) {
        uint64_t g = gate.load(std::memory_order_acquire);
        while ((g >> 32) == jobNumber && (g & kOpen))
            if (gate.compare_exchange_weak(g, g + 1, std::memory_order_acq_rel)) return true;
        return false;
    }

    void workerLoop(int worker) {
        uint32_t seen = 0;
        for (;;) {
            seen = waitWhile(number, seen, spin ? kSpinForJob : 0);
            if (quit) return;
            if (!join(seen)) continue;
            call(worker);
            finished.fetch_add(1, std::memory_order_acq_rel);
            finished.notify_one();
        }
    }

    void announce() {
        finished.store(0, std::memory_order_relaxed);
        const uint32_t n = number.load(std::memory_order_relaxed) + 1;
        gate.store(uint64_t(n) << 32 | kOpen, std::memory_order_release);
        number.store(n, std::memory_order_release);
        number.notify_all();
    }

    void waitForFinished(uint32_t count) {
        for (uint32_t n; (n = finished.load(std::memory_order_acquire)) != count;)
            waitWhile(finished, n, spin ? kSpinForDone : 0);
    }

    /// Runs `f` here and on the workers: on all of them, or on those that come before the caller is through.
    void start(FunctionRef<void(int, int)> f, bool all) {
        [[maybe_unused]] const bool wasRunning = running.exchange(true);
        assert(!wasRunning && "ThreadPool used from two threads or from inside a job");
        waitWhilePaused();
        job = &f;
        error = nullptr;
        announce();
        call(0);
        if (all) waitForFinished(uint32_t(threads.size()));
        const uint64_t closed = gate.fetch_and(~kOpen, std::memory_order_acq_rel);
        waitForFinished(uint32_t(closed & kJoined));
        running.store(false);
        if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }
};

ThreadPool::ThreadPool(int threads) : m_impl(std::make_unique<Impl>()) {
    if (threads <= 0) threads = physicalCores();
    // More threads than processors: a spinning one would keep a working one from running.
    m_impl->spin = threads <= int(std::thread::hardware_concurrency());
    m_impl->threads.resize(std::size_t(threads - 1));
    for (int i = 1; i < threads; ++i)
        m_impl->threads[std::size_t(i - 1)] = std::thread([impl = m_impl.get(), i] { impl->workerLoop(i); });
}

ThreadPool::~ThreadPool() {
    m_impl->quit = true;
    m_impl->announce();
    for (std::thread& t : m_impl->threads) t.join();
}

int ThreadPool::size() const { return m_impl->size(); }

void ThreadPool::run(FunctionRef<void(int, int)> f) {
    if (size() == 1) {
        waitWhilePaused();
        return f(0, 1);
    }
    m_impl->start(f, true);
}

void ThreadPool::forEach(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t, int)> f) {
    if (n <= 0) return;
    grain = std::max<int64_t>(grain, 1);
    if (size() == 1 || n <= grain) {
        waitWhilePaused();
        return f(0, n, 0);
    }
    // About eight slices a worker: the last one to finish keeps the others waiting for an eighth of its share at most.
    const int64_t slice = std::max(grain, (n + size() * 8 - 1) / (size() * 8));
    std::atomic<int64_t>& next = m_impl->next;
    next.store(0, std::memory_order_relaxed);
    const auto takeSlices = [&](int worker, int) {
        try {
            for (int64_t begin; (begin = next.fetch_add(slice, std::memory_order_relaxed)) < n;) {
                waitWhilePaused();
                f(begin, std::min(begin + slice, n), worker);
            }
        } catch (...) {
            next.store(n, std::memory_order_relaxed);
            throw;
        }
    };
    m_impl->start(takeSlices, false);
}

int ThreadPool::physicalCores() {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        std::set<std::string> cores; // hardware threads of one core list the same siblings
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (!CPU_ISSET(cpu, &allowed)) continue;
            std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
            std::string siblings;
            if (!std::getline(file, siblings)) siblings = "cpu" + std::to_string(cpu);
            cores.insert(siblings);
        }
        if (!cores.empty()) return int(cores.size());
    }
#endif
    return std::max(1, int(std::thread::hardware_concurrency()));
}

} // namespace nibble
