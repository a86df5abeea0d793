// config.json as GGUF keys. Private to core/models.
#pragma once

#include <files/gguf.h>
#include <filesystem>
#include <models/architecture.h>
#include <models/packed_scheme.h>
#include <nibble/error.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nibble {

struct HuggingFaceConfig {
    GgufMetadata metadata;                      // general.architecture and the keys of the architecture
    const Architecture* architecture = nullptr; // null where Nibble does not know the model_type
    int32_t layers = 0, heads = 0, kvHeads = 0;
    DeltaNetSpec deltaNet; // where the model has some
    bool tied = false;     // the output matrix is the embedding
    /// Tensors that a GGUF file has and config.json tells: what frequencies are divided by.
    std::vector<std::pair<std::string, std::vector<float>>> ropeFactors;
    std::string license;
    std::optional<PackedScheme> packed; // how another tool has quantized the weights, if one has
    std::optional<Error> problem;       // why the model cannot be used although its files are sound
};

/// Reads folder/config.json in the dialects of transformers 4 and 5. Throws Error{BadFile} naming the field.
HuggingFaceConfig readHuggingFaceConfig(const std::filesystem::path& folder);
/// Adds generation_config.json's suggestions as general.sampling.*, where the folder has that file.
void addSampling(const std::filesystem::path& folder, GgufMetadata& metadata);

} // namespace nibble
