#include <models/plan.h>

#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <nibble/error.h>

namespace nibble {
namespace {

constexpr int64_t kMaxWidth = 1 << 20; // of rows and feed-forward layers: far beyond any model, and safe to multiply
constexpr int64_t kMaxLayers = 4096, kMaxHeads = 1 << 16, kMaxContext = 1 << 27;

/// The metadata keys of one architecture: "llama." is put before every name.
class Keys {
public:
    Keys(const GgufMetadata& metadata, std::string prefix) : m_metadata(metadata), m_prefix(std::move(prefix)) {}

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

[[noreturn]] void throwUnknownArchitecture(const std::string& name, const std::string& origin) {
    std::string known;
    for (const Architecture* a : architectures()) known += (known.empty() ? "" : ", ") + std::string(a->name);
    throw Error(ErrorKind::Unsupported,
                "This model is of the kind \"" + printable(name, 60) + "\", which Nibble cannot run yet.",
                origin + ": general.architecture", "Nibble runs models of the kinds " + known + ".");
}

/// Keys that change what a layer computes in a way that no supported architecture knows: refused, never ignored.
void refuseUnknownFeatures(const Keys& keys) {
    struct Feature {
        const char *key, *what;
    };
    static constexpr Feature kCounts[] = {
        {"expert_count", "a mixture of experts"},
        {"attention.shared_kv_layers", "layers that share their keys and values"},
        {"nextn_predict_layers", "extra layers for predicting several words at once"},
        {"attention.key_length_mla", "latent attention"},
        {"attention.kv_lora_rank", "latent attention"},
        {"ssm.state_size", "state-space layers"},
    };
    static constexpr Feature kNumbers[] = {
        {"attention.temperature_scale", "attention that cools down with distance"},
        {"attention.max_alibi_bias", "position biases"},
        {"attention.clamp_kqv", "clamped attention"},
        {"logit_scale", "scaled outputs"},
        {"residual_scale", "scaled residuals"},
        {"embedding_scale", "scaled embeddings"},
    };
    if (!keys.flag("attention.causal", true)) keys.unsupported("attention.causal", "attention in both directions");
    for (const Feature& f : kCounts)
        if (keys.integer(f.key, 0, INT32_MAX, 0) > 0) keys.unsupported(f.key, f.what);
    for (const Feature& f : kNumbers) {
        const double neutral = std::string_view(f.key).ends_with("_scale") ? 1 : 0;
        const double value = keys.number(f.key, -1e9, 1e9, 0);
        if (value != 0 && value != neutral) keys.unsupported(f.key, f.what);
    }
}

/// Heads, their widths and the feed-forward width of every layer.
void readLayers(const Keys& keys, ModelPlan& plan) {
    const std::size_t n = plan.layers.size();
    const auto heads = keys.perLayer("attention.head_count", 1, kMaxHeads, n);
    if (heads.empty()) keys.bad("attention.head_count", "is missing");
    auto kvHeads = keys.perLayer("attention.head_count_kv", 1, kMaxHeads, n);
    if (kvHeads.empty()) kvHeads = heads;
    const auto feedForward = keys.perLayer("feed_forward_length", 1, kMaxWidth, n);
    if (feedForward.empty()) keys.bad("feed_forward_length", "is missing");
    const int32_t keyDim = keys.integer("attention.key_length", 1, 4096, 0);
    const int32_t valueDim = keys.integer("attention.value_length", 1, 4096, 0);

    for (std::size_t i = 0; i < n; ++i) {
        LayerPlan& layer = plan.layers[i];
        layer.nHeads = int32_t(heads[i]);
        layer.nKvHeads = int32_t(kvHeads[i]);
        layer.feedForward = int32_t(feedForward[i]);
        if (layer.nHeads % layer.nKvHeads != 0)
            keys.bad("attention.head_count_kv",
                     format("is %d, which does not divide the %d heads of layer %zu", layer.nKvHeads, layer.nHeads, i));
        if ((keyDim == 0 || valueDim == 0) && plan.embedding % layer.nHeads != 0)
            keys.bad("attention.head_count",
                     format("is %d, which does not divide the width %d", layer.nHeads, plan.embedding));
        layer.keyDim = keyDim > 0 ? keyDim : plan.embedding / layer.nHeads;
        layer.valueDim = valueDim > 0 ? valueDim : plan.embedding / layer.nHeads;
        if (int64_t(layer.nHeads) * std::max(layer.keyDim, layer.valueDim) > kMaxWidth)
            keys.bad("attention.key_length", format("is too large for %d heads", layer.nHeads));
        layer.attentionScale = keys.number("attention.scale", 0, 1e6, 0);
        if (layer.attentionScale == 0) layer.attentionScale = float(1 / std::sqrt(double(layer.keyDim)));
        layer.softcap = keys.number("attn_logit_softcapping", 0, 1e6, 0);
    }
}

/// YaRN (Peng et al. 2023, as transformers computes it): fast dimensions keep their frequency, slow ones are divided by
/// the factor, with a ramp between the dimensions that turn beta_fast and beta_slow times within the original context.
void applyYarn(const Keys& keys, double base, double factor, int32_t context, RopeSpec& rope) {
    const double dims = 2.0 * double(rope.frequencies.size());
    const int32_t original = keys.integer("rope.scaling.original_context_length", 1, kMaxContext, context);
    const double extrapolation = keys.number("rope.scaling.yarn_ext_factor", 0, 1, 1);
    const auto dimensionOf = [&](double turns) {
        return dims * std::log(original / (turns * 2 * M_PI)) / (2 * std::log(base));
    };
    double low = dimensionOf(keys.number("rope.scaling.yarn_beta_fast", 1e-3, 1e6, 32));
    double high = dimensionOf(keys.number("rope.scaling.yarn_beta_slow", 1e-3, 1e6, 1));
    if (keys.flag("rope.scaling.yarn_truncate", true)) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1);
    if (low == high) high += 0.001;
    for (std::size_t i = 0; i < rope.frequencies.size(); ++i) {
        const double slow = std::clamp((double(i) - low) / (high - low), 0.0, 1.0);
        const double keep = (1 - slow) * extrapolation;
        rope.frequencies[i] = float(rope.frequencies[i] * (keep + (1 - keep) / factor));
    }

