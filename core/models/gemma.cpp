// Gemma 2 and 3: norms before and behind attention and feed-forward, GELU gates, embeddings times sqrt(width), and
// layers that see only a window. Gemma 2 caps scores and logits softly; Gemma 3 norms queries and keys instead, and its
// windowed layers have positions of their own, which are not stretched with the others.
#include <cmath>
#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes2[] = {"gemma2"}, kTypes3[] = {"gemma3_text", "gemma3"};
constexpr LayerNorms kNorms{.afterAttention = "post_attention_norm", .afterFeedForward = "post_ffw_norm"};

constexpr const char* kDefaults2 = R"({"tie_word_embeddings": true, "num_attention_heads": 8, "num_key_value_heads": 4,
    "head_dim": 256, "vocab_size": 256000, "max_position_embeddings": 8192, "query_pre_attn_scalar": 256,
    "sliding_window": 4096, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0})";
// Those of the models with image parts say little more than their sizes.
constexpr const char* kDefaults3 = R"({"tie_word_embeddings": true, "num_attention_heads": 8, "num_key_value_heads": 4,
    "head_dim": 256, "vocab_size": 262208, "max_position_embeddings": 131072, "query_pre_attn_scalar": 256,
    "sliding_window": 4096, "sliding_window_pattern": 6, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0})";

/// A file has no key for the scale of attention, which is not 1 / sqrt(keyDim) in the 27B models: they are told by
/// their number of layers.
void scaleAsGemma(const Keys& keys, int32_t layersOf27B, ModelPlan& plan) {
    plan.embeddingScale = float(std::sqrt(double(plan.embedding)));
    if (keys.has("attention.scale") || int32_t(plan.layers.size()) != layersOf27B) return;
    for (LayerPlan& layer : plan.layers)
        layer.attentionScale = float(1 / std::sqrt(double(plan.embedding / layer.nHeads)));
}

void refine2(const Keys& keys, ModelPlan& plan) {
    scaleAsGemma(keys, 46, plan);
    // The first files lack what all models have in common.
    if (!keys.has("final_logit_softcapping")) plan.logitSoftcap = 30;
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        if (!keys.has("attn_logit_softcapping")) plan.layers[i].softcap = 50;
        if (!keys.has("attention.sliding_window") && i % 2 == 0) plan.layers[i].window = 4096;
    }
}

void refine3(const Keys& keys, ModelPlan& plan) { scaleAsGemma(keys, 62, plan); }

} // namespace

extern const Architecture kGemma2, kGemma3;
const Architecture kGemma2{
    .name = "gemma2",
    .huggingFaceTypes = kTypes2,
    .norms = kNorms,
    .activation = Activation::GeluTanh,
    .windowPeriod = 2,
    .refine = refine2,
    .postAttentionLayernorm = "post_attention_norm",
    .normsLackOne = true,
    .folderDefaults = kDefaults2,
};
const Architecture kGemma3{
    .name = "gemma3",
    .huggingFaceTypes = kTypes3,
    .qkNorm = QkNorm::PerHead,
    .norms = kNorms,
    .activation = Activation::GeluTanh,
    .windowPeriod = 6,
    .localRopeBase = 10000,
    .refine = refine3,
    .postAttentionLayernorm = "post_attention_norm",
    .normsLackOne = true,
    .folderDefaults = kDefaults3,
};

} // namespace nibble
