// Granite 3 and the dense models of 4: as llama, with factors for embeddings, attention, what a layer adds, and logits.
#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"granite"};
constexpr std::string_view kUnderstood[] = {"embedding_scale", "residual_scale", "logit_scale"};

void refine(const Keys& keys, ModelPlan& plan) {
    const auto factor = [&](std::string_view key) {
        const float value = keys.number(key, 0, 1e6, 1);
        return value == 0 ? 1 : value; // 0: none
    };
    plan.embeddingScale = factor(kUnderstood[0]);
    plan.residualScale = factor(kUnderstood[1]);
    plan.logitScale = 1 / factor(kUnderstood[2]);
    if (keys.flag("rope.scaling.finetuned", true)) return;
    for (LayerPlan& layer : plan.layers) layer.rope = layer.queryRope = -1; // that is how a file says "no positions"
}

} // namespace

extern const Architecture kGranite;
const Architecture kGranite{
    .name = "granite",
    .huggingFaceTypes = kTypes,
    .rope = RopeKind::Norm,
    .understands = kUnderstood,
    .refine = refine,
    .folderDefaults = R"({"attention_multiplier": 1.0})",
};

} // namespace nibble
