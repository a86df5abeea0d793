// Sharing bytes among tensors, against trying every choice.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <quantize/budget.h>
#include <random>

namespace nibble {
namespace {

using Options = std::vector<std::vector<FormatCost>>;

/// The least cost there is, or infinity.
double leastCost(const Options& options, uint64_t limit, std::size_t at = 0) {
    if (at == options.size()) return 0;
    double least = INFINITY;
    for (const FormatCost& option : options[at])
        if (option.bytes <= limit)
            least = std::min(least, option.cost + leastCost(options, limit - option.bytes, at + 1));
    return least;
}

struct Sum {
    uint64_t bytes = 0;
    double cost = 0;
};
Sum sumOf(const Options& options, const std::vector<std::size_t>& chosen) {
    Sum sum;
    for (std::size_t t = 0; t < options.size(); ++t) {
        sum.bytes += options[t].at(chosen[t]).bytes;
        sum.cost += options[t][chosen[t]].cost;
    }
    return sum;
}

Options randomOptions(std::mt19937& random, uint64_t unit) {
    std::uniform_int_distribution<int> count(1, 5), size(1, 40);
    std::uniform_real_distribution<double> cost(0, 1);
    Options options(std::size_t(count(random)) + 1);
    for (std::vector<FormatCost>& list : options) {
        list.resize(std::size_t(count(random)));
        for (FormatCost& option : list) option = {uint64_t(size(random)) * unit, cost(random)};
    }
    return options;
}

TEST(Budget, IsTheBestOfAllChoices) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const Options options = randomOptions(random, round % 2 == 0 ? 96 : 1 << 20);
        const uint64_t least = leastBytes(options), unit = round % 2 == 0 ? 96 : 1 << 20;
        for (const uint64_t more : {uint64_t(0), 3 * unit, 20 * unit + 17, 1000 * unit}) {
            const std::vector<std::size_t> chosen = shareBudget(options, least + more);
            ASSERT_EQ(chosen.size(), options.size());
            const Sum sum = sumOf(options, chosen);
            EXPECT_LE(sum.bytes, least + more);
            EXPECT_NEAR(sum.cost, leastCost(options, least + more), 1e-12);
            EXPECT_EQ(chosen, shareBudget(options, least + more)) << "the same again";
        }
    }
}

TEST(Budget, SizesWithoutACommonUnitStayWithinTheLimit) {
    // Sizes of gigabytes that differ by odd numbers: there are more units than are tried.
    std::mt19937_64 random(5);
    std::uniform_int_distribution<uint64_t> size(1'000'000'007, 9'000'000'011);
    std::uniform_real_distribution<double> cost(0, 1);
    for (int round = 0; round < 20; ++round) {
        Options options(6);
        for (std::vector<FormatCost>& list : options)
            for (int o = 0; o < 4; ++o) list.push_back({size(random), cost(random)});
        const uint64_t limit = leastBytes(options) + 10'000'000'019;
        const Sum sum = sumOf(options, shareBudget(options, limit));
        EXPECT_LE(sum.bytes, limit);
        // What rounding up to units can hide: six times a 2^17th.
        EXPECT_LE(sum.cost, leastCost(options, limit - 6 * (10'000'000'019 >> 17) - 6) + 1e-12);
    }
}

TEST(Budget, OfEqualCostsTheSmallerOne) {
    const Options options = {{{100, 1}, {200, 1}, {300, 1}}, {{50, 0.5}, {80, 0.5}}};
    EXPECT_EQ(shareBudget(options, 1000), (std::vector<std::size_t>{0, 0}));
}

TEST(Budget, IsEmptyWhereNothingFits) {
    const Options options = {{{100, 1}, {200, 0}}, {{50, 1}}};
    EXPECT_EQ(leastBytes(options), 150u);
    EXPECT_TRUE(shareBudget(options, 149).empty());
    EXPECT_EQ(shareBudget(options, 150), (std::vector<std::size_t>{0, 0}));
}

} // namespace
} // namespace nibble
