// How the next token is chosen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nibble {

/// 2^53 - 1: a seed goes through JSON, where many readers keep numbers as doubles.
inline constexpr uint64_t kMaxSeed = (uint64_t(1) << 53) - 1;

/// Order of the chain, as in llama.cpp: penalties, DRY, top-k, top-p, min-p, XTC, temperature, draw. With mirostat:
/// penalties, DRY, temperature, mirostat. temperature <= 0: the most likely token (ties: lowest id).
struct Sampling {
    float temperature = 0.8f;
    int32_t topK = 40;          // 0: off
    float topP = 0.95f;         // 1: off
    float minP = 0.05f;         // 0: off
    float repeatPenalty = 1.0f; // 1: off; over the last repeatLastN tokens
    int32_t repeatLastN = 64;
    float presencePenalty = 0, frequencyPenalty = 0;
    /// DRY (p-e-w, text-generation-webui #5677): a token that would go on with a repetition of n tokens that stand
    /// already is pushed down by dryMultiplier * dryBase^(n - dryAllowedLength), where n is at least that.
    float dryMultiplier = 0; // 0: off
    float dryBase = 1.75f;
    int32_t dryAllowedLength = 2;
    std::vector<std::string> dryBreakers{"\n", ":", "\"", "*"}; // no repetition goes on across a token with one of them
    /// XTC (p-e-w, text-generation-webui #6335): by this chance, of the tokens with a probability of xtcThreshold or
    /// more all but the least likely one are left out.
    float xtcProbability = 0;  // 0: off
    float xtcThreshold = 0.1f; // above 0.5: off
    /// Mirostat 2 (Basu et al. 2020, arXiv 2007.14966) in place of top-k, top-p, min-p and XTC: keeps the mean surprise
    /// of the drawn tokens, in bits, near mirostatTau.
    float mirostatTau = 0; // 0: off; 5 is usual
    float mirostatEta = 0.1f;
    uint64_t seed = 0; // at most kMaxSeed; 0: chosen at random and reported in the result
};

} // namespace nibble
