// Qwen2, Qwen2.5 and the distillations onto them: as llama, with biases on q, k and v and the pairs (i, i + n/2).
// Released models carry a window in config.json that use_sliding_window switches off, so only a file that says which
// layers are windowed is believed.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"qwen2"};

} // namespace

extern const Architecture kQwen2;
const Architecture kQwen2{.name = "qwen2", .huggingFaceTypes = kTypes};

} // namespace nibble
