#include "allocations.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <text/repetition.h>
#include <text/sampler.h>

namespace nibble {
namespace {

Sampling plain(float temperature = 1) {
    Sampling s;
    s.temperature = temperature;
    s.topK = 0;
    s.topP = 1;
    s.minP = 0;
    s.seed = 42;
    return s;
}

/// Share of each token among `draws`.
std::vector<double> shares(const Sampling& settings, const std::vector<float>& logits, int draws = 20000,
                           const std::vector<int32_t>& history = {}) {
    Sampler sampler(settings, int32_t(logits.size()));
    std::vector<double> share(logits.size());
    for (int i = 0; i < draws; ++i) share[std::size_t(sampler.sample(logits, history))] += 1.0 / draws;
    return share;
}

std::vector<float> logsOf(std::initializer_list<double> probabilities) {
    std::vector<float> logits;
    for (const double p : probabilities) logits.push_back(float(std::log(p)));
    return logits;
}

TEST(Sampler, DrawsTheDistribution) {
    const std::vector<double> share = shares(plain(), logsOf({0.5, 0.3, 0.15, 0.05}));
    const double expected[] = {0.5, 0.3, 0.15, 0.05};
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(share[std::size_t(i)], expected[i], 0.012); // > 3 standard errors
}

TEST(Sampler, TemperatureSharpensAndFlattens) {
    // At temperature 0.5 probabilities are squared: 0.8^2 : 0.2^2.
    EXPECT_NEAR(shares(plain(0.5f), logsOf({0.8, 0.2}))[0], 0.64 / 0.68, 0.01);
    EXPECT_NEAR(shares(plain(2), logsOf({0.8, 0.2}))[0], 2.0 / 3, 0.012);
}

TEST(Sampler, SameSeedSameTokens) {
    const std::vector<float> logits = logsOf({0.1, 0.2, 0.3, 0.4});
    Sampler a(plain(), 4), b(plain(), 4);
    Sampling other = plain();
    other.seed = 43;
    Sampler c(other, 4);
    int different = 0;
    for (int i = 0; i < 200; ++i) {
        const int32_t token = a.sample(logits, {});
        EXPECT_EQ(token, b.sample(logits, {}));
        different += token != c.sample(logits, {});
    }
    EXPECT_GT(different, 50);
}

TEST(Sampler, SeedZeroIsChosenAndReported) {
    Sampling s = plain();
    s.seed = 0;
    EXPECT_NE(Sampler(s, 4).seed(), 0u);
    EXPECT_NE(Sampler(s, 4).seed(), Sampler(s, 4).seed());
    EXPECT_EQ(Sampler(plain(), 4).seed(), 42u);
}

TEST(Sampler, GreedyTakesTheFirstOfEquals) {
    const std::vector<float> logits{1, 3, 3, 2};
    EXPECT_EQ(Sampler(plain(0), 4).sample(logits, {}), 1);
    Sampling one = plain();
    one.topK = 1;
    EXPECT_EQ(Sampler(one, 4).sample(logits, {}), 1);
}

TEST(Sampler, TopKKeepsTheBest) {
    Sampling s = plain();
    s.topK = 2;
    const std::vector<double> share = shares(s, logsOf({0.1, 0.4, 0.2, 0.3}));
    EXPECT_EQ(share[0], 0);
    EXPECT_EQ(share[2], 0);
    EXPECT_NEAR(share[1], 4.0 / 7, 0.012);
    s.topK = 100; // more than there are
    EXPECT_NEAR(shares(s, logsOf({0.25, 0.75}))[1], 0.75, 0.012);
}

TEST(Sampler, TopKOfEqualsKeepsTheLowestIds) {
    Sampling s = plain();
    s.topK = 3;
    const std::vector<double> share = shares(s, std::vector<float>(10, 1.0f), 3000);
    EXPECT_GT(std::min({share[0], share[1], share[2]}), 0.25);
    EXPECT_EQ(std::accumulate(share.begin() + 3, share.end(), 0.0), 0);
}

/// A card may bring back only the largest logits: the draws must be those of all logits.
TEST(Sampler, DrawsTheSameFromTheDecisiveLogitsAlone) {
    std::vector<float> logits;
    for (int i = 0; i < 500; ++i) logits.push_back(float(i * 37 % 101) / 9); // each value about five times
    logits[3] = std::numeric_limits<float>::infinity();
    logits[4] = std::numeric_limits<float>::quiet_NaN();
    std::vector<Sampler::Candidate> all;
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (!std::isnan(logits[i])) all.push_back({logits[i], int32_t(i)});
    std::ranges::stable_sort(all, [](const auto& a, const auto& b) { return a.logit > b.logit; });
    for (int variant = 0; variant < 6; ++variant) {
        Sampling s = plain(variant == 0 ? 0 : 1.2f);
        s.topK = variant == 1 ? 1 : 40;
        if (variant >= 3) s.topP = 0.8f;
        if (variant >= 4) s.minP = 0.1f;
        if (variant == 5) s.xtcProbability = 0.5f;
        Sampler a(s, 500), b(s, 500);
        ASSERT_EQ(a.decisive(), variant < 2 ? 1 : 40);
        for (int i = 0; i < 300; ++i) {
            if (i == 150) { // without the infinite one
                logits[3] = 0;
                all.erase(all.begin());
            }
            ASSERT_EQ(a.sample(logits, {}), b.sampleLargest(std::span(all).first(std::size_t(a.decisive()))))
                << variant << " " << i;
        }
        logits[3] = std::numeric_limits<float>::infinity();
        all.insert(all.begin(), {logits[3], 3});
    }
    const std::vector<Sampler::Candidate> none(1, {-std::numeric_limits<float>::infinity(), 7});
    EXPECT_EQ(Sampler(plain(0), 8).sampleLargest(none), 0) << "as of logits that are all impossible";
}

TEST(Sampler, NeedsAllLogitsWhereOnesFarDownMayComeUp) {
    Sampling s = plain();
    EXPECT_EQ(Sampler(s, 4).decisive(), 0) << "no top-k";
    s.topK = 40;
    for (float Sampling::*setting : {&Sampling::repeatPenalty, &Sampling::presencePenalty, &Sampling::frequencyPenalty,
                                     &Sampling::dryMultiplier, &Sampling::mirostatTau}) {
        Sampling other = s;
        other.*setting = 0.5f;
        EXPECT_EQ(Sampler(other, 4).decisive(), 0);
    }
    EXPECT_EQ(Sampler(s, 4).decisive(), 40);
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesIt) {
    Sampling s = plain();
    s.topP = 0.75f;
    for (const int32_t topK : {0, 40}) {
        s.topK = topK;
        const std::vector<double> share = shares(s, logsOf({0.1, 0.5, 0.1, 0.3}));
        EXPECT_EQ(share[0] + share[2], 0) << topK;
        EXPECT_NEAR(share[1], 0.625, 0.012) << topK;
    }
    s.topP = 0;
    EXPECT_NEAR(shares(s, logsOf({0.1, 0.5, 0.4}), 100)[1], 1, 1e-9);
}

TEST(Sampler, TopPOverManyTokensWithoutTopK) {
    // 1000 equal tokens: three quarters of them, the lowest ids.
    Sampling s = plain();
    s.topP = 0.75f;
    const std::vector<double> share = shares(s, std::vector<float>(1000, 0.0f), 20000);
    EXPECT_EQ(std::accumulate(share.begin() + 751, share.end(), 0.0), 0);
    EXPECT_GT(std::accumulate(share.begin() + 700, share.begin() + 750, 0.0), 0.04);
}

TEST(Sampler, MinPCutsWhatIsFarBelowTheBest) {
    Sampling s = plain();
    s.minP = 0.3f;
    const std::vector<double> share = shares(s, logsOf({0.6, 0.25, 0.15}));
    EXPECT_EQ(share[2], 0);
    EXPECT_NEAR(share[0], 0.6 / 0.85, 0.012);
    s.minP = 2; // nonsense keeps the best
    EXPECT_NEAR(shares(s, logsOf({0.6, 0.4}), 100)[0], 1, 1e-9);
}

TEST(Sampler, RepeatPenaltyPushesDownWhicheverSign) {
    Sampling s = plain(0);
    s.repeatPenalty = 2;
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{4, 3}, std::vector<int32_t>{0}), 1);
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{-2, -3}, std::vector<int32_t>{0}), 1);
    // Out of the window again.
    s.repeatLastN = 2;
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{4, 3}, std::vector<int32_t>{0, 1, 1}), 0);
}

