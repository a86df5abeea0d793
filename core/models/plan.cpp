#include <algorithm>
#include <cmath>
#include <models/keys.h>
#include <models/rope_plan.h>
#include <models/unknown_kind.h>

namespace nibble {
namespace {

/// Keys that change what a layer computes in a way that this architecture does not know: refused, never ignored.
void refuseUnknownFeatures(const Keys& keys, std::span<const std::string_view> understood) {
    struct Feature {
        std::string_view key;
        const char* what;
        double neutral = 0; // besides 0: does nothing, too
    };
    static constexpr Feature kFeatures[] = {
        {"expert_count", "a mixture of experts"},
        {"expert_shared_count", "experts that every word passes"},
        {"expert_shared_feed_forward_length", "experts that every word passes"},
        {"expert_group_count", "experts in groups", 1},
        {"leading_dense_block_count", "layers without experts before those with experts"},
        {"interleave_moe_layer_step", "layers with and without experts", 1},
        {"attention.shared_kv_layers", "layers that share their keys and values"},
        {"nextn_predict_layers", "extra layers for predicting several words at once"},
        {"attention.key_length_mla", "latent attention"},
        {"attention.kv_lora_rank", "latent attention"},
        {"ssm.state_size", "state-space layers"},
        {"embedding_length_per_layer_input", "embeddings of their own for every layer"},
        {"attention.temperature_scale", "attention that cools down with distance"},
        {"attention.temperature_length", "attention that cools down with distance"},
        {"attention.max_alibi_bias", "position biases"},
        {"attention.clamp_kqv", "clamped attention"},
        {"logit_scale", "scaled outputs", 1},
        {"residual_scale", "scaled residuals", 1},
        {"embedding_scale", "scaled embeddings", 1},
    };
    if (!keys.flag("attention.causal", true)) keys.unsupported("attention.causal", "attention in both directions");
    if (keys.has("rope.dimension_sections") &&
        std::ranges::find(understood, "rope.dimension_sections") == understood.end())
        keys.unsupported("rope.dimension_sections", "positions in images and videos");
    for (const Feature& f : kFeatures) {
        if (std::ranges::find(understood, f.key) != understood.end()) continue;
        const double value = keys.number(f.key, -1e9, 1e9, 0);
        if (value != 0 && value != f.neutral) keys.unsupported(f.key, f.what);
    }
}

/// Heads, their widths and the feed-forward width of every layer. Windows must be known.
void readLayers(const Keys& keys, ModelPlan& plan) {
    const std::size_t n = plan.layers.size();
    const auto heads = keys.perLayer("attention.head_count", 1, kMaxHeads, n);
    if (heads.empty()) keys.bad("attention.head_count", "is missing");
    auto kvHeads = keys.perLayer("attention.head_count_kv", 1, kMaxHeads, n);
    if (kvHeads.empty()) kvHeads = heads;
    auto feedForward = keys.perLayer("feed_forward_length", 1, kMaxWidth, n);
    if (feedForward.empty()) feedForward = keys.perLayer("expert_feed_forward_length", 1, kMaxWidth, n);
    if (feedForward.empty()) keys.bad("feed_forward_length", "is missing");
    const int32_t key = keys.integer("attention.key_length", 1, 4096, 0);
    const int32_t value = keys.integer("attention.value_length", 1, 4096, 0);
    const int32_t localKey = keys.integer("attention.key_length_swa", 1, 4096, key);
    const int32_t localValue = keys.integer("attention.value_length_swa", 1, 4096, value);

    for (std::size_t i = 0; i < n; ++i) {
        LayerPlan& layer = plan.layers[i];
        const int32_t keyDim = layer.window > 0 ? localKey : key, valueDim = layer.window > 0 ? localValue : value;
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

/// How many experts a layer has, how wide they are, and how they are chosen.
void readExperts(const Keys& keys, ModelPlan& plan) {
    RouterSpec& router = plan.router;
    router.experts = keys.integer("expert_count", 0, kMaxExperts, 0);
    if (router.experts == 0) return;
    router.used = keys.integer("expert_used_count", 1, router.experts);
    router.normalised = keys.flag("expert_weights_norm", true);
    router.scale = keys.number("expert_weights_scale", 0, 1e6, 0);
    if (router.scale == 0) router.scale = 1;
    enum Gating { Unsaid, Softmax, Sigmoid, SoftmaxOfChosen };
    const int32_t gating = keys.integer("expert_gating_func", Unsaid, INT32_MAX, Unsaid);
    if (gating == SoftmaxOfChosen)
        router.normalised = true;
    else if (gating != Unsaid && gating != Softmax)
        keys.unsupported("expert_gating_func", "an unusual way to choose experts");
    const int32_t width = keys.integer("expert_feed_forward_length", 1, kMaxWidth, 0);
    for (LayerPlan& layer : plan.layers)
        if (width > 0) layer.feedForward = width;
}

/// Sets LayerPlan::window from attention.sliding_window and attention.sliding_window_pattern: one boolean per layer, or
/// a period n (all but every n-th layer are windowed).
void readWindows(const Keys& keys, int32_t defaultPeriod, ModelPlan& plan) {
    const int32_t window = keys.integer("attention.sliding_window", 0, kMaxContext, 0);
    if (window == 0) return;
    const std::string pattern = "attention.sliding_window_pattern";
    const GgufValue* value = keys.metadata().find(keys.full(pattern));
    std::vector<bool> windowed(plan.layers.size());
    if (value && std::holds_alternative<std::vector<bool>>(*value)) {
        windowed = std::get<std::vector<bool>>(*value);
        if (windowed.size() != plan.layers.size())
            keys.bad(pattern, format("has %zu values for %zu layers", windowed.size(), plan.layers.size()));
    } else {
        const int32_t period = value ? keys.integer(pattern, 1, kMaxLayers) : defaultPeriod;
        for (std::size_t i = 0; i < windowed.size(); ++i) windowed[i] = int32_t(i) % period < period - 1;
    }
    for (std::size_t i = 0; i < windowed.size(); ++i) plan.layers[i].window = windowed[i] ? window : 0;
}

void readRopes(const Keys& keys, const ModelSource& source, const Architecture& architecture, int32_t contextLength,
               ModelPlan& plan) {
    plan.ropes.push_back(readRope(keys, source, architecture, plan, contextLength));
    const int32_t skip = architecture.noRopePeriod;
    bool windows = false;
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        LayerPlan& layer = plan.layers[i];
        windows |= layer.window > 0;
        if (skip == 0 || int32_t(i) % skip < skip - 1) layer.rope = layer.queryRope = 0;
    }
    if (!windows) return;
    if (architecture.localRopeBase > 0)
        addLocalRope(keys, architecture.localRopeBase, plan);
    else if (keys.has("rope.freq_base_swa") &&
             keys.number("rope.freq_base_swa", 1.001, 1e12, 0) != keys.number("rope.freq_base", 1.001, 1e12, 10000))
        keys.unsupported("rope.freq_base_swa", "positions of their own for layers with a window");
}

} // namespace

bool isRecurrent(const ModelPlan& plan) {
    return std::ranges::any_of(plan.layers, [](const LayerPlan& layer) { return bool(layer.deltaNet); });
}

int32_t nextCut(const ModelPlan& plan, int32_t layer) {
    const auto layers = int32_t(plan.layers.size());
    const auto isCut = [&](int32_t cut) {
        return std::all_of(plan.layers.begin() + cut, plan.layers.end(),
                           [cut](const LayerPlan& l) { return l.kvFrom < 0 || l.kvFrom >= cut; });
    };
    for (int32_t cut = layer + 1; cut < layers; ++cut)
        if (isCut(cut)) return cut;
    return layers;
}

const char* onlyOnOneDevice(const ModelPlan& plan) {
    if (plan.perLayerEmbedding > 0) return "which has an embedding for every layer";
    if (lastWritingLayer(plan) + 1 < int32_t(plan.layers.size())) return "whose layers share keys and values";
    return nullptr;
}

int32_t lastWritingLayer(const ModelPlan& plan) {
    int32_t last = 0;
    for (std::size_t i = 0; i < plan.layers.size(); ++i)
        if (plan.layers[i].kvFrom < 0) last = int32_t(i);
    return last;
}

ModelPlan planOf(const ModelSource& source, int32_t contextLength) {
    const GgufMetadata& metadata = source.metadata();
    const std::string name = metadata.requireString("general.architecture");
    const Architecture* architecture = findArchitecture(name);
    if (!architecture) throwUnknownKind(source, name);
    const Keys keys(metadata, name + ".");
    refuseUnknownFeatures(keys, architecture->understands);

    ModelPlan plan;
    plan.architecture = name;
    plan.qkNorm = architecture->qkNorm;
    plan.norms = architecture->norms;
    plan.activation = architecture->activation;
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

    readWindows(keys, architecture->windowPeriod, plan);
    readLayers(keys, plan);
    readExperts(keys, plan);
    readRopes(keys, source, *architecture, contextLength > 0 ? contextLength : plan.contextLength, plan);
    if (architecture->refine) architecture->refine(keys, plan);
    return plan;
}

} // namespace nibble
