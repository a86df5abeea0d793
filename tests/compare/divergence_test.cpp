#include <cmath>
#include <compare/divergence.h>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace nibble;

namespace {

struct Rows {
    std::vector<float> original, smaller;
};

/// Logits like a model's: a few tokens rise `peaks` above the rest.
Rows randomRows(std::size_t n, unsigned seed, float difference, float peaks = 12) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    Rows rows;
    for (std::size_t i = 0; i < n; ++i) {
        const float peak = i % 97 == seed % 97 ? peaks * std::abs(normal(random)) : 0;
        rows.original.push_back(2 * normal(random) + peak);
        rows.smaller.push_back(rows.original.back() + difference * normal(random));
    }
    return rows;
}

long double logSumExp(const std::vector<float>& x) {
    long double sum = 0;
    for (float v : x) sum += std::exp((long double)v);
    return std::log(sum);
}

/// The definition, in extended precision.
long double divergenceOf(const Rows& rows) {
    const long double p0 = logSumExp(rows.original), q0 = logSumExp(rows.smaller);
    long double sum = 0;
    for (std::size_t i = 0; i < rows.original.size(); ++i) {
        const long double p = rows.original[i] - p0, q = rows.smaller[i] - q0;
        sum += std::exp(p) * (p - q);
    }
    return sum;
}

} // namespace

TEST(Divergence, FollowsItsDefinitionForEveryLength) {
    for (const std::size_t n : {1, 2, 3, 4, 5, 7, 8, 15, 17, 352, 1000, 49153})
        for (const float difference : {0.f, 0.01f, 0.5f, 5.f}) {
            const Rows rows = randomRows(n, unsigned(n), difference);
            const RowScore score = scoreRows(rows.original, rows.smaller, int32_t(n / 2));
            EXPECT_NEAR(score.divergence, double(divergenceOf(rows)), 1e-11) << n << " tokens, " << difference;
            EXPECT_NEAR(score.originalLoss, double(logSumExp(rows.original) - rows.original[n / 2]), 1e-10);
            EXPECT_NEAR(score.smallerLoss, double(logSumExp(rows.smaller) - rows.smaller[n / 2]), 1e-10);
        }
}

TEST(Divergence, OfARowFromItselfIsExactlyZero) {
    const Rows rows = randomRows(1003, 5, 0);
    const RowScore score = scoreRows(rows.original, rows.original, 7);
    EXPECT_EQ(score.divergence, 0);
    EXPECT_EQ(score.originalLoss, score.smallerLoss);
    EXPECT_TRUE(score.sameTop());
}

TEST(Divergence, DoesNotCareAboutAConstantOrLargeLogits) {
    Rows rows = randomRows(999, 3, 0.3f);
    const double expected = scoreRows(rows.original, rows.smaller, 0).divergence;
    for (float& v : rows.smaller) v += 64; // exact: a power of two
    EXPECT_NEAR(scoreRows(rows.original, rows.smaller, 0).divergence, expected, 1e-5);
    const std::vector<float> a{30000, 0, -30000}, b{30000, 29999, 0};
    EXPECT_NEAR(scoreRows(a, b, 0).divergence, std::log1p(std::exp(-1.0)), 1e-12);
}

TEST(Divergence, TopTokenTiesGoToTheLowestId) {
    const std::vector<float> a{1, 5, 5, 0}, b{1, 5, 4, 0}, c{1, 4, 5, 0};
    EXPECT_TRUE(scoreRows(a, b, 0).sameTop());
    EXPECT_FALSE(scoreRows(a, c, 0).sameTop());
    EXPECT_TRUE(scoreSummary(summarizeRow(a, 0), b, 0).sameTop());
    EXPECT_FALSE(scoreSummary(summarizeRow(a, 0), c, 0).sameTop());
}

TEST(Divergence, ValuesThatAreNotNumbersShow) {
    for (const float bad : {NAN, INFINITY}) {
        Rows rows = randomRows(50, 1, 0.1f);
        rows.smaller[20] = bad;
        EXPECT_FALSE(std::isfinite(scoreRows(rows.original, rows.smaller, 0).divergence));
        EXPECT_FALSE(std::isfinite(scoreRows(rows.smaller, rows.original, 0).divergence));
        EXPECT_FALSE(std::isfinite(scoreSummary(summarizeRow(rows.original, 0), rows.smaller, 0).divergence));
        EXPECT_FALSE(std::isfinite(scoreSummary(summarizeRow(rows.smaller, 0), rows.original, 0).divergence));
    }
}

TEST(RowSummary, HoldsTheLikeliestTokensInOrder) {
    const Rows rows = randomRows(5000, 11, 0);
    const RowSummary summary = summarizeRow(rows.original, 1234);
    ASSERT_EQ(summary.count, RowSummary::kTop);
    const double lse = double(logSumExp(rows.original));
    double mass = summary.restMass;
    for (std::size_t i = 0; i < 256; ++i) {
        EXPECT_NEAR(summary.logProbs[i], double(rows.original[std::size_t(summary.ids[i])]) - lse, 1e-5);
        EXPECT_LE(summary.logProbs[i], summary.logProbs[i == 0 ? 0 : i - 1]);
        mass += std::exp(double(summary.logProbs[i]));
    }
    EXPECT_NEAR(mass, 1, 1e-6);
    std::size_t above = 0;
    for (float v : rows.original) above += double(v) - lse > double(summary.logProbs[255]) + 1e-5;
    EXPECT_LT(above, 256u);
}

TEST(RowSummary, GivesALowerBoundThatIsExactWhereNothingIsLeftOut) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const Rows rows = randomRows(3000, seed, 0.3f, seed % 4 * 3.f); // from much to little beyond the top
        const double exact = scoreRows(rows.original, rows.smaller, 9).divergence;
        const RowSummary summary = summarizeRow(rows.original, 9);
        const RowScore score = scoreSummary(summary, rows.smaller, 9);
        EXPECT_LE(score.divergence, exact + 1e-6);
        // What a bucket hides is the divergence inside it, here about 0.3^2 / 2 of its mass.
        EXPECT_LE(exact - score.divergence, summary.restMass * 0.1 + 1e-6);
        if (seed % 4 == 0) {
            EXPECT_GT(summary.restMass, 0.1);
            EXPECT_LT(score.divergence, exact - 1e-3);
        }
        EXPECT_NEAR(score.originalLoss, scoreRows(rows.original, rows.smaller, 9).originalLoss, 1e-12);
        EXPECT_NEAR(score.smallerLoss, scoreRows(rows.original, rows.smaller, 9).smallerLoss, 1e-12);
    }
    const Rows small = randomRows(200, 4, 0.5f); // fewer tokens than a summary holds
    EXPECT_NEAR(scoreSummary(summarizeRow(small.original, 0), small.smaller, 0).divergence,
                scoreRows(small.original, small.smaller, 0).divergence, 1e-6);
}

TEST(RowSummary, ManyEqualLogitsStillFillTheTop) {
    std::vector<float> flat(1000, 0.5f);
    flat[700] = 2;
    const RowSummary summary = summarizeRow(flat, 3);
    EXPECT_EQ(summary.ids[0], 700);
    for (std::size_t i = 1; i < 256; ++i) EXPECT_EQ(summary.ids[i], int32_t(i - 1));
    EXPECT_NEAR(scoreSummary(summary, flat, 3).divergence, 0, 1e-6);
}
