// Llama 1-3.x, Mistral, Mixtral, SmolLM2 and their many finetunes: pre-norm, grouped-query attention, SiLU-gated
// feed-forward, or (Mixtral) such experts. Biases are optional. The converter of llama.cpp permutes q and k rows into
// (2i, 2i+1) pairs.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"llama", "mistral", "mixtral"};
constexpr std::string_view kUnderstands[] = {"expert_count"};

} // namespace

extern const Architecture kLlama;
const Architecture kLlama{
    .name = "llama",
    .huggingFaceTypes = kTypes,
    .rope = RopeKind::Norm,
    // Mistral v0.1's: a folder presents the key; llama.cpp's converter drops it, so its files attend to everything.
    .windowPeriod = kAllLayers,
    .understands = kUnderstands,
};

} // namespace nibble
