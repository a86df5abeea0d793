// Decimal numbers within bounds, as a grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <text/grammar.h>

namespace nibble {

/// The numbers n / 10^point with low <= n <= high that are multiples of `multiple` / 10^point. Of at most kMostDigits
/// digits, so that every reader gets the same number.
struct DecimalRange {
    static constexpr int kMostDigits = 15;
    static constexpr int64_t kLargest = 999'999'999'999'999;
    static constexpr int64_t kMostMultiple = 400;
    int64_t low = -kLargest, high = kLargest;
    int64_t multiple = 1; // up to kMostMultiple
    int point = 0;
};

/// Written without exponents, and with at most `point` digits behind the point. None where no number is in range.
std::optional<Grammar::Node> decimalNode(Grammar& grammar, const DecimalRange& range);

} // namespace nibble