TEST(Sampler, PresenceOnceFrequencyPerOccurrence) {
    Sampling s = plain(0);
    s.presencePenalty = 0.5f;
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{1, 0.6f}, std::vector<int32_t>{0, 0, 0}), 1);
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{1, 0.4f}, std::vector<int32_t>{0, 0, 0}), 0);
    s.presencePenalty = 0;
    s.frequencyPenalty = 0.5f;
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{1, 0.4f}, std::vector<int32_t>{0}), 0);
    EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{1, 0.4f}, std::vector<int32_t>{0, 0}), 1);
}

TEST(Sampler, PenaltiesAreForgottenBetweenCalls) {
    Sampling s = plain(0);
    s.frequencyPenalty = 10;
    Sampler sampler(s, 2);
    EXPECT_EQ(sampler.sample(std::vector<float>{1, 0}, std::vector<int32_t>{0}), 1);
    EXPECT_EQ(sampler.sample(std::vector<float>{1, 0}, {}), 0);
    // Ids that are no token of this vocabulary are ignored.
    EXPECT_EQ(sampler.sample(std::vector<float>{1, 0}, std::vector<int32_t>{-1, 7}), 0);
}

TEST(Sampler, SurvivesEveryKindOfLogit) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (const float temperature : {0.0f, 1.0f})
        for (const int32_t topK : {0, 2}) {
            Sampling s = plain(temperature);
            s.topK = topK;
            s.topP = 0.9f;
            s.minP = 0.05f;
            Sampling surprise = s;
            surprise.mirostatTau = 5;
            EXPECT_EQ(Sampler(surprise, 3).sample(std::vector<float>{nan, 1, nan}, {}), 1);
            EXPECT_EQ(Sampler(surprise, 2).sample(std::vector<float>{nan, nan}, {}), 0);
            EXPECT_EQ(Sampler(surprise, 2).sample(std::vector<float>{-3e38f, 3e38f}, {}), 1);
            EXPECT_EQ(Sampler(s, 3).sample(std::vector<float>{nan, 1, nan}, {}), 1);
            EXPECT_EQ(Sampler(s, 3).sample(std::vector<float>{-inf, -inf, -5}, {}), 2);
            EXPECT_EQ(Sampler(s, 3).sample(std::vector<float>{1, inf, 2}, {}), 1);
            EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{nan, nan}, {}), 0);
            EXPECT_EQ(Sampler(s, 2).sample(std::vector<float>{-3e38f, 3e38f}, {}), 1);
        }
}

