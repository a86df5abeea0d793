#include <atomic>
#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace nibble {
namespace {

TEST(ThreadPool, RunsOnEveryWorkerOnce) {
    for (int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        ASSERT_EQ(pool.size(), threads);
        for (int repeat = 0; repeat < 200; ++repeat) {
            std::vector<std::atomic<int>> calls(static_cast<std::size_t>(threads));
            pool.run([&](int worker, int size) {
                EXPECT_EQ(size, threads);
                ++calls[std::size_t(worker)];
            });
            for (const auto& n : calls) EXPECT_EQ(n, 1);
        }
    }
}

TEST(ThreadPool, ForEachTouchesEveryItemOnceInSlicesOfTheGrain) {
    for (int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        for (int64_t n : {0, 1, 7, 100, 1001})
            for (int64_t grain : {0, 1, 8, 2000}) {
                std::vector<std::atomic<int>> touched(static_cast<std::size_t>(n));
                pool.forEach(n, grain, [&](int64_t begin, int64_t end, int worker) {
                    EXPECT_LT(worker, threads);
                    EXPECT_TRUE(end - begin >= grain || end == n);
                    for (int64_t i = begin; i < end; ++i) ++touched[std::size_t(i)];
                });
                for (const auto& t : touched) EXPECT_EQ(t, 1);
            }
    }
}

TEST(ThreadPool, CarriesExceptionsOverAndGoesOn) {
    for (int threads : {1, 3})
        for (int thrower = 0; thrower < threads; ++thrower) {
            ThreadPool pool(threads);
            EXPECT_THROW(pool.run([&](int worker, int) {
                if (worker == thrower) throw std::runtime_error("on purpose");
            }),
                         std::runtime_error);
            EXPECT_THROW(pool.forEach(100, 1, [](int64_t, int64_t, int) { throw std::runtime_error("on purpose"); }),
                         std::runtime_error);
            std::atomic<int> sum = 0;
            pool.forEach(100, 1, [&](int64_t begin, int64_t end, int) { sum += int(end - begin); });
            EXPECT_EQ(sum, 100);
        }
}

TEST(ThreadPool, ManyShortJobsSeeEachOthersWrites) {
    ThreadPool pool(4);
    std::vector<int> values(64, 0);
    for (int job = 0; job < 5000; ++job)
        pool.forEach(64, 1, [&](int64_t begin, int64_t end, int) {
            for (int64_t i = begin; i < end; ++i) values[std::size_t(i)] += 1; // whoever had it before is done with it
        });
    for (int v : values) EXPECT_EQ(v, 5000);
}

TEST(ThreadPool, KnowsTheCores) { EXPECT_GE(ThreadPool::physicalCores(), 1); }

} // namespace
} // namespace nibble
