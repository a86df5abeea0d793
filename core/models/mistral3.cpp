// Ministral 3 and what Mistral builds on it: as llama, but for texts beyond the original context attention cools down:
// queries grow with ln(1 + floor(position / original context)).
#include <models/architecture.h>
#include <models/keys.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"ministral3"};
constexpr std::string_view kUnderstood[] = {"attention.temperature_scale", "attention.temperature_length"};

void refine(const Keys& keys, ModelPlan& plan) {
    const float cooling = keys.number(kUnderstood[0], 0, 100, 0);
    if (cooling == 0) return;
    const int32_t original = keys.integer("rope.scaling.original_context_length", 1, kMaxContext, plan.contextLength);
    RopeSpec queries = plan.ropes.front();
    queries.cooling = cooling;
    queries.coolingLength = keys.integer(kUnderstood[1], 1, kMaxContext, original);
    plan.ropes.push_back(std::move(queries));
    for (LayerPlan& layer : plan.layers) {
        // The factor is applied where the head is turned, so all of it has to turn.
        if (2 * int32_t(plan.ropes.front().frequencies.size()) != layer.keyDim)
            keys.unsupported(kUnderstood[0], "attention that cools down with distance and heads that turn in part");
        layer.queryRope = int32_t(plan.ropes.size()) - 1;
    }
}

} // namespace

extern const Architecture kMistral3;
const Architecture kMistral3{
    .name = "mistral3",
    .huggingFaceTypes = kTypes,
    .rope = RopeKind::Norm,
    .understands = kUnderstood,
    .refine = refine,
};

} // namespace nibble
