// config.json as GGUF keys. Private to core/models.
#pragma once

#include <files/gguf.h>
#include <filesystem>
#include <models/architecture.h>
#include <nibble/error.h>
#include <optional>
#include <string>
#include <vector>

namespace nibble {

struct HuggingFaceConfig {
    GgufMetadata metadata;                      // general.architecture and the keys of the architecture
    const Architecture* architecture = nullptr; // null where Nibble does not know the model_type
    int32_t layers = 0, heads = 0, kvHeads = 0;
    bool tied = false;              // the output matrix is the embedding
    std::vector<float> ropeFactors; // rope_type llama3: what rope_freqs.weight holds
    std::string license;
    std::optional<Error> problem; // why the model cannot be used although its files are sound
};

/// Reads folder/config.json in the dialects of transformers 4 and 5. Throws Error{BadFile} naming the field.
HuggingFaceConfig readHuggingFaceConfig(const std::filesystem::path& folder);
/// Adds generation_config.json's suggestions as general.sampling.*, where the folder has that file.
void addSampling(const std::filesystem::path& folder, GgufMetadata& metadata);

} // namespace nibble
