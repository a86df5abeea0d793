// Sharing a number of bytes among tensors: each has a few formats to choose from, and the sum of what they cost shall
// be least (a multiple-choice knapsack).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nibble {

struct FormatCost {
    uint64_t bytes = 0;
    double cost = 0; // >= 0, of any unit
};

/// For each tensor the index of one of its options (there is at least one), so that their bytes sum to at most `limit`
/// and their costs to the least that can be had: exactly where all sizes differ by multiples of a 2^17th of what there
/// is to share, as those of matrices do, and nearly so elsewhere. Of equal costs the smaller one. Empty where even the
/// smallest options are too large.
std::vector<std::size_t> shareBudget(std::span<const std::vector<FormatCost>> options, uint64_t limit);

/// The least bytes that the options can sum to.
uint64_t leastBytes(std::span<const std::vector<FormatCost>> options);

} // namespace nibble