TEST(Repetitions, LongestSuffixBeforeEachToken) {
    Repetitions r(10, std::vector<int32_t>{9});
    //                            1 2 3 4 | 2 3 5 | 1 2 3
    r.find(std::vector<int32_t>{1, 2, 3, 4, 2, 3, 5, 1, 2, 3});
    EXPECT_EQ(r.lengthBefore(4), 3);
    EXPECT_EQ(r.lengthBefore(5), 2);
    EXPECT_EQ(r.lengthBefore(1), 0);
    r.find(std::vector<int32_t>{1, 9, 3, 4, 1, 9, 3}); // not across a breaker
    EXPECT_EQ(r.lengthBefore(4), 1);
    r.find(std::vector<int32_t>{3, 9, 4, 3}); // a breaker is never pushed down
    EXPECT_EQ(r.lengthBefore(9), 0);
    r.find(std::vector<int32_t>{1, 2, 1, 9}); // nothing is repeated behind one
    EXPECT_EQ(r.lengthBefore(1) + r.lengthBefore(2), 0);
    r.find(std::vector<int32_t>(1000, 7));
    EXPECT_EQ(r.lengthBefore(7), Repetitions::kLongest);
    r.find(std::vector<int32_t>{-1, 500, 2, -1}); // no tokens
    r.find({});
    for (int32_t id = 0; id < 10; ++id) EXPECT_EQ(r.lengthBefore(id), 0);
}

