#include <algorithm>
#include <atomic>
#include <base/thread_pool.h>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace nibble {

struct ThreadPool::Impl {
    std::mutex mutex;
    std::condition_variable wake, done;
    std::vector<std::thread> threads;
    const FunctionRef<void(int, int)>* job = nullptr;
    uint64_t generation = 0;
    int size = 1, running = 0;
    bool quit = false;
    std::exception_ptr failure;

    void work(int worker) {
        try {
            (*job)(worker, size);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
        }
    }

    void loop(int worker) {
        for (uint64_t seen = 0;;) {
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [&] { return quit || generation != seen; });
                if (quit) return;
                seen = generation;
            }
            work(worker);
            const std::lock_guard lock(mutex);
            if (--running == 0) done.notify_one();
        }
    }
};

ThreadPool::ThreadPool(int threads) : m_impl(std::make_unique<Impl>()) {
    if (threads <= 0) threads = int(std::max(1u, std::thread::hardware_concurrency()));
    m_impl->size = threads;
    for (int i = 1; i < threads; ++i) m_impl->threads.emplace_back([impl = m_impl.get(), i] { impl->loop(i); });
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->quit = true;
    }
    m_impl->wake.notify_all();
    for (std::thread& thread : m_impl->threads) thread.join();
}

int ThreadPool::size() const { return m_impl->size; }

void ThreadPool::run(FunctionRef<void(int, int)> f) {
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->job = &f;
        m_impl->running = m_impl->size - 1;
        ++m_impl->generation;
    }
    m_impl->wake.notify_all();
    m_impl->work(0);
    std::unique_lock lock(m_impl->mutex);
    m_impl->done.wait(lock, [&] { return m_impl->running == 0; });
    if (m_impl->failure) std::rethrow_exception(std::exchange(m_impl->failure, nullptr));
}

void ThreadPool::forEach(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t, int)> f) {
    const int64_t slice = std::max<int64_t>({1, grain, n / (int64_t(m_impl->size) * 8)});
    std::atomic<int64_t> next{0};
    run([&](int worker, int) {
        for (int64_t begin; (begin = next.fetch_add(slice)) < n;) f(begin, std::min(n, begin + slice), worker);
    });
}

} // namespace nibble
