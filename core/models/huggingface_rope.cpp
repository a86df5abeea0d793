#include <algorithm>
#include <models/config_builder.h>

namespace nibble {

namespace {

/// Llama 3's stretched positions: what the frequency of each pair is divided by. transformers,
/// _compute_llama3_parameters.
std::vector<float> llama3Factors(const Fields& rope, double base, int64_t dims) {
    const double factor = rope.number("factor").value_or(8), low = rope.number("low_freq_factor").value_or(1);
    const double high = rope.number("high_freq_factor").value_or(4);
    const double original = double(rope.integer("original_max_position_embeddings", 1, kMaxCount).value_or(8192));
    if (!(factor >= 1) || !(low > 0) || !(high > low)) rope.bad("factor", "and its high and low limits make no sense");
    std::vector<float> factors;
    for (int64_t i = 0; i < dims / 2; ++i) {
        const double wavelength = 2 * M_PI * std::pow(base, 2.0 * double(i) / double(dims));
        const double smooth = std::clamp((original / wavelength - low) / (high - low), 0.0, 1.0);
        factors.push_back(float(1 / ((1 - smooth) / factor + smooth))); // 1 where high, `factor` where low
    }
    return factors;
}

void addYarn(ConfigBuilder& to, const Fields& rope, int64_t context) {
    const auto original = rope.integer("original_max_position_embeddings", 1, kMaxCount);
    if (original) to.integer("rope.scaling.original_context_length", *original);
    const double factor = rope.number("factor").value_or(original ? double(context) / double(*original) : 1);
    to.number("rope.scaling.factor", factor);
    if (const auto v = rope.number("beta_fast")) to.number("rope.scaling.yarn_beta_fast", *v);
    if (const auto v = rope.number("beta_slow")) to.number("rope.scaling.yarn_beta_slow", *v);
    if (const auto v = rope.flag("truncate")) to.out.metadata.set(to.prefix + "rope.scaling.yarn_truncate", *v);
    // The attention factor as transformers' _compute_yarn_parameters finds it; its default needs no key.
    const double mscale = rope.number("mscale").value_or(0), mscaleAll = rope.number("mscale_all_dim").value_or(0);
    const auto magnitude = [&](double m) { return factor > 1 ? 0.1 * m * std::log(factor) + 1 : 1.0; };
    if (const auto v = rope.number("attention_factor"))
        to.number("rope.scaling.yarn_attn_factor", *v);
    else if (mscale != 0 && mscaleAll != 0)
        to.number("rope.scaling.yarn_attn_factor", magnitude(mscale) / magnitude(mscaleAll));
    if (mscale == 1 && mscaleAll > 0) to.number("rope.scaling.yarn_log_multiplier", mscaleAll); // llama.cpp's key
    if (const auto v = rope.number("llama_4_scaling_beta")) to.number("attention.temperature_scale", *v);
}

/// Two tables of factors, and one factor for the lengths. transformers, _compute_longrope_parameters.
void addLongRope(ConfigBuilder& to, const Fields& rope, int64_t context) {
    const char* field = "original_max_position_embeddings";
    const auto outer = to.config.integer(field, 2, kMaxCount), inner = rope.integer(field, 2, kMaxCount);
    if (!outer && !inner) rope.bad(field, "is missing");
    const double original = double(outer ? *outer : *inner);
    double factor = double(context) / original;
    if (!outer) factor = rope.number("factor").value_or(factor);
    const double magnitude = factor > 1 ? std::sqrt(1 + std::log(factor) / std::log(original)) : 1.0;
    to.integer("rope.scaling.original_context_length", int64_t(original));
    to.number("rope.scaling.attn_factor", rope.number("attention_factor").value_or(magnitude));
    to.out.ropeFactors.emplace_back("rope_factors_long.weight", rope.numbers("long_factor"));
    to.out.ropeFactors.emplace_back("rope_factors_short.weight", rope.numbers("short_factor"));
}

/// Only the first part of a head's pairs turns, each as if all did: the others' frequencies are divided by so much
/// that they stand still. transformers, _compute_proportional_rope_parameters; the numbers are llama.cpp's.
void addProportional(ConfigBuilder& to, const Fields& rope, double part, int64_t headDim) {
    if (rope.number("factor").value_or(1) != 1) to.unsupported("rope_parameters.factor", "stretched positions");
    std::vector<float> factors(std::size_t(headDim) / 2, 1e30f);
    std::fill_n(factors.begin(), std::size_t(double(headDim) * part / 2), 1.0f);
    to.integer("rope.dimension_count", headDim);
    to.out.ropeFactors.emplace_back("rope_freqs.weight", std::move(factors));
}

/// The type of scaling; none where it is "default".
std::string scalingOf(const Fields& rope) {
    auto type = rope.text("rope_type");
    if (!type) type = rope.text("type");
    return !type || *type == "default" ? "" : *type;
}

} // namespace

/// transformers 5: rope_parameters, flat or one per layer type. transformers 4: rope_theta beside rope_scaling.
void addRope(ConfigBuilder& to, int64_t headDim, int64_t context) {
    auto rope = to.config.object("rope_parameters");
    auto localBase = to.config.number("rope_local_base_freq");
    if (rope && rope->find("full_attention")) {
        if (const auto sliding = rope->object("sliding_attention")) {
            localBase = sliding->number("rope_theta");
            if (!scalingOf(*sliding).empty())
                to.unsupported("rope_parameters.sliding_attention", "stretched positions in layers with a window");
        }
        rope = rope->object("full_attention");
    }
    if (!rope) rope = to.config.object("rope_scaling");

    auto base = rope ? rope->number("rope_theta") : std::nullopt;
    if (!base) base = to.config.number("rope_theta");
    if (base && *base <= 1) to.config.bad("rope_theta", "is not above 1");
    to.number("rope.freq_base", base.value_or(10000));
    if (!localBase && to.out.architecture && to.out.architecture->localRopeBase > 0) localBase = base.value_or(10000);
    if (localBase) to.number("rope.freq_base_swa", *localBase);
    auto partial = rope ? rope->number("partial_rotary_factor") : std::nullopt;
    if (!partial) partial = to.config.number("partial_rotary_factor");
    if (partial && !(*partial > 0 && *partial <= 1)) to.config.bad("partial_rotary_factor", "is not in 0 to 1");
    const auto dims = int64_t(double(headDim) * partial.value_or(1));
    if (dims > 0) to.integer("rope.dimension_count", dims);
    if (!rope) return;

    const std::string type = scalingOf(*rope);
    if (type.empty()) return;
    if (type == "proportional") return addProportional(to, *rope, partial.value_or(1), headDim);
    if (type == "llama3") {
        to.out.ropeFactors.emplace_back("rope_freqs.weight", llama3Factors(*rope, base.value_or(10000), dims));
        return;
    }
    if (type == "longrope" || type == "su") return addLongRope(to, *rope, context); // GGUF files name no type
    to.out.metadata.set(to.prefix + "rope.scaling.type", type); // what planOf() does not know it refuses by name
    if (type == "yarn")
        addYarn(to, *rope, context);
    else if (const auto factor = rope->number("factor"))
        to.number("rope.scaling.factor", *factor);
}

} // namespace nibble
