// From the scores of all positions to the figures of a report.
#pragma once

#include <compare/divergence.h>
#include <nibble/compare.h>
#include <span>

namespace nibble {

/// Fills the figures measured on a text, the verdict and the sentence. There is at least one score. Where a model gave
/// values that are not numbers the mean divergence is not finite, and nothing after the perplexities is filled.
void summarizeScores(std::span<const RowScore> scores, CompareReport& report);

} // namespace nibble
