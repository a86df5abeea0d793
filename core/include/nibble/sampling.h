// How the next token is chosen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nibble {

/// 2^53 - 1: a seed goes through JSON, where many readers keep numbers as doubles.
inline constexpr uint64_t kMaxSeed = (uint64_t(1) << 53) - 1;

/// Order of the chain, as in llama.cpp: penalties, top-k, top-p, min-p, temperature, draw. temperature <= 0: the most
/// likely token (ties: lowest id).
struct Sampling {
    float temperature = 0.8f;
    int32_t topK = 40;          // 0: off
    float topP = 0.95f;         // 1: off
    float minP = 0.05f;         // 0: off
    float repeatPenalty = 1.0f; // 1: off; over the last repeatLastN tokens
    int32_t repeatLastN = 64;
    float presencePenalty = 0, frequencyPenalty = 0;
    uint64_t seed = 0; // at most kMaxSeed; 0: chosen at random and reported in the result
};

} // namespace nibble
