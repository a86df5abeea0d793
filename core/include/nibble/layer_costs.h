// Which layers of a smaller model cost most, so that they can be given more bits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/progress.h>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

struct LayerCostOptions {
    std::filesystem::path original, smaller; // smaller: made from the original, with the same tensors
    int32_t threads = 0;                     // 0: one per physical core
};

/// `layer` is the number of blk.N in the tensors' names; kOutsideLayers stands for all that is in no layer: the tables
/// of words in front and behind.
struct LayerCost {
    int32_t layer = 0;
    /// Mean KL divergence from the original of a model of which only this is rounded, and its standard error; nats a
    /// token.
    double divergence = 0, divergenceError = 0;
    uint64_t bytes = 0;      // in the smaller file
    uint64_t finerBytes = 0; // that finer formats, of about one bit a weight more, would take beside these
};
inline constexpr int32_t kOutsideLayers = -1;

struct LayerCostReport {
    std::vector<LayerCost> layers;  // kOutsideLayers first, then by number
    double divergence = 0;          // of the smaller model as it is
    int32_t tokens = 0;             // that were scored
    std::vector<int32_t> worthMost; // at most three that cost most for the bytes that finer formats take, best first
    uint64_t worthMostBytes = 0;    // that those take
    /// "More bits gain most in layer 29 and layer 18: 18 % of what all layers cost one by one. About one bit ..."
    std::string sentence;
    double seconds = 0;
};

/// Reads about 1000 tokens once for every layer. Throws Error{BadRequest} where the smaller model has other tensors,
/// Error{Unsupported} for models that Nibble cannot run, Error{Canceled}.
LayerCostReport measureLayerCosts(const LayerCostOptions& options, const ProgressFn& progress = {},
                                  std::stop_token stop = {});

} // namespace nibble
