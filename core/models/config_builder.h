// Turns config.json into the keys of a GGUF file, part by part. Private to core/models.
#pragma once

#include <models/config_fields.h>
#include <models/huggingface_config.h>

namespace nibble {

constexpr const char* kConfigName = "config.json";
constexpr int64_t kMaxCount = INT32_MAX;

/// Collects the keys of one architecture.
struct ConfigBuilder {
    const Fields& config;
    HuggingFaceConfig& out;
    std::string prefix; // "llama."

    void integer(const char* key, int64_t value) { out.metadata.set(prefix + key, uint32_t(value)); }
    void number(const char* key, double value) { out.metadata.set(prefix + key, float(value)); }
    /// A count that the architecture cannot do without; models of unknown kinds may lack anything.
    int64_t required(const char* field, const char* key) {
        const auto value = config.integer(field, 1, kMaxCount);
        if (!value && out.architecture) config.bad(field, "is missing");
        if (value) integer(key, *value);
        return value.value_or(0);
    }
    void unsupported(const char* field, const std::string& what) {
        if (out.problem) return;
        out.problem =
            Error(ErrorKind::Unsupported, "This model uses " + what + ", which Nibble cannot read yet.",
                  std::string(kConfigName) + ": " + field, "Choose another model, or a GGUF file of this one.");
    }
};

/// Rotary positions: base, scaling and which layers have them. `headDim` is a head's width, `context` the longest text.
void addRope(ConfigBuilder& to, int64_t headDim, int64_t context);

/// Where layers with a window have heads of another width (`headDim`) than those without, and what else goes with it
/// (Gemma 4). Returns the width of heads of layers without a window.
int64_t addLayerWidths(ConfigBuilder& to, int64_t headDim);

} // namespace nibble
