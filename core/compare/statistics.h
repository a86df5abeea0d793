// From scores to figures, and from figures to words.
#pragma once

#include <cstdint>
#include <nibble/compare.h>
#include <span>
#include <string>
#include <vector>

namespace nibble {

/// Mean and its standard error (0 for fewer than two values).
Measured meanOf(std::span<const double> values);
/// The value below which a share q of `sorted` lies, linear between neighbours. `sorted` is not empty.
double quantile(std::span<const double> sorted, double q);

struct Interval {
    double low = 0, high = 0;
};
/// 95 % Wilson score interval of a share: hits of n, n > 0.
Interval wilsonInterval(int64_t hits, int64_t n);

/// The probability that chance alone parts a + b pairs as unevenly as a and b or more so: exact sign test, two-sided
/// (McNemar 1947 for paired answers). 1 where there are none.
double signTest(int64_t a, int64_t b);

/// Mean divergence on a scale of 0 to 100 that people can read: 0 at 0.001 nats per token (8-bit files, and the noise
/// floor of most tools), 100 at 1 nat (nonsense), a third of the scale per factor of ten:
///     drift = 100 * (log10(divergence) + 3) / 3, rounded, within 0..100.
/// So the bands below end at 26, 43, 57, 69 and 87.
int32_t driftOf(double meanDivergence);

/// The bands of notes/quantization 3: "almost identical" below 0.006 nats with more than 96 % agreement, "very close"
/// (0.02, 94 %), "close" (0.05, 90 %; a usual 4-bit file), "noticeable" (0.12, 86 %), "weak" (0.4), else "broken".
std::string verdictOf(double meanDivergence, double agreement);

/// "Very close. 96 of 100 next words match the original (95-97)."
std::string sentenceOf(const std::string& verdict, double agreement, Interval interval);

} // namespace nibble
