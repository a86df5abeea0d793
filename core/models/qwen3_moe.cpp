// Qwen3 with experts (30B-A3B, Coder, 235B): as qwen3, with a choice of experts in every layer instead of one
// feed-forward part.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"qwen3_moe"}, kUnderstands[] = {"expert_count"};

} // namespace

extern const Architecture kQwen3Moe;
const Architecture kQwen3Moe{
    .name = "qwen3moe",
    .huggingFaceTypes = kTypes,
    .qkNorm = QkNorm::PerHead,
    .understands = kUnderstands,
    .folderDefaults = R"({"num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
                          "norm_topk_prob": false, "decoder_sparse_step": 1})",
};

} // namespace nibble
