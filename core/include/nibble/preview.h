// What making a model smaller will cost, before it is made.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

struct PreviewOptions {
    std::filesystem::path source; // HF folder or GGUF, one that Nibble can run
    bool allowRequantize = false;
    int32_t threads = 0; // 0: one per physical core
};

/// A prediction, and the range that the measured value is expected in.
struct Predicted {
    double expected = 0, low = 0, high = 0;
};

/// One of the recipes that are stops, carried out quickly (Care::Quick) but for the seconds.
struct StopPreview {
    std::string recipe, label;
    int32_t stop = 0;         // bits, as in RecipeInfo
    uint64_t fileBytes = 0;   // exact
    uint64_t memoryBytes = 0; // to use it, as estimateModel() says
    uint64_t makingMemoryBytes = 0;
    std::array<Predicted, std::size(kCareNames)> seconds; // to make it, by Care
    Predicted divergence;     // mean KL divergence from the original, nats a token, as compareModels() measures it
    Predicted agreement;      // of the next word, 0..1
    int32_t drift = 0;        // of the expected divergence, 0..100
    std::string verdict;      // of what is expected, in the words of a report
    bool fits = false;        // in this computer's memory
    bool recommended = false; // one at most
};

struct Preview {
    std::vector<StopPreview> stops; // most bits first
    int32_t tokens = 0;             // predictions that were compared
    double roundedShare = 1;        // of the layers, that were rounded for it; large models are sampled
    double seconds = 0;             // that the preview took
};
/// Rounds the model (or a sample of its layers) as each stop does, and compares what it predicts for a little text with
/// what the original does. Under 20 s for a model of 135 million weights; longer for larger ones.
Preview previewModel(const PreviewOptions& options, const ProgressFn& progress = {}, std::stop_token stop = {});

} // namespace nibble