TEST(Sampler, DryGrowsWithTheRepetition) {
    Sampling s = plain(0);
    s.dryMultiplier = 0.5f;
    s.dryBase = 2;
    s.dryAllowedLength = 2;
    // Token 4 would continue a repetition of three tokens: 0.5 * 2^(3 - 2) = 1 below.
    const std::vector<int32_t> history{1, 2, 3, 4, 1, 2, 3};
    const auto best = [&](float other) {
        return Sampler(s, 6).sample(std::vector<float>{other, 0, 0, 0, 5, 0}, history);
    };
    EXPECT_EQ(best(3.9f), 4);
    EXPECT_EQ(best(4.1f), 0);
    s.dryAllowedLength = 4;
    EXPECT_EQ(best(4.1f), 4);
    s.dryAllowedLength = 2;
    const std::vector<int32_t> breakers{2};
    EXPECT_EQ(Sampler(s, 6, breakers).sample(std::vector<float>{4.9f, 0, 0, 0, 5, 0}, history), 4);
    // The longest penalty is finite.
    s.dryBase = 10;
    EXPECT_EQ(Sampler(s, 1).sample(std::vector<float>{1}, std::vector<int32_t>(200, 0)), 0);
}

TEST(Sampler, XtcLeavesOutAllButTheLeastOfTheLikely) {
    Sampling s = plain();
    s.xtcProbability = 1;
    s.xtcThreshold = 0.2f;
    for (const int32_t topK : {0, 40}) {
        s.topK = topK;
        const std::vector<double> share = shares(s, logsOf({0.3, 0.4, 0.25, 0.05}));
        EXPECT_EQ(share[0] + share[1], 0) << topK;
        EXPECT_NEAR(share[2], 0.25 / 0.3, 0.012) << topK;
    }
    EXPECT_NEAR(shares(s, logsOf({0.9, 0.1}))[0], 0.9, 0.012); // one likely token is no choice
    s.xtcProbability = 0.5f;
    EXPECT_NEAR(shares(s, logsOf({0.6, 0.4}))[0], 0.3, 0.015);
    s.xtcProbability = 1;
    s.xtcThreshold = 0.6f;
    EXPECT_NEAR(shares(s, logsOf({0.6, 0.4}))[0], 0.6, 0.012);
}

TEST(Sampler, MirostatHoldsTheSurprise) {
    std::vector<float> logits(2000); // Zipf's law
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = -1.1f * float(std::log(double(i + 1)));
    double total = 0;
    for (const float logit : logits) total += std::exp(double(logit));
    const auto meanSurprise = [&](float tau) {
        Sampling s = plain();
        s.topK = 1000; // has no effect
        s.topP = 0.1f;
        s.mirostatTau = tau;
        Sampler sampler(s, int32_t(logits.size()));
        double sum = 0;
        for (int i = 0; i < 3000; ++i)
            sum += std::log2(total) - double(logits[std::size_t(sampler.sample(logits, {}))]) / std::log(2.0);
        return sum / 3000;
    };
    // Surprise is counted among the tokens that are left, which is less than among all.
    const double low = meanSurprise(2), middle = meanSurprise(4), high = meanSurprise(6);
    EXPECT_GT(low, 2);
    EXPECT_LT(low, 4.5);
    EXPECT_GT(middle, low + 0.5);
    EXPECT_GT(high, middle + 0.5);
    // What it controls: the mean over the kept tokens, here two equal ones of one bit each.
    Sampling s = plain();
    s.mirostatTau = 0.01f; // only the most likely is left in the end
    Sampler sampler(s, 3);
    const std::vector<float> three = logsOf({0.5, 0.3, 0.2});
    for (int i = 0; i < 500; ++i) sampler.sample(three, {});
    for (int i = 0; i < 100; ++i) EXPECT_EQ(sampler.sample(three, {}), 0);
}

TEST(Sampler, AllocatesNothingPerToken) {
    std::vector<float> logits(50000);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = std::sin(float(i)) * 5;
    const std::vector<int32_t> history(100, 7);
    for (const int32_t topK : {0, 40}) {
        Sampling s; // the defaults, with every step on
        s.topK = topK;
        s.repeatPenalty = 1.1f;
        s.dryMultiplier = 0.8f;
        s.xtcProbability = 1;
        s.seed = 1;
        Sampler sampler(s, int32_t(logits.size()));
        const std::size_t before = test::allocations();
        for (int i = 0; i < 5; ++i) sampler.sample(logits, history);
        EXPECT_EQ(test::allocations(), before) << topK;
    }
}

} // namespace
} // namespace nibble
