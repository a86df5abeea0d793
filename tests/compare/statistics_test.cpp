#include <cmath>
#include <compare/statistics.h>
#include <gtest/gtest.h>

using namespace nibble;

TEST(Statistics, MeanAndItsError) {
    const double values[] = {1, 2, 3, 4};
    const Measured m = meanOf(values);
    EXPECT_DOUBLE_EQ(m.value, 2.5);
    EXPECT_NEAR(m.error, std::sqrt(5.0 / 3 / 4), 1e-15); // sample variance 5/3
    EXPECT_EQ(meanOf({}).value, 0);
    EXPECT_EQ(meanOf(std::span(values, 1)).error, 0);
}

TEST(Statistics, QuantilesAreLinearBetweenNeighbours) {
    const double values[] = {0, 10, 20, 30, 40};
    EXPECT_DOUBLE_EQ(quantile(values, 0), 0);
    EXPECT_DOUBLE_EQ(quantile(values, 0.5), 20);
    EXPECT_DOUBLE_EQ(quantile(values, 0.9), 36);
    EXPECT_DOUBLE_EQ(quantile(values, 1), 40);
    EXPECT_DOUBLE_EQ(quantile(std::span(values, 1), 0.99), 0);
}

TEST(Statistics, WilsonInterval) {
    // Wilson (1927), evaluated in Python
    EXPECT_NEAR(wilsonInterval(96, 100).low, 0.9016292856, 1e-9);
    EXPECT_NEAR(wilsonInterval(96, 100).high, 0.9843366960, 1e-9);
    EXPECT_NEAR(wilsonInterval(6, 12).low, 0.2537815976, 1e-9);
    EXPECT_NEAR(wilsonInterval(6, 12).high, 0.7462184024, 1e-9);
    EXPECT_EQ(wilsonInterval(10, 10).high, 1);
    EXPECT_NEAR(wilsonInterval(10, 10).low, 0.7224672001, 1e-9);
    EXPECT_EQ(wilsonInterval(0, 10).low, 0);
}

TEST(Statistics, SignTest) {
    EXPECT_EQ(signTest(0, 0), 1);
    EXPECT_EQ(signTest(5, 5), 1);
    EXPECT_NEAR(signTest(0, 5), 2.0 / 32, 1e-12);
    EXPECT_NEAR(signTest(8, 1), 2.0 * (1 + 9) / 512, 1e-12); // sums of binomial coefficients
    EXPECT_EQ(signTest(8, 1), signTest(1, 8));
    EXPECT_GT(signTest(1000, 1100), 0.02);
    EXPECT_LT(signTest(1000, 1100), 0.04); // normal approximation: 0.029
}

TEST(Statistics, DriftIsLogarithmic) {
    EXPECT_EQ(driftOf(0), 0);
    EXPECT_EQ(driftOf(0.0005), 0);
    EXPECT_EQ(driftOf(0.001), 0);
    EXPECT_EQ(driftOf(0.01), 33);
    EXPECT_EQ(driftOf(0.1), 67);
    EXPECT_EQ(driftOf(1), 100);
    EXPECT_EQ(driftOf(17), 100);
    EXPECT_EQ(driftOf(NAN), 0);
}

TEST(Statistics, VerdictNeedsBothNumbers) {
    EXPECT_EQ(verdictOf(0.001, 0.99), "almost identical");
    EXPECT_EQ(verdictOf(0.001, 0.95), "very close"); // the divergence alone would be better
    EXPECT_EQ(verdictOf(0.015, 0.99), "very close");
    EXPECT_EQ(verdictOf(0.03, 0.92), "close");
    EXPECT_EQ(verdictOf(0.1, 0.88), "noticeable");
    EXPECT_EQ(verdictOf(0.1, 0.5), "weak");
    EXPECT_EQ(verdictOf(0.39, 0.7), "weak");
    EXPECT_EQ(verdictOf(0.4, 0.99), "broken");
    EXPECT_EQ(verdictOf(INFINITY, 0), "broken");
}

TEST(Statistics, SentenceReadsAsPeopleSpeak) {
    EXPECT_EQ(sentenceOf("very close", 0.96, {0.951, 0.968}),
              "Very close. 96 of 100 next words match the original (95-97).");
    EXPECT_EQ(sentenceOf("almost identical", 0.9962, {0.9941, 0.9975}),
              "Almost identical. 99.6 of 100 next words match the original (99.4-99.8).");
    EXPECT_EQ(sentenceOf("almost identical", 1, {0.998, 1}),
              "Almost identical. 100 of 100 next words match the original (100-100).");
}
