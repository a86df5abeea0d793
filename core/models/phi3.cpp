// Phi-3, 3.5 and 4: as llama, but with q, k and v in one matrix and gate and up in another. Those for long texts have
// two tables of rope factors; Phi-4-mini turns three quarters of a head. Phi-3-mini-4k has a window of 2047 tokens,
// which llama.cpp leaves out.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"phi3"};

} // namespace

extern const Architecture kPhi3;
const Architecture kPhi3{
    .name = "phi3",
    .huggingFaceTypes = kTypes,
    .windowPeriod = kAllLayers,
    .folderDefaults = R"({"rms_norm_eps": 1e-5})",
};

} // namespace nibble
