// OLMo 2 and 3: norms only behind attention and feed-forward, and over the whole rows of queries and keys. OLMo 3 adds
// layers that see only a window, three of four, whose positions are not stretched with the others.
#include <models/architecture.h>

namespace nibble {
namespace {

constexpr std::string_view kTypes[] = {"olmo2", "olmo3"};

} // namespace

extern const Architecture kOlmo2;
const Architecture kOlmo2{
    .name = "olmo2",
    .huggingFaceTypes = kTypes,
    .qkNorm = QkNorm::WholeRow,
    .norms = {nullptr, "post_attention_norm", nullptr, "post_ffw_norm"},
    .windowPeriod = 4,
    .localRopeBase = 500000,
    .postAttentionLayernorm = "post_attention_norm",
    .folderDefaults = R"({"rms_norm_eps": 1e-5})",
};

} // namespace nibble
