// GPTQ and the descent behind it: what they do to the error of a matrix's outputs, and when they give up.
#include <base/thread_pool.h>
#include <cmath>
#include <gtest/gtest.h>
#include <quantize/code_descent.h>
#include <quantize/error_feedback.h>
#include <random>

namespace nibble {
namespace {

constexpr int64_t kCols = 256, kTokens = 1024;
constexpr int kRows = 24;

/// Inputs (kTokens, kCols) that go together, as those of models do: a few hidden causes and some noise.
std::vector<float> correlatedInputs() {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> mixing(std::size_t(24 * kCols)), x(std::size_t(kTokens * kCols));
    for (float& value : mixing) value = normal(random);
    for (int64_t t = 0; t < kTokens; ++t) {
        float causes[24];
        for (float& cause : causes) cause = normal(random);
        for (int64_t i = 0; i < kCols; ++i) {
            float& value = x[std::size_t(t * kCols + i)];
            value = 0.3f * normal(random);
            for (int c = 0; c < 24; ++c) value += causes[c] * mixing[std::size_t(c * kCols + i)];
        }
    }
    return x;
}

std::vector<float> secondMoments(const std::vector<float>& x) {
    std::vector<float> moments(std::size_t(kCols * kCols));
    for (int64_t t = 0; t < kTokens; ++t)
        for (int64_t i = 0; i < kCols; ++i)
            for (int64_t j = 0; j < kCols; ++j)
                moments[std::size_t(i * kCols + j)] += x[std::size_t(t * kCols + i)] * x[std::size_t(t * kCols + j)];
    return moments;
}

/// The mean squared error of the outputs that rows of weights have on the inputs.
double outputError(const std::vector<float>& weights, const std::vector<std::byte>& encoded, const Format& f,
                   const std::vector<float>& x) {
    std::vector<float> decoded(weights.size());
    f.decode(encoded.data(), decoded.data(), int64_t(weights.size()));
    double error = 0;
    for (int64_t t = 0; t < kTokens; ++t)
        for (int r = 0; r < kRows; ++r) {
            double difference = 0;
            for (int64_t i = 0; i < kCols; ++i) {
                const std::size_t at = std::size_t(r * kCols + i);
                difference += double(weights[at] - decoded[at]) * double(x[std::size_t(t * kCols + i)]);
            }
            error += difference * difference;
        }
    return error;
}

std::vector<float> randomWeights() {
    std::vector<float> weights(std::size_t(kRows * kCols));
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 0.02f);
    for (float& weight : weights) weight = normal(random);
    return weights;
}

class EveryEncoder : public testing::TestWithParam<FormatId> {
protected:
    std::vector<std::byte> nearest() const {
        std::vector<std::byte> out(f.rowBytes(kCols) * kRows);
        for (int r = 0; r < kRows; ++r)
            f.encode(weights.data() + r * kCols, out.data() + std::size_t(r) * f.rowBytes(kCols), kCols, nullptr);
        return out;
    }

