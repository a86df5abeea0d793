// Qwen3 (dense): as qwen2 without biases, but with an RMS norm over each head of q and k before rope.
#include <models/architecture.h>
#include <models/plan.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"qwen3"};

void refine(const ModelSource& source, ModelPlan& plan) { readWindows(source, plan, true); } // as for qwen2

} // namespace

extern const Architecture kQwen3;
const Architecture kQwen3{.name = "qwen3",
                          .huggingFaceTypes = kTypes,
                          .rope = RopeKind::Neox,
                          .qkNorm = true,
                          .tiedByDefault = false,
                          .refine = refine};

} // namespace nibble
