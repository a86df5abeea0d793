// Qwen3.5, with and without experts (35B-A3B, 122B-A10B): most layers are gated delta nets, every fourth is attention
// as in qwen3 whose output a gate of each head dims; only the first quarter of a head turns. In text the three
// positions of images are one. Layers that guess words ahead (MTP) stand behind the others and are left out.
#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"qwen3_5_text", "qwen3_5"}, kMoeTypes[] = {"qwen3_5_moe_text", "qwen3_5_moe"};
constexpr std::string_view kUnderstood[] = {"ssm.state_size", "rope.dimension_sections", "nextn_predict_layers",
                                            "expert_count", "expert_shared_feed_forward_length"};
constexpr std::size_t kUnderstoodByDense = 3;

constexpr const char* kDefaults = R"({"head_dim": 256, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128,
    "linear_value_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
    "full_attention_interval": 4, "partial_rotary_factor": 0.25, "attn_output_gate": true})";
constexpr const char* kMoeDefaults = R"({"head_dim": 256, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128,
    "linear_value_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
    "full_attention_interval": 4, "partial_rotary_factor": 0.25, "attn_output_gate": true, "num_experts": 256,
    "num_experts_per_tok": 8, "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512})";

constexpr int64_t kMaxStateDim = 1024, kMaxTaps = 64;

DeltaNetSpec readDeltaNet(const Keys& keys) {
    DeltaNetSpec spec;
    spec.taps = keys.integer("ssm.conv_kernel", 1, kMaxTaps);
    spec.keyDim = keys.integer("ssm.state_size", 1, kMaxStateDim);
    spec.nKeyHeads = keys.integer("ssm.group_count", 1, kMaxHeads);
    spec.nValueHeads = keys.integer("ssm.time_step_rank", 1, kMaxHeads);
    const int32_t width = keys.integer("ssm.inner_size", 1, kMaxWidth);
    if (width % spec.nValueHeads != 0 || width / spec.nValueHeads > kMaxStateDim)
        keys.bad("ssm.inner_size", format("is %d, which %d heads cannot share", width, spec.nValueHeads));
    spec.valueDim = width / spec.nValueHeads;
    if (spec.nValueHeads % spec.nKeyHeads != 0)
        keys.bad("ssm.group_count", format("is %d, which does not divide %d", spec.nKeyHeads, spec.nValueHeads));
    if (int64_t(spec.nKeyHeads) * spec.keyDim > kMaxWidth) keys.bad("ssm.group_count", "is impossibly large");
    return spec;
}

/// Which layers are delta nets: one flag a layer, or all but every n-th.
std::vector<bool> readKinds(const Keys& keys, std::size_t layers) {
    const std::string key = "attention.recurrent_layers";
    const GgufValue* value = keys.metadata().find(keys.full(key));
    if (value && std::holds_alternative<std::vector<bool>>(*value)) {
        const auto& flags = std::get<std::vector<bool>>(*value);
        if (flags.size() != layers) keys.bad(key, format("has %zu values for %zu layers", flags.size(), layers));
        return flags;
    }
    const int32_t interval = keys.integer("full_attention_interval", 1, kMaxLayers, 4);
    std::vector<bool> recurrent(layers);
    for (std::size_t i = 0; i < layers; ++i) recurrent[i] = (i + 1) % std::size_t(interval) != 0;
    return recurrent;
}

void refine(const Keys& keys, ModelPlan& plan) {
    const std::size_t blocks = plan.layers.size();
    const int32_t ahead = keys.integer("nextn_predict_layers", 0, int64_t(blocks) - 1, 0);
    const std::vector<bool> recurrent = readKinds(keys, blocks);
    plan.layers.resize(blocks - std::size_t(ahead));
    plan.gatedAttention = true;
    const DeltaNetSpec spec = readDeltaNet(keys);
    for (std::size_t i = 0; i < plan.layers.size(); ++i)
        if (recurrent[i]) plan.layers[i].deltaNet = spec;
}

/// One more expert, which a number of its own dims.
void refineMoe(const Keys& keys, ModelPlan& plan) {
    refine(keys, plan);
    if (plan.router.experts == 0) keys.bad("expert_count", "is missing");
    const int32_t width = keys.integer("expert_shared_feed_forward_length", 1, kMaxWidth);
    plan.shared = SharedExpert::Gated;
    for (LayerPlan& layer : plan.layers) layer.sharedWidth = width;
}

} // namespace

extern const Architecture kQwen35, kQwen35Moe;
const Architecture kQwen35{
    .name = "qwen35",
    .huggingFaceTypes = kTypes,
    .qkNorm = QkNorm::PerHead,
    .norms = {.beforeFeedForward = "post_attention_norm"},
    .understands = std::span(kUnderstood).first(kUnderstoodByDense),
    .refine = refine,
    .postAttentionLayernorm = "post_attention_norm",
    .normsLackOne = true,
    .folderDefaults = kDefaults,
};
const Architecture kQwen35Moe{
    .name = "qwen35moe",
    .huggingFaceTypes = kMoeTypes,
    .qkNorm = QkNorm::PerHead,
    .norms = {.beforeFeedForward = "post_attention_norm"},
    .understands = kUnderstood,
    .refine = refineMoe,
    .postAttentionLayernorm = "post_attention_norm",
    .normsLackOne = true,
    .folderDefaults = kMoeDefaults,
};

} // namespace nibble