    // Attention factor: as given, or 0.1 ln(factor) + 1, over the same with the multiplier where there is one.
    const auto magnitude = [&](double m) { return factor > 1 ? 0.1 * m * std::log(factor) + 1 : 1.0; };
    const double multiplier = keys.number("rope.scaling.yarn_log_multiplier", 0, 100, 0);
    const double given = keys.number("rope.scaling.yarn_attn_factor", 0, 100, 0);
    rope.magnitude = float(given > 0 ? given : multiplier > 0 ? magnitude(1) / magnitude(multiplier) : magnitude(1));
}

/// Llama 3's factors: the frequency of pair i is divided by the tensor's value i.
void applyFactors(const Keys& keys, const WeightRows& factors, RopeSpec& rope) {
    const std::size_t n = rope.frequencies.size();
    if (format(factors.format).codeBits != 0 || factors.planes.size() != 1 || factors.rows != 1 ||
        factors.cols != int64_t(n))
        keys.bad("rope.dimension_count", format("needs %zu numbers in the tensor rope_freqs.weight", n));
    std::vector<float> values(n);
    factors.decodeRow(0, values.data());
    for (std::size_t i = 0; i < n; ++i) {
        if (!(values[i] > 0 && std::isfinite(values[i])))
            keys.bad("rope.dimension_count",
                     "has the tensor rope_freqs.weight with values that are not positive numbers");
        rope.frequencies[i] /= values[i];
    }
}

RopeSpec readRope(const Keys& keys, const ModelSource& source, RopeKind kind, const ModelPlan& plan) {
    int32_t keyDim = plan.layers.front().keyDim;
    for (const LayerPlan& layer : plan.layers) keyDim = std::min(keyDim, layer.keyDim);
    const int32_t dims = keys.integer("rope.dimension_count", 2, keyDim, keyDim);
    if (dims % 2 != 0) keys.bad("rope.dimension_count", format("is %d, not an even number", dims));
    const double base = keys.number("rope.freq_base", 1.001, 1e12, 10000);

    RopeSpec rope{.kind = kind, .frequencies = std::vector<float>(std::size_t(dims) / 2), .magnitude = 1};
    for (int32_t i = 0; i < dims / 2; ++i) rope.frequencies[std::size_t(i)] = float(std::pow(base, -2.0 * i / dims));

    const std::string scaling = source.metadata().string(keys.full("rope.scaling.type")).value_or("");
    double factor = keys.number("rope.scaling.factor", 0, 1e6, 0);
    if (factor == 0) factor = keys.number("rope.scale_linear", 0, 1e6, 0); // files of 2023; 0 means none in both
    if (factor == 0) factor = 1;
    if (scaling == "yarn") {
        applyYarn(keys, base, factor, plan.contextLength, rope);
    } else if (scaling == "linear" || scaling.empty()) {
        for (float& f : rope.frequencies) f = float(f / factor);
    } else if (scaling != "none") {
        keys.unsupported("rope.scaling.type", "the context extension \"" + printable(scaling, 40) + "\"");
    }
    rope.magnitude *= keys.number("rope.scaling.attn_factor", 1e-6, 100, 1);
    if (const WeightRows* factors = source.find("rope_freqs.weight")) applyFactors(keys, *factors, rope);
    return rope;
}

} // namespace

void readWindows(const ModelSource& source, ModelPlan& plan, bool needsPattern) {
    const Keys keys(source.metadata(), plan.architecture + ".");
    const int32_t window = keys.integer("attention.sliding_window", 0, kMaxContext, 0);
    const std::string pattern = "attention.sliding_window_pattern";
    if (window == 0 || (needsPattern && !keys.has(pattern))) return;

    const GgufValue* value = source.metadata().find(keys.full(pattern));
    std::vector<bool> windowed(plan.layers.size(), true);
    if (value && std::holds_alternative<std::vector<bool>>(*value)) {
        windowed = std::get<std::vector<bool>>(*value);
        if (windowed.size() != plan.layers.size())
            keys.bad(pattern, format("has %zu values for %zu layers", windowed.size(), plan.layers.size()));
    } else if (value) {
        const int32_t period = keys.integer(pattern, 1, kMaxLayers);
        for (std::size_t i = 0; i < windowed.size(); ++i) windowed[i] = int32_t(i) % period < period - 1;
    }
    for (std::size_t i = 0; i < windowed.size(); ++i) plan.layers[i].window = windowed[i] ? window : 0;
}

ModelPlan planOf(const ModelSource& source, int32_t) {
    const GgufMetadata& metadata = source.metadata();
    const std::string name = metadata.requireString("general.architecture");
    const Architecture* architecture = findArchitecture(name);
    if (!architecture) throwUnknownArchitecture(name, metadata.origin);
    const Keys keys(metadata, name + ".");
    refuseUnknownFeatures(keys);

    ModelPlan plan;
    plan.architecture = name;
    plan.qkNormPerHead = architecture->qkNorm;
    plan.contextLength = keys.integer("context_length", 1, kMaxContext);
    plan.embedding = keys.integer("embedding_length", 1, kMaxWidth);
    plan.layers.resize(std::size_t(keys.integer("block_count", 1, kMaxLayers)));
    if (!keys.has("attention.layer_norm_rms_epsilon")) keys.bad("attention.layer_norm_rms_epsilon", "is missing");
    plan.normEps = keys.number("attention.layer_norm_rms_epsilon", 0, 1, 0);
    plan.logitSoftcap = keys.number("final_logit_softcapping", 0, 1e6, 0);
    const WeightRows* embedding = source.find("token_embd.weight");
    if (!embedding || embedding->rows < 1 || embedding->rows > INT32_MAX)
        throw Error(ErrorKind::BadFile, "This model's file is incomplete.",
                    metadata.origin + ": no tensor token_embd.weight", "Download the model again.");
    plan.vocabSize = int32_t(embedding->rows);

    readLayers(keys, plan);
    plan.ropes.push_back(readRope(keys, source, architecture->rope, plan));
    for (LayerPlan& layer : plan.layers) layer.rope = 0;
    if (architecture->refine) architecture->refine(source, plan);
    return plan;
}

} // namespace nibble
