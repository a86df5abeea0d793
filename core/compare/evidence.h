// From the scores of all positions to the places that people can look at.
#pragma once

#include <compare/divergence.h>
#include <functional>
#include <nibble/compare.h>
#include <span>
#include <string>

namespace nibble {

/// The tokens that were measured: chunks of chunkTokens each, of which the positions chunkTokens / 2 and later are
/// scored, but not the last one (as Comparison reads them).
struct MeasuredText {
    std::span<const int32_t> tokens;
    int32_t chunkTokens = 0;
    std::function<std::string(std::span<const int32_t>)> decode; // the bytes that tokens stand for, control tokens none

    int32_t rowsPerChunk() const { return chunkTokens - 1 - chunkTokens / 2; }
    /// Where in `tokens` the token lies that row `row` of the scores predicts.
    std::size_t positionOf(std::size_t row) const;
};

/// Fills the worst moments and the stretches. Scores that are not numbers are left out.
void gatherEvidence(std::span<const RowScore> scores, const MeasuredText& text, CompareReport& report);

} // namespace nibble
