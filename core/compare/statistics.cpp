#include <algorithm>
#include <base/text.h>
#include <cassert>
#include <cctype>
#include <cmath>
#include <compare/statistics.h>

namespace nibble {

Measured meanOf(std::span<const double> values) {
    if (values.empty()) return {};
    const double n = double(values.size());
    double sum = 0, squares = 0;
    for (double v : values) sum += v;
    const double mean = sum / n;
    for (double v : values) squares += (v - mean) * (v - mean);
    return {mean, n < 2 ? 0 : std::sqrt(squares / (n - 1) / n)};
}

double quantile(std::span<const double> sorted, double q) {
    assert(!sorted.empty());
    const double place = q * double(sorted.size() - 1);
    const auto below = std::size_t(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - double(below)) * (sorted[above] - sorted[below]);
}

Interval wilsonInterval(int64_t hits, int64_t n) {
    assert(n > 0);
    constexpr double z = 1.959963984540054; // 97.5 % of the normal distribution
    const double p = double(hits) / double(n), zz = z * z / double(n);
    const double centre = (p + zz / 2) / (1 + zz);
    const double half = z / (1 + zz) * std::sqrt(p * (1 - p) / double(n) + zz / (4 * double(n)));
    return {hits == 0 ? 0 : std::max(0.0, centre - half), hits == n ? 1 : std::min(1.0, centre + half)};
}

double signTest(int64_t a, int64_t b) {
    const double n = double(a + b);
    double tail = 0; // P(X <= min(a, b)) of the binomial distribution with p = 1/2
    for (int64_t k = 0; k <= std::min(a, b); ++k)
        tail += std::exp(std::lgamma(n + 1) - std::lgamma(double(k) + 1) - std::lgamma(n - double(k) + 1) -
                         n * std::log(2.0));
    return std::min(1.0, 2 * tail);
}

int32_t driftOf(double meanDivergence) {
    if (!(meanDivergence > 0)) return 0;
    return int32_t(std::lround(std::clamp(100 * (std::log10(meanDivergence) + 3) / 3, 0.0, 100.0)));
}

std::string verdictOf(double meanDivergence, double agreement) {
    struct Band {
        double divergence, agreement;
        const char* verdict;
    };
    constexpr Band kBands[] = {{0.006, 0.96, "almost identical"},
                               {0.02, 0.94, "very close"},
                               {0.05, 0.90, "close"},
                               {0.12, 0.86, "noticeable"},
                               {0.4, -1, "weak"}};
    for (const Band& band : kBands)
        if (meanDivergence < band.divergence && agreement > band.agreement) return band.verdict;
    return "broken";
}

std::string sentenceOf(const std::string& verdict, double agreement, Interval interval) {
    std::string text = verdict;
    if (!text.empty()) text[0] = char(std::toupper(static_cast<unsigned char>(text[0])));
    // Whole numbers read best; near the top they would all be 100.
    const char* number = agreement > 0.99 && agreement < 1 ? "%.1f" : "%.0f";
    const auto hundred = [&](double share) { return format(number, 100 * share); };
    return text + ". " + hundred(agreement) + " of 100 next words match the original (" + hundred(interval.low) + "-" +
           hundred(interval.high) + ").";
}

} // namespace nibble
