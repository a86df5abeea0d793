#include <atomic>
#include <base/clock.h>
#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <thread>

namespace nibble {
namespace {

TEST(Pause, PoolsStandStillAndGoOnWhereTheyWere) {
    for (int threads : {1, 3}) {
        std::atomic<int> done{0};
        std::thread work([&] {
            ThreadPool pool(threads);
            for (int i = 0; i < 400; ++i)
                pool.forEach(4 * threads, 1, [&](int64_t begin, int64_t end, int) {
                    std::this_thread::sleep_for(std::chrono::microseconds(200));
                    done += int(end - begin);
                });
        });
        while (done == 0) std::this_thread::yield();
        setPaused(true);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const int before = done;
        const Clock::time_point start = Clock::now();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        EXPECT_EQ(done, before) << threads;
        EXPECT_EQ(Clock::now(), start) << "what is measured is work";
        EXPECT_LT(before, 1600 * threads) << "it was paused in the middle";
        setPaused(false);
        work.join();
        EXPECT_EQ(done, 1600 * threads);
        EXPECT_GT(Clock::now(), start);
    }
}

} // namespace
} // namespace nibble
