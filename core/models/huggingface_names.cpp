#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <models/huggingface_names.h>

namespace nibble {

namespace {

struct NamePair {
    std::string_view huggingFace, gguf;
};

/// In the order of a GGUF file.
constexpr std::array<NamePair, 53> kInLayer{{
    {"input_layernorm", "attn_norm"},
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.qkv_proj", "attn_qkv"},
    {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"},
    {"self_attn.k_norm", "attn_k_norm"},
    {"post_self_attn_layernorm", "post_attention_norm"},
    {"self_attn.sinks", "attn_sinks"},
    {"post_attention_layernorm", ""}, // its name depends on the architecture
    {"pre_feedforward_layernorm", "ffn_norm"},
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.gate_up_proj", "ffn_up"}, // gate and up in one
    {"mlp.down_proj", "ffn_down"},
    {"mlp.gate", "ffn_gate_inp"},
    {"mlp.router", "ffn_gate_inp"},
    {"block_sparse_moe.gate", "ffn_gate_inp"},
    {"mlp.experts.gate_proj", "ffn_gate_exps"},
    {"mlp.experts.up_proj", "ffn_up_exps"},
    {"mlp.experts.down_proj", "ffn_down_exps"},
    {"mlp.experts.gate_up_proj", "ffn_gate_up_exps"},
    {"mlp.shared_expert_gate", "ffn_gate_inp_shexp"},
    {"mlp.shared_expert.gate_proj", "ffn_gate_shexp"},
    {"mlp.shared_expert.up_proj", "ffn_up_shexp"},
    {"mlp.shared_expert.down_proj", "ffn_down_shexp"},
    {"router.proj", "ffn_gate_inp"},
    {"router.scale", "ffn_gate_inp"},
    {"router.per_expert_scale", "ffn_down_exps"},
    {"experts.gate_up_proj", "ffn_gate_up_exps"},
    {"experts.down_proj", "ffn_down_exps"},
    {"pre_feedforward_layernorm_2", "pre_ffw_norm_2"},
    {"post_feedforward_layernorm_1", "post_ffw_norm_1"},
    {"post_feedforward_layernorm_2", "post_ffw_norm_2"},
    {"block_sparse_moe.experts.w1", "ffn_gate_exps"},
    {"block_sparse_moe.experts.w3", "ffn_up_exps"},
    {"block_sparse_moe.experts.w2", "ffn_down_exps"},
    {"post_feedforward_layernorm", "post_ffw_norm"},
    {"post_mlp_layernorm", "post_ffw_norm"},
    {"per_layer_input_gate", "inp_gate"},
    {"per_layer_projection", "proj"},
    {"post_per_layer_input_norm", "post_norm"},
    {"layer_scalar", "layer_output_scale"},
    {"linear_attn.in_proj_qkv", "attn_qkv"},
    {"linear_attn.in_proj_z", "attn_gate"},
    {"linear_attn.in_proj_a", "ssm_alpha"},
    {"linear_attn.in_proj_b", "ssm_beta"},
    {"linear_attn.conv1d", "ssm_conv1d"},
    {"linear_attn.A_log", "ssm_a"},
    {"linear_attn.dt_bias", "ssm_dt"},
    {"linear_attn.norm", "ssm_norm"},
    {"linear_attn.out_proj", "ssm_out"},
}};

/// Tensors whose names end otherwise in a folder, and what they end with in a GGUF file.
constexpr std::array<NamePair, 8> kBareNames{{
    {"self_attn.sinks", ".weight"},
    {"layer_scalar", ".weight"},
    {"linear_attn.A_log", ""},
    {"linear_attn.dt_bias", ".bias"},
    {"router.scale", ".scale"},
    {"router.per_expert_scale", ".scale"},
    {"experts.gate_up_proj", ".weight"},
    {"experts.down_proj", ".weight"},
}};

constexpr std::array<std::string_view, 4> kPrefixes{"model.language_model.", "language_model.model.", "language_model.",
                                                    "model."};

constexpr std::array<std::string_view, 14> kIgnoredPrefixes{"mtp.",
                                                            "vision_tower.",
                                                            "vision_model.",
                                                            "vision_encoder.",
                                                            "visual.",
                                                            "multi_modal_projector.",
                                                            "audio_tower.",
                                                            "audio_model.",
                                                            "embed_audio.",
                                                            "embed_vision.",
                                                            "vision_language_adapter.",
                                                            "patch_merger.",
                                                            "pre_mm_projector_norm.",
                                                            "mm_projector."};

std::string_view withoutPrefix(std::string_view name) {
    for (const std::string_view prefix : kPrefixes)
        if (name.starts_with(prefix)) return name.substr(prefix.size());
    return name;
}

/// The number at the start of `text`, which goes on with a dot; cuts both off. -1 where there is none.
int cutNumber(std::string_view& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != '.' || number < 0 || number > 100'000)
        return -1;
    text.remove_prefix(std::size_t(end - text.data()) + 1);
    return number;
}

/// Cuts "7." out of "mlp.experts.7.up_proj".
int cutExpert(std::string& name) {
    constexpr std::string_view kExperts = "experts.";
    const std::size_t at = name.find(kExperts);
    if (at == name.npos) return -1;
    std::string_view rest = std::string_view(name).substr(at + kExperts.size());
    const int expert = cutNumber(rest);
    if (expert >= 0) name = name.substr(0, at + kExperts.size()) + std::string(rest);
    return expert;
}

} // namespace

std::optional<GgufName> ggufNameOf(std::string_view huggingFaceName, std::string_view postAttentionLayernorm) {
    std::string_view name = withoutPrefix(huggingFaceName);
    const std::size_t dot = name.rfind('.');
    if (dot == name.npos) return std::nullopt;
    std::string suffix(name.substr(dot)); // ".weight"
    if (suffix == ".weight" || suffix == ".bias") {
        name = name.substr(0, dot);
    } else {
        const auto bare =
            std::ranges::find_if(kBareNames, [&](const NamePair& p) { return name.ends_with(p.huggingFace); });
        if (bare == kBareNames.end()) return std::nullopt;
        suffix = bare->gguf;
    }

    if (name == "embed_tokens") return GgufName{"token_embd" + suffix, -1, 0};
    if (name == "embed_tokens_per_layer") return GgufName{"per_layer_token_embd" + suffix, -1, INT_MAX - 5};
    if (name == "per_layer_model_projection") return GgufName{"per_layer_model_proj" + suffix, -1, INT_MAX - 4};
    if (name == "per_layer_projection_norm") return GgufName{"per_layer_proj_norm" + suffix, -1, INT_MAX - 3};
    if (name == "norm") return GgufName{"output_norm" + suffix, -1, INT_MAX - 2};
    if (name == "lm_head") return GgufName{"output" + suffix, -1, INT_MAX - 1};

    constexpr std::string_view kLayers = "layers.";
    if (!name.starts_with(kLayers)) return std::nullopt;
    name.remove_prefix(kLayers.size());
    const int layer = cutNumber(name);
    if (layer < 0) return std::nullopt;
    std::string inLayer(name);
    const int expert = cutExpert(inLayer);
    const auto pair = std::ranges::find(kInLayer, inLayer, &NamePair::huggingFace);
    if (pair == kInLayer.end()) return std::nullopt;
    const int slot = int(pair - kInLayer.begin()) * 2 + (suffix == ".bias");
    const std::string gguf(pair->gguf.empty() ? postAttentionLayernorm : pair->gguf);
    return GgufName{"blk." + std::to_string(layer) + "." + gguf + suffix, layer,
                    1 + layer * int(2 * kInLayer.size()) + slot, expert};
}

bool isIgnoredTensor(std::string_view huggingFaceName) {
    if (huggingFaceName.ends_with(".rotary_emb.inv_freq") || huggingFaceName.ends_with(".masked_bias")) return true;
    if (huggingFaceName.starts_with("model.")) huggingFaceName.remove_prefix(6);
    return std::ranges::any_of(kIgnoredPrefixes, [&](std::string_view p) { return huggingFaceName.starts_with(p); });
}

} // namespace nibble
