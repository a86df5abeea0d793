// Gemma 4 (E2B, E4B, 12B, 31B, 26B-A4B): as gemma3, but layers that see all are wider and turn few of their dimensions,
// values are normalized, the last layers read the keys and values of earlier ones, and the small models add an
// embedding of the token in every layer; 26B-A4B has experts beside its feed-forward parts. Scores are not scaled; norm
// weights are stored as they are.
#include <cmath>
#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"gemma4_text", "gemma4"};
constexpr std::string_view kUnderstood[] = {"attention.shared_kv_layers", "embedding_length_per_layer_input",
                                            "expert_count"};

constexpr const char* kDefaults = R"({"tie_word_embeddings": true, "num_attention_heads": 8, "num_key_value_heads": 4,
    "head_dim": 256, "global_head_dim": 512, "vocab_size": 262144, "max_position_embeddings": 131072,
    "sliding_window": 512, "hidden_size_per_layer_input": 256, "num_kv_shared_layers": 0})";

/// The last `shared` layers read what the last earlier layer of their kind (with a window, or without) has written.
void shareKeysAndValues(const Keys& keys, int32_t shared, ModelPlan& plan) {
    const std::size_t own = plan.layers.size() - std::size_t(shared);
    for (std::size_t i = own; i < plan.layers.size(); ++i) {
        LayerPlan& layer = plan.layers[i];
        std::size_t from = own;
        while (from > 0 && plan.layers[from - 1].window != layer.window) --from;
        if (from == 0) keys.bad(kUnderstood[0], format("leaves layer %zu without keys and values", i));
        const LayerPlan& source = plan.layers[--from];
        if (source.nKvHeads != layer.nKvHeads || source.keyDim != layer.keyDim || source.valueDim != layer.valueDim)
            keys.bad(kUnderstood[0], format("makes layer %zu read keys and values of another shape", i));
        layer.kvFrom = int32_t(from);
    }
}

/// Where there are experts the usual widths are those of the feed-forward parts beside them.
void readFeedForwardBeside(const Keys& keys, ModelPlan& plan) {
    if (!keys.has("expert_feed_forward_length")) keys.bad("expert_feed_forward_length", "is missing");
    const auto widths = keys.perLayer("feed_forward_length", 1, kMaxWidth, plan.layers.size());
    if (widths.empty()) keys.bad("feed_forward_length", "is missing");
    plan.shared = SharedExpert::Beside;
    for (std::size_t i = 0; i < widths.size(); ++i) plan.layers[i].sharedWidth = int32_t(widths[i]);
}

void refine(const Keys& keys, ModelPlan& plan) {
    plan.embeddingScale = float(std::sqrt(double(plan.embedding)));
    plan.valueNorm = true;
    const int32_t width = keys.integer(kUnderstood[1], 0, kMaxWidth, 0);
    if (int64_t(width) * int64_t(plan.layers.size()) > kMaxWidth) keys.bad(kUnderstood[1], "is impossibly large");
    plan.perLayerEmbedding = width;
    for (LayerPlan& layer : plan.layers) {
        layer.attentionScale = 1;
        if (layer.keyDim != layer.valueDim)
            keys.bad("attention.value_length", "is not attention.key_length, as values may be keys");
    }
    if (plan.router.experts > 0) readFeedForwardBeside(keys, plan);
    shareKeysAndValues(keys, keys.integer(kUnderstood[0], 0, int64_t(plan.layers.size()) - 1, 0), plan);
}

} // namespace

extern const Architecture kGemma4;
const Architecture kGemma4{
    .name = "gemma4",
    .huggingFaceTypes = kTypes,
    .qkNorm = QkNorm::PerHead,
    .norms = {.afterAttention = "post_attention_norm", .afterFeedForward = "post_ffw_norm"},
    .activation = Activation::GeluTanh,
    .windowPeriod = 6,
    .localRopeBase = 10000,
    .understands = kUnderstood,
    .refine = refine,
    .postAttentionLayernorm = "post_attention_norm",
    .folderDefaults = kDefaults,
};

} // namespace nibble
