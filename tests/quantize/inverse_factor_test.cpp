// The factor of an inverse and the products of rows that it is made with, against sums by hand.
#include <base/thread_pool.h>
#include <cmath>
#include <gtest/gtest.h>
#include <quantize/inverse_factor.h>
#include <quantize/moments.h>
#include <quantize/row_math.h>
#include <random>

namespace nibble {
namespace {

std::vector<float> drawn(int64_t n, uint32_t seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(n), 0.f);
    for (float& value : x) value = normal(random);
    return x;
}

TEST(RowMath, AProductIsOneSubtractionAfterTheOther) {
    for (const auto& [rows, n, depth] : {std::tuple{1, 1, 1}, {3, 15, 2}, {4, 16, 300}, {7, 200, 65}, {16, 83, 257}}) {
        const int64_t stride = n + 3, factorStride = depth + 5, fromStride = n + 1;
        std::vector<float> ours = drawn(rows * stride, 1), expected = ours;
        const std::vector<float> factors = drawn(rows * factorStride, 2), from = drawn(depth * fromStride, 3);
        subtractProduct(ours.data(), stride, rows, n, {factors.data(), factorStride}, {from.data(), fromStride}, depth);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t p = 0; p < depth; ++p)
                subtract(expected.data() + r * stride, from.data() + p * fromStride,
                         factors[std::size_t(r * factorStride + p)], n);
        EXPECT_EQ(ours, expected) << rows << " x " << n << " x " << depth; // what is between the rows, too
    }
}

/// Moments of inputs of which some go together and one is far larger than the others, as in models.
std::vector<float> momentsOf(int64_t n) {
    const int64_t tokens = 2 * n;
    std::vector<float> x = drawn(tokens * n, 4);
    for (int64_t t = 0; t < tokens; ++t) {
        for (int64_t i = 1; i < n; ++i) x[std::size_t(t * n + i)] += 0.7f * x[std::size_t(t * n + i - 1)];
        x[std::size_t(t * n)] *= 30;
    }
    ThreadPool pool(1);
    std::vector<float> moments(std::size_t(n * n)), columns;
    addMoments(x.data(), n, tokens, n, moments, columns, pool);
    mirrorLower(moments, std::size_t(n));
    return moments;
}

TEST(InverseFactor, MultipliedWithItsTransposeAndTheMatrixIsOne) {
    for (const int64_t n : {1, 2, 63, 64, 65, 150, 320}) {
        const std::vector<float> a = momentsOf(n);
        std::vector<float> u = a, other = a;
        ThreadPool one(1), three(3);
        ASSERT_TRUE(factorInverse(u, n, one));
        ASSERT_TRUE(factorInverse(other, n, three));
        EXPECT_EQ(u, other);
        // U a U^T = 1: a vector is turned into one of length 1.
        double worst = 0;
        std::vector<double> au(std::size_t(n * n)); // a U^T
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < n; ++j)
                for (int64_t k = j; k < n; ++k)
                    au[std::size_t(i * n + j)] += double(a[std::size_t(i * n + k)]) * double(u[std::size_t(j * n + k)]);
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < n; ++j) {
                double sum = 0;
                for (int64_t k = i; k < n; ++k) sum += double(u[std::size_t(i * n + k)]) * au[std::size_t(k * n + j)];
                worst = std::max(worst, std::abs(sum - (i == j)));
            }
        EXPECT_LT(worst, 1e-3) << n;
    }
}

TEST(InverseFactor, RefusesWhatHasNone) {
    ThreadPool pool(2);
    std::vector<float> singular(100 * 100, 1.f);
    EXPECT_FALSE(factorInverse(singular, 100, pool));
    std::vector<float> nothing(100 * 100, NAN);
    EXPECT_FALSE(factorInverse(nothing, 100, pool));
}

} // namespace
} // namespace nibble
