// What one row of logits says about another: the numbers behind "drift" and "word agreement".
//
// With logits x of the original, y of the smaller model and lse(x) = log sum exp x:
//     log p = x - lse(x),  log q = y - lse(y),  KL(p || q) = sum p (log p - log q).
// All sums are in double precision. A row costs two exponentials per token of the vocabulary.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace nibble {

/// One scored position. Losses are -log of the probability given to the token that really follows, in nats.
struct RowScore {
    double divergence = 0, originalLoss = 0, smallerLoss = 0;
    int32_t originalTop = -1, smallerTop = -1;   // the token each prefers (ties: the lowest id)
    float originalChance = 0, smallerChance = 0; // the probability each gives to its own
    bool sameTop() const { return originalTop == smallerTop; }
};

/// Exact. The rows have the same length; where logits are not finite, neither is the divergence.
RowScore scoreRows(std::span<const float> original, std::span<const float> smaller, int32_t target);

/// A row of the original cut down for storing: its likeliest tokens, likeliest first, and what is left to all others.
struct RowSummary {
    static constexpr int32_t kTop = 256;
    int32_t count = 0; // kTop, or the vocabulary where it is smaller
    std::array<int32_t, kTop> ids{};
    std::array<float, kTop> logProbs{};
    double restMass = 0;
    double loss = 0; // of the target
};
RowSummary summarizeRow(std::span<const float> original, int32_t target);

/// As scoreRows, but with all tokens beyond the top ones in one bucket: a lower bound of the exact divergence, and
/// close to it where the rest is small.
RowScore scoreSummary(const RowSummary& original, std::span<const float> smaller, int32_t target);

} // namespace nibble
