// The one pool of compute threads.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace nibble {

/// A reference to a callable, without allocation: the callable must outlive the call it is passed to.
template<class Signature>
class FunctionRef;
template<class R, class... Args>
class FunctionRef<R(Args...)> {
public:
    template<class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, FunctionRef>>>
    FunctionRef(F&& f)
        : m_object(const_cast<void*>(static_cast<const void*>(&f))), m_call([](void* o, Args... args) -> R {
              return (*static_cast<std::remove_reference_t<F>*>(o))(static_cast<Args&&>(args)...);
          }) {}
    R operator()(Args... args) const { return m_call(m_object, static_cast<Args&&>(args)...); }

private:
    void* m_object;
    R (*m_call)(void*, Args...);
};

/// A fixed set of threads that run the same function together; the calling thread is worker 0. Workers spin shortly
/// between jobs (decoding one token is hundreds of jobs of some microseconds), then sleep. One job at a time: run()
/// from two threads, or from inside a job, is a bug. An exception thrown by a worker is rethrown by run(). While the
/// process is paused (pause.h), nothing new is begun.
class ThreadPool {
public:
    /// `threads` <= 0: physicalCores().
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    int size() const;
    /// Calls f(worker, size()) on every worker and returns when all have finished.
    void run(FunctionRef<void(int, int)> f);
    /// Calls f(begin, end, worker) for slices of [0, n) of at least `grain` items (the last may be smaller), handed out
    /// as workers get free. Little work, or a pool of one, runs on the calling thread.
    void forEach(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t, int)> f);

    /// Physical cores that this process may run on, at least 1.
    static int physicalCores();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace nibble
