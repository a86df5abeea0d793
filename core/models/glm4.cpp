// GLM-4-0414: norms before and behind attention and feed-forward, gate and up in one matrix, half of a head turns.
// Rotary pairs lie side by side in folders, too.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"glm4"};

} // namespace

extern const Architecture kGlm4;
const Architecture kGlm4{
    .name = "glm4",
    .huggingFaceTypes = kTypes,
    .rope = RopeKind::Norm,
    .folderRope = RopeKind::Norm,
    .norms = {.afterAttention = "post_attention_norm", .afterFeedForward = "post_ffw_norm"},
    .folderDefaults = R"({"rms_norm_eps": 1.5625e-7, "head_dim": 128, "partial_rotary_factor": 0.5})",
};

} // namespace nibble
