#include <algorithm>
#include <files/json_file.h>
#include <models/config_builder.h>
#include <models/delta_net_folder.h>

namespace nibble {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr uint64_t kMaxConfig = 16 * 1024 * 1024;
constexpr int64_t kMaxHeadDim = 1 << 16;

/// Which layers have a window, where config.json says so: by layer_types, a period (Gemma 3) or max_window_layers
/// (Qwen). Else the architecture knows.
void addWindowPattern(ConfigBuilder& to) {
    const std::string key = to.prefix + "attention.sliding_window_pattern";
    std::vector<bool> windowed(std::size_t(to.out.layers), true);
    if (const json* types = to.config.find("layer_types")) {
        if (!types->is_array() || types->size() != windowed.size())
            to.config.bad("layer_types", format("is not a list of %zu texts", windowed.size()));
        for (std::size_t i = 0; i < windowed.size(); ++i) windowed[i] = (*types)[i] == "sliding_attention";
    } else if (const auto period = to.config.integer("sliding_window_pattern", 1, kMaxCount)) {
        return to.integer("attention.sliding_window_pattern", *period);
    } else if (const auto first = to.config.integer("max_window_layers", 0, kMaxCount)) {
        for (std::size_t i = 0; i < windowed.size(); ++i) windowed[i] = int64_t(i) >= *first;
    } else if (!to.config.find("use_sliding_window")) {
        return;
    }
    to.out.metadata.set(key, std::move(windowed));
}

void addWindow(ConfigBuilder& to, const std::string& modelType) {
    const int64_t window = to.config.integer("sliding_window", 0, kMaxCount).value_or(0);
    const bool used = to.config.flag("use_sliding_window").value_or(true);
    if (window == 0 || !used || modelType == "llama") return; // llama ignores the field
    to.integer("attention.sliding_window", window);
    addWindowPattern(to);
}

/// Layers of experts. Their fields go by two names.
void addExperts(ConfigBuilder& to) {
    const Fields& config = to.config;
    const auto either = [&](const char* name, const char* other, int64_t max) {
        return config.integer(config.find(name) ? name : other, 0, max);
    };
    const int64_t experts = either("num_local_experts", "num_experts", kMaxCount).value_or(0);
    if (experts == 0 || !config.flag("enable_moe_block").value_or(true)) return; // Gemma 4 has them where it says so
    const auto used =
        config.integer(config.find("top_k_experts") ? "top_k_experts" : "num_experts_per_tok", 1, experts);
    if (!used && to.out.architecture) config.bad("num_experts_per_tok", "is missing");
    to.integer("expert_count", experts);
    to.integer("expert_used_count", used.value_or(1));
    to.integer("expert_feed_forward_length",
               either("moe_intermediate_size", "intermediate_size", kMaxCount).value_or(0));
    if (const auto shared = config.integer("shared_expert_intermediate_size", 0, kMaxCount))
        to.integer("expert_shared_feed_forward_length", *shared);
    if (const auto normalised = config.flag("norm_topk_prob"))
        to.out.metadata.set(to.prefix + "expert_weights_norm", *normalised);
    const json* dense = config.find("mlp_only_layers");
    if (config.integer("decoder_sparse_step", 1, kMaxCount).value_or(1) != 1 || (dense && !dense->empty()))
        to.unsupported("mlp_only_layers", "layers with and without experts");
    if (config.number("swiglu_limit").value_or(7) != 7 || config.number("swiglu_alpha").value_or(1.702) != 1.702)
        to.unsupported("swiglu_limit", "an unusual activation");
}

/// Numbers that scale something on the way.
void addScales(ConfigBuilder& to) {
    struct Scale {
        const char *field, *key;
    };
    static constexpr Scale kScales[] = {
        {"attn_logit_softcapping", "attn_logit_softcapping"},
        {"final_logit_softcapping", "final_logit_softcapping"},
        {"attention_multiplier", "attention.scale"},
        {"embedding_multiplier", "embedding_scale"},
        {"residual_multiplier", "residual_scale"},
        {"logits_scaling", "logit_scale"},
    };
    for (const Scale& scale : kScales)
        if (const auto value = to.config.number(scale.field)) to.number(scale.key, *value);
    if (const auto dims = to.config.number("query_pre_attn_scalar")) {
        if (!(*dims > 0)) to.config.bad("query_pre_attn_scalar", "is not above 0");
        to.number("attention.scale", 1 / std::sqrt(*dims));
    }
}

/// What would change the computation and has no key.
void refuseUnknownSwitches(ConfigBuilder& to) {
    if (!to.out.architecture) return;
    const bool silu = to.out.architecture->activation != Activation::GeluTanh;
    for (const char* field : {"hidden_activation", "hidden_act"}) {
        const auto name = to.config.text(field);
        if (!name) continue;
        const bool same =
            silu ? *name == "silu" || *name == "swish" : *name == "gelu_pytorch_tanh" || *name == "gelu_new";
        if (!same) to.unsupported(field, "the activation " + printable(*name, 60));
        break; // transformers looks at the first of them
    }
    if (const json* both = to.config.find("use_bidirectional_attention"); both && *both != false && *both != "vision")
        to.unsupported("use_bidirectional_attention", "attention in both directions");
    if (const json* types = to.config.find("layer_types"))
        for (const json& type : *types)
            if (type != "full_attention" && type != "sliding_attention" &&
                !(type == "linear_attention" && to.out.deltaNet))
                to.unsupported("layer_types", "layers of the kind " + printable(type.dump(), 60));
    const int64_t period = to.out.architecture->noRopePeriod;
    const std::vector<float> turned = to.config.numbers("no_rope_layers"); // 1: has positions
    for (std::size_t i = 0; i < turned.size(); ++i)
        if ((turned[i] == 0) != (period > 0 && int64_t(i) % period == period - 1))
            to.unsupported("no_rope_layers", "an unusual choice of layers without positions");
}

void addArchitectureKeys(ConfigBuilder& to, const std::string& modelType) {
    const Fields& config = to.config;
    const int64_t context = to.required("max_position_embeddings", "context_length");
    const int64_t width = to.required("hidden_size", "embedding_length");
    to.out.layers = int32_t(to.required("num_hidden_layers", "block_count"));
    // Where all layers consist of experts there is no other width.
    if (config.find("intermediate_size") || !config.find("moe_intermediate_size"))
        to.required("intermediate_size", "feed_forward_length");
    to.required("vocab_size", "vocab_size");
    const int64_t heads = to.required("num_attention_heads", "attention.head_count");
    const int64_t kvHeads = config.integer("num_key_value_heads", 1, kMaxCount).value_or(heads);
    if (kvHeads > 0) to.integer("attention.head_count_kv", kvHeads);
    to.out.heads = int32_t(heads);
    to.out.kvHeads = int32_t(kvHeads);
    if (to.out.layers > 10'000) config.bad("num_hidden_layers", "is impossibly large");

    const auto headDim = config.integer("head_dim", 1, kMaxCount);
    if (!headDim && to.out.architecture && width % heads != 0)
        config.bad("num_attention_heads", "does not divide hidden_size");
    int64_t dims = headDim.value_or(heads > 0 ? width / heads : 0);
    if (dims > kMaxHeadDim) config.bad(headDim ? "head_dim" : "hidden_size", "is impossibly large");
    if (headDim) {
        to.integer("attention.key_length", *headDim);
        to.integer("attention.value_length", *headDim);
    }
    if (const auto eps = config.number("rms_norm_eps"))
        to.number("attention.layer_norm_rms_epsilon", *eps);
    else if (to.out.architecture)
        to.number("attention.layer_norm_rms_epsilon", 1e-6); // the default of most of their config classes
    dims = addLayerWidths(to, dims);
    if (dims > kMaxHeadDim) config.bad("global_head_dim", "is impossibly large");
    addRope(to, dims, context);
    addWindow(to, modelType);
    addExperts(to);
    to.out.deltaNet = addDeltaNet(to);
    addScales(to);
    refuseUnknownSwitches(to);
}

/// Weights that another tool has quantized already: as config.json says, or the file that old versions of GPTQ write.
void readPacking(ConfigBuilder& to, const Fields& outer, const fs::path& folder) {
    constexpr const char* kOldName = "quantize_config.json";
    std::error_code ignored;
    std::optional<Error> problem;
    auto quantization = outer.object("quantization_config");
    if (!quantization) quantization = to.config.object("quantization_config");
    const bool fused = to.out.architecture && to.out.architecture->fusedExperts;
    if (fused && quantization && quantization->text("quant_method") == "mxfp4") return; // its experts, as GGUF has them
    if (quantization)
        to.out.packed = packedScheme(*quantization, problem);
    else if (fs::exists(folder / kOldName, ignored))
        to.out.packed = packedScheme(Fields(readJsonObject(folder / kOldName, kMaxConfig), kOldName), problem);
    if (problem && !to.out.problem) to.out.problem = problem;
}

} // namespace

HuggingFaceConfig readHuggingFaceConfig(const fs::path& folder) {
    const json root = readJsonObject(folder / kConfigName, kMaxConfig);
    const Fields outer(root, kConfigName);
    const auto inner = outer.object("text_config"); // multimodal wrappers
    const Fields& given = inner ? *inner : outer;
    auto type = given.text("model_type");
    if (!type) type = outer.text("model_type");
    if (!type || type->empty()) outer.bad("model_type", "is missing");

    HuggingFaceConfig result;
    result.metadata.origin = kConfigName;
    result.architecture = findHuggingFaceType(*type);
    const std::string name = result.architecture ? result.architecture->name : *type;
    result.metadata.set("general.architecture", name);
    result.metadata.set("general.type", std::string("model"));
    if (const json* license = outer.find("license"); license && license->is_string())
        result.license = license->get<std::string>();

    const json defaults = json::parse(result.architecture ? result.architecture->folderDefaults : "{}");
    const Fields config = given.withDefaults(defaults);
    ConfigBuilder builder{config, result, name + "."};
    addArchitectureKeys(builder, *type);
    readPacking(builder, outer, folder);
    auto tied = given.flag("tie_word_embeddings");
    if (!tied) tied = outer.flag("tie_word_embeddings");
    if (!tied) tied = config.flag("tie_word_embeddings");
    result.tied = tied.value_or(false);
    return result;
}

void addSampling(const fs::path& folder, GgufMetadata& metadata) {
    std::error_code ignored;
    const fs::path path = folder / "generation_config.json";
    if (!fs::exists(path, ignored)) return;
    const json root = readJsonObject(path, kMaxConfig);
    const Fields fields(root, shownFileName(path));
    const std::string prefix = "general.sampling.";
    const auto number = [&](const char* field, const char* key) {
        if (const auto value = fields.number(field)) metadata.set(prefix + key, float(*value));
    };
    number("temperature", "temp");
    number("top_p", "top_p");
    number("min_p", "min_p");
    number("repetition_penalty", "penalty_repeat");
    if (const auto k = fields.integer("top_k", 0, kMaxCount)) metadata.set(prefix + "top_k", int32_t(*k));
    if (fields.flag("do_sample") == false) metadata.set(prefix + "temp", 0.0f);
}

} // namespace nibble
