#include <models/rope_plan.h>

#include <algorithm>
#include <cmath>

namespace nibble {
namespace {

RopeSpec unscaledRope(RopeKind kind, int32_t dims, double base) {
    RopeSpec rope{.kind = kind, .frequencies = std::vector<float>(std::size_t(dims) / 2)};
    for (int32_t i = 0; i < dims / 2; ++i) rope.frequencies[std::size_t(i)] = float(std::pow(base, -2.0 * i / dims));
    return rope;
}

/// Of the layers that `counts` names, or of all where it names none.
template<class F>
int32_t narrowestHead(const ModelPlan& plan, F counts) {
    int32_t narrowest = INT32_MAX;
    for (const LayerPlan& layer : plan.layers)
        if (counts(layer)) narrowest = std::min(narrowest, layer.keyDim);
    if (narrowest < INT32_MAX) return narrowest;
    return std::ranges::min(plan.layers, {}, &LayerPlan::keyDim).keyDim;
}

/// YaRN (Peng et al. 2023, as transformers computes it): fast dimensions keep their frequency, slow ones are divided by
/// the factor, with a ramp between the dimensions that turn beta_fast and beta_slow times within the original context.
void applyYarn(const Keys& keys, bool truncates, double base, double factor, int32_t context, RopeSpec& rope) {
    const double dims = 2.0 * double(rope.frequencies.size());
    const int32_t original = keys.integer("rope.scaling.original_context_length", 1, kMaxContext, context);
    const double extrapolation = keys.number("rope.scaling.yarn_ext_factor", 0, 1, 1);
    const auto dimensionOf = [&](double turns) {
        return dims * std::log(original / (turns * 2 * M_PI)) / (2 * std::log(base));
    };
    double low = dimensionOf(keys.number("rope.scaling.yarn_beta_fast", 1e-3, 1e6, 32));
    double high = dimensionOf(keys.number("rope.scaling.yarn_beta_slow", 1e-3, 1e6, 1));
    if (keys.flag("rope.scaling.yarn_truncate", truncates)) {
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

/// The frequency of pair i is divided by the tensor's value i.
void applyFactors(const Keys& keys, const WeightRows& factors, RopeSpec& rope) {
    const std::size_t n = rope.frequencies.size();
    if (format(factors.format).codeBits != 0 || factors.planes.size() != 1 || factors.rows != 1 ||
        factors.cols != int64_t(n))
        keys.bad("rope.dimension_count", format("needs %zu numbers in the tensor %s", n, factors.name.c_str()));
    std::vector<float> values(n);
    factors.decodeRow(0, values.data());
    for (std::size_t i = 0; i < n; ++i) {
        if (!(values[i] > 0 && std::isfinite(values[i])))
            keys.bad("rope.dimension_count",
                     "has the tensor " + factors.name + " with values that are not positive numbers");
        rope.frequencies[i] /= values[i];
    }
}

/// Long rope has two tables: one for as many tokens as the model was first made for, one for more. transformers
/// switches when a text grows beyond, which would leave keys behind that are turned the old way; a session chooses
/// once, by the context it is opened with. Null where the model has none.
const WeightRows* longRopeFactors(const Keys& keys, const ModelSource& source, int32_t contextLength) {
    const WeightRows *ofLong = source.find("rope_factors_long.weight"),
                     *ofShort = source.find("rope_factors_short.weight");
    if (!ofLong && !ofShort) return nullptr;
    if (!ofLong || !ofShort)
        keys.bad("rope.scaling.original_context_length", std::string("needs two tensors, but only ") +
                                                             (ofLong ? "rope_factors_long" : "rope_factors_short") +
                                                             ".weight is there");
    const int32_t original = keys.integer("rope.scaling.original_context_length", 1, kMaxContext);
    return contextLength > original ? ofLong : ofShort;
}

} // namespace

RopeSpec readRope(const Keys& keys, const ModelSource& source, const Architecture& architecture, const ModelPlan& plan,
                  int32_t contextLength) {
    const bool ownLocal = architecture.localRopeBase > 0; // windowed layers do not turn by this one
    const int32_t keyDim = narrowestHead(plan, [&](const LayerPlan& l) { return !ownLocal || l.window == 0; });
    const int32_t dims = keys.integer("rope.dimension_count", 2, keyDim, keyDim);
    if (dims % 2 != 0) keys.bad("rope.dimension_count", format("is %d, not an even number", dims));
    const double base = keys.number("rope.freq_base", 1.001, 1e12, 10000);
    RopeSpec rope = unscaledRope(architecture.rope, dims, base);

    const std::string scaling = keys.metadata().string(keys.full("rope.scaling.type")).value_or("");
    double factor = keys.number("rope.scaling.factor", 0, 1e6, 0);
    if (factor == 0) factor = keys.number("rope.scale_linear", 0, 1e6, 0); // files of 2023; 0 means none in both
    if (factor == 0) factor = 1;
    const WeightRows* longRope = longRopeFactors(keys, source, contextLength);
    if (longRope) {
        applyFactors(keys, *longRope, rope);
    } else if (scaling == "yarn") {
        applyYarn(keys, architecture.yarnTruncates, base, factor, plan.contextLength, rope);
    } else if (scaling == "linear" || scaling.empty()) {
        for (float& f : rope.frequencies) f = float(f / factor);
    } else if (scaling != "none") {
        keys.unsupported("rope.scaling.type", "the context extension \"" + printable(scaling, 40) + "\"");
    }
    rope.magnitude *= keys.number("rope.scaling.attn_factor", 1e-6, 100, 1);
    if (const WeightRows* factors = source.find("rope_freqs.weight")) applyFactors(keys, *factors, rope); // Llama 3's
    return rope;
}

void addLocalRope(const Keys& keys, double defaultBase, ModelPlan& plan) {
    const RopeSpec& global = plan.ropes.front();
    const double base = keys.number("rope.freq_base_swa", 1.001, 1e12, defaultBase);
    const int32_t keyDim = narrowestHead(plan, [](const LayerPlan& l) { return l.window > 0; });
    const int32_t dims =
        keys.integer("rope.dimension_count_swa", 2, keyDim, std::min(keyDim, 2 * int32_t(global.frequencies.size())));
    if (dims % 2 != 0) keys.bad("rope.dimension_count_swa", format("is %d, not an even number", dims));
    plan.ropes.push_back(unscaledRope(global.kind, dims, base));
    for (LayerPlan& layer : plan.layers)
        if (layer.window > 0) layer.rope = layer.queryRope = int32_t(plan.ropes.size()) - 1;
}

} // namespace nibble
