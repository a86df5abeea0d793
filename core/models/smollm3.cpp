// SmolLM3: as llama, but every fourth layer has no positions. No key says so.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"smollm3"};

} // namespace

extern const Architecture kSmolLm3;
const Architecture kSmolLm3{
    .name = "smollm3",
    .huggingFaceTypes = kTypes,
    .rope = RopeKind::Norm,
    .noRopePeriod = 4,
    .folderDefaults = R"({"tie_word_embeddings": true, "rope_theta": 2000000.0})",
};

} // namespace nibble
