// What a model is, without loading it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nibble {

struct TensorSummary {
    std::string name, format;   // "blk.0.attn_q.weight", "Q4_K"
    std::vector<int64_t> shape; // ne[0] (input dimension) first
    uint64_t bytes = 0;
};

struct ModelInfo {
    std::filesystem::path path;
    std::string name;         // general.name, or the file's or folder's name
    std::string container;    // "gguf" or "huggingface"
    std::string architecture; // "llama"
    std::string sizeLabel;    // "135M"
    std::string license;      // as stated in the file, may be empty
    std::string formatName;   // of the mixture: "BF16", "Q4_K_M", "Q4_0"; "mixed" where it is none of ours
    double bitsPerWeight = 0; // weight bytes * 8 / parameters, over all tensors
    uint64_t fileBytes = 0, weightBytes = 0, parameters = 0;
    int32_t contextLength = 0, layers = 0, embedding = 0, heads = 0, kvHeads = 0, headDim = 0, feedForward = 0,
            vocab = 0;
    int32_t experts = 0, expertsUsed = 0; // of a layer, and for each token; 0: has none. feedForward is one expert's
    bool tiedEmbedding = false;
    bool quantized = false; // any weight matrix is in a quantized format
    bool hasChatTemplate = false;
    bool supported = false; // Nibble can run it; otherwise the reason in plain words:
    std::string unsupportedReason;
    std::vector<std::string> warnings;             // plain words
    std::map<std::string, uint64_t> bytesByFormat; // "Q4_K" -> bytes
    std::vector<TensorSummary> tensors;
    std::vector<std::pair<std::string, std::string>> metadata; // keys as text, long arrays shortened: for experts
};

/// Reads headers only. Throws Error{NotFound, BadFile}. A model that Nibble cannot run is described, with supported =
/// false.
ModelInfo inspectModel(const std::filesystem::path& path);

} // namespace nibble
