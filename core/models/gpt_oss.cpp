// gpt-oss 20B and 120B: experts with biases and a clamped activation, kept as MXFP4; attention with a sink per head, on
// every other layer within a window; YaRN whose ramp ends between dimensions (GGUF files do not say so, and llama.cpp
// rounds; the original counts). transformers, modeling_gpt_oss.py.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"gpt_oss"}, kUnderstands[] = {"expert_count"};

} // namespace

extern const Architecture kGptOss;
const Architecture kGptOss{
    .name = "gpt-oss",
    .huggingFaceTypes = kTypes,
    .norms = {.beforeFeedForward = "post_attention_norm"},
    .activation = Activation::SwigluOai,
    .windowPeriod = 2,
    .yarnTruncates = false,
    .understands = kUnderstands,
    .postAttentionLayernorm = "post_attention_norm",
    .fusedExperts = true,
    .folderDefaults = R"({"num_local_experts": 128, "num_experts_per_tok": 4, "rms_norm_eps": 1e-5, "head_dim": 64,
                          "sliding_window": 128})",
};

} // namespace nibble
