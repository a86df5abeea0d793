// The metadata keys of one architecture, checked as they are read. Private to core/models.
#pragma once

#include <algorithm>
#include <base/text.h>
#include <files/gguf.h>
#include <nibble/error.h>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

constexpr int64_t kMaxWidth = 1 << 20; // of rows and feed-forward layers: far beyond any model, and safe to multiply
constexpr int64_t kMaxLayers = 4096, kMaxHeads = 1 << 16, kMaxExperts = 4096, kMaxContext = 1 << 27;

/// Reads "llama.context_length" where asked for "context_length". Errors name the file and the key.
class Keys {
public:
    Keys(const GgufMetadata& metadata, std::string prefix) : m_metadata(metadata), m_prefix(std::move(prefix)) {}

    const GgufMetadata& metadata() const { return m_metadata; }
    std::string full(std::string_view name) const { return m_prefix + std::string(name); }
    bool has(std::string_view name) const { return m_metadata.find(full(name)) != nullptr; }
    int32_t integer(std::string_view name, int64_t min, int64_t max) const {
        return int32_t(m_metadata.requireInteger(full(name), min, max));
    }
    int32_t integer(std::string_view name, int64_t min, int64_t max, int32_t fallback) const {
        return int32_t(m_metadata.integer(full(name), min, max).value_or(fallback));
    }
    /// A number in [min, max].
    float number(std::string_view name, double min, double max, double fallback) const {
        const double value = m_metadata.number(full(name)).value_or(fallback);
        if (!(value >= min && value <= max)) bad(name, format("is %g; %g to %g makes sense", value, min, max));
        return float(value);
    }
    bool flag(std::string_view name, bool fallback) const { return m_metadata.boolean(full(name)).value_or(fallback); }
    /// One value per layer: an array of `layers` values, or a scalar that counts for all.
    std::vector<int64_t> perLayer(std::string_view name, int64_t min, int64_t max, std::size_t layers) const {
        auto values = m_metadata.integers(full(name), min, max);
        if (!values) return {};
        if (values->size() == 1) values->resize(layers, values->front());
        if (values->size() != layers) bad(name, format("has %zu values for %zu layers", values->size(), layers));
        return *values;
    }
    [[noreturn]] void bad(std::string_view name, const std::string& what) const {
        throw Error(ErrorKind::BadFile, "This model's description does not make sense, so it cannot be run.",
                    m_metadata.origin + ": " + full(name) + " " + what,
                    "Download the model again or choose another one.");
    }
    [[noreturn]] void unsupported(std::string_view name, const std::string& what) const {
        throw Error(ErrorKind::Unsupported, "This model uses " + what + ", which Nibble cannot run yet.",
                    m_metadata.origin + ": " + full(name), "Choose another model.");
    }

private:
    const GgufMetadata& m_metadata;
    std::string m_prefix;
};

} // namespace nibble
