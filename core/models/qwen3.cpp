// Qwen3 (dense): as qwen2 without biases, but with an RMS norm over each head of q and k before rope.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"qwen3"};

} // namespace

extern const Architecture kQwen3;
const Architecture kQwen3{.name = "qwen3", .huggingFaceTypes = kTypes, .qkNorm = QkNorm::PerHead};

} // namespace nibble