    const Format& f = format(GetParam());
    const std::vector<float> x = correlatedInputs();
    const std::vector<float> weights = randomWeights();
};

TEST_P(EveryEncoder, OutputsHaveASmallerErrorThanRoundedToNearest) {
    ThreadPool pool(2);
    const ErrorFeedback feedback(secondMoments(x), kCols, pool);
    ASSERT_TRUE(feedback.usable());
    std::vector<std::byte> made(f.rowBytes(kCols) * kRows), again(made.size());
    const auto encode = [&](std::vector<std::byte>& out, int step) {
        std::vector<float> copy = weights;
        for (int r = 0; r < kRows; r += step)
            feedback.encodeRows(copy.data() + r * kCols, std::min(step, kRows - r), f, nullptr,
                                out.data() + std::size_t(r) * f.rowBytes(kCols));
    };
    encode(made, ErrorFeedback::kRows);
    encode(again, 5);
    EXPECT_EQ(made, again) << "however the rows are grouped";
    EXPECT_LT(outputError(weights, made, f, x), 0.4 * outputError(weights, nearest(), f, x));
}

TEST_P(EveryEncoder, EveryDescentLowersTheError) {
    std::vector<float> moments = secondMoments(x);
    for (int64_t i = 0; i < kCols; ++i) moments[std::size_t(i * kCols + i)] *= 1.001f;
    const CodeDescent descent(moments, kCols);
    std::vector<std::byte> made = nearest();
    const double before = outputError(weights, made, f, x);
    descent.improve(weights.data(), kRows, f, made.data());
    const double once = outputError(weights, made, f, x);
    EXPECT_LT(once, 0.6 * before);
    descent.improve(weights.data(), kRows, f, made.data());
    const double twice = outputError(weights, made, f, x);
    EXPECT_LT(twice, once);
    EXPECT_GT(twice, 0.7 * once) << "most of it is found the first time";
}

TEST_P(EveryEncoder, DescentLeavesExactRowsAlone) {
    std::vector<std::byte> exact = nearest();
    std::vector<float> decoded(weights.size());
    f.decode(exact.data(), decoded.data(), int64_t(decoded.size()));
    std::vector<std::byte> made = exact;
    CodeDescent(secondMoments(x), kCols).improve(decoded.data(), kRows, f, made.data());
    EXPECT_EQ(made, exact);
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryEncoder,
                         testing::Values(FormatId::Q8_0, FormatId::Q6_K, FormatId::Q5_K, FormatId::Q4_K, FormatId::Q4_0,
                                         FormatId::Q4_1, FormatId::Q5_0, FormatId::Q5_1, FormatId::IQ4_NL,
                                         FormatId::IQ4_XS, FormatId::Q3_K, FormatId::Q2_K),
                         [](const auto& tested) { return std::string(format(tested.param).name); });

TEST(ErrorFeedback, ChoosesTheNearestCodesWhereInputsAreIndependent) {
    ThreadPool pool(1);
    std::vector<float> moments(std::size_t(kCols * kCols));
    for (int64_t i = 0; i < kCols; ++i) moments[std::size_t(i * kCols + i)] = 7;
    const ErrorFeedback feedback(moments, kCols, pool);
    ASSERT_TRUE(feedback.usable());
    const Format& f = format(FormatId::Q8_0);
    std::vector<float> weights(kCols);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::sin(float(i) * 0.7f);
    std::vector<std::byte> nearest(f.rowBytes(kCols)), made(nearest.size());
    f.encode(weights.data(), nearest.data(), kCols, nullptr);
    feedback.encodeRows(weights.data(), 1, f, nullptr, made.data());
    CodeBlock before, after;
    for (std::size_t b = 0; b < nearest.size(); b += f.blockBytes) { // the descent may find another scale
        f.unpack(nearest.data() + b, before);
        f.unpack(made.data() + b, after);
        EXPECT_NEAR(after.d, before.d, 0.005f * std::fabs(before.d));
        for (uint32_t i = 0; i < f.blockSize; ++i) EXPECT_NEAR(after.q[i], before.q[i], 1);
    }
}

/// Columns that are no multiple of what is factored at a time, by one thread and by three.
TEST(ErrorFeedback, TakesAnyNumberOfColumns) {
    constexpr int64_t kOdd = 4 * kCols / 3 / 32 * 32; // 320
    const std::vector<float> x = correlatedInputs();  // as rows of kOdd inputs
    const int64_t tokens = int64_t(x.size()) / kOdd;
    std::vector<float> moments(std::size_t(kOdd * kOdd));
    for (int64_t t = 0; t < tokens; ++t)
        for (int64_t i = 0; i < kOdd * kOdd; ++i)
            moments[std::size_t(i)] += x[std::size_t(t * kOdd + i / kOdd)] * x[std::size_t(t * kOdd + i % kOdd)];
    std::vector<float> weights(std::size_t(ErrorFeedback::kRows * kOdd));
    std::mt19937 random(5);
    for (float& weight : weights) weight = std::normal_distribution<float>()(random);

    const Format& to = format(FormatId::Q4_0);
    std::vector<std::byte> nearest(to.rowBytes(int64_t(weights.size())));
    to.encode(weights.data(), nearest.data(), int64_t(weights.size()), nullptr);
    const auto errorOf = [&](const std::vector<std::byte>& encoded) {
        std::vector<float> e(weights.size());
        to.decode(encoded.data(), e.data(), int64_t(e.size()));
        for (std::size_t i = 0; i < e.size(); ++i) e[i] -= weights[i];
        double sum = 0;
        for (int64_t r = 0; r < ErrorFeedback::kRows; ++r)
            for (int64_t i = 0; i < kOdd * kOdd; ++i)
                sum += double(e[std::size_t(r * kOdd + i / kOdd)]) * double(e[std::size_t(r * kOdd + i % kOdd)]) *
                       double(moments[std::size_t(i)]);
        return sum;
    };
    std::vector<std::byte> first;
    for (const int threads : {1, 3}) {
        ThreadPool pool(threads);
        const ErrorFeedback feedback(moments, kOdd, pool);
        ASSERT_TRUE(feedback.usable());
        std::vector<float> scratch = weights;
        std::vector<std::byte> ours(nearest.size());
        feedback.encodeRows(scratch.data(), ErrorFeedback::kRows, to, nullptr, ours.data());
        EXPECT_LT(errorOf(ours), 0.5 * errorOf(nearest));
        if (first.empty()) first = ours;
        EXPECT_EQ(ours, first);
    }
}

TEST(ErrorFeedback, GivesUpOnWhatIsNoMatrixOfMoments) {
    ThreadPool pool(1);
    EXPECT_FALSE(ErrorFeedback(std::vector<float>(64 * 64, 0.f), 64, pool).usable()) << "nothing was seen";
    EXPECT_FALSE(ErrorFeedback(std::vector<float>(64 * 64, NAN), 64, pool).usable());
    std::vector<float> negative(64 * 64, 0.f);
    for (std::size_t i = 0; i < 64; ++i) negative[i * 64 + i] = i == 9 ? -1000.f : 100.f;
    EXPECT_FALSE(ErrorFeedback(negative, 64, pool).usable());
    EXPECT_TRUE(ErrorFeedback(std::vector<float>(64 * 64, 1.f), 64, pool).usable()) << "one token: damping helps";
}

} // namespace
} // namespace nibble
