#include <models/unknown_kind.h>

#include <algorithm>
#include <base/text.h>
#include <models/architecture.h>
#include <nibble/error.h>
#include <span>

namespace nibble {
namespace {

struct Missing {
    std::span<const std::string_view> kinds; // general.architecture or model_type
    const char* part;                        // "it has ..."
};

constexpr std::string_view kRecurrentExperts[] = {"qwen3next", "qwen3_next", "kimi_linear"};
constexpr std::string_view kLatent[] = {"deepseek2",    "deepseek_v2", "deepseek_v3",
                                        "deepseek_v32", "minicpm3",    "glm-dsa"};
constexpr std::string_view kStateSpace[] = {
    "mamba",      "mamba2",         "jamba",         "falcon-h1",        "falcon_h1",
    "nemotron_h", "nemotron_h_moe", "granitehybrid", "granitemoehybrid", "plamo2"};
constexpr std::string_view kShortConvolution[] = {"lfm2", "lfm2moe", "lfm2_moe"};
constexpr std::string_view kTimeMixing[] = {"rwkv6", "rwkv7", "rwkv6qwen2", "arwkv7"};
constexpr std::string_view kAltUp[] = {"gemma3n", "gemma3n_text"};
constexpr std::string_view kSharedExperts[] = {"qwen2moe",   "qwen2_moe",   "llama4",       "llama4_text",
                                               "glm4moe",    "glm4_moe",    "deepseek",     "dots1",
                                               "bailingmoe", "bailingmoe2", "ernie4_5-moe", "hunyuan-moe"};
constexpr std::string_view kParallel[] = {"command-r", "cohere",   "cohere2", "falcon",
                                          "gptneox",   "gpt_neox", "phi2",    "phi"};
constexpr std::string_view kPositions[] = {"gpt2", "starcoder", "gpt_bigcode", "bloom", "mpt", "opt"};
constexpr std::string_view kEncoders[] = {"bert",        "nomic-bert", "nomic_bert", "jina-bert-v2",
                                          "modern-bert", "modernbert", "neo-bert",   "roberta",
                                          "xlm-roberta", "t5",         "t5encoder",  "gemma-embedding"};
constexpr std::string_view kPictures[] = {"clip", "siglip", "qwen2vl", "qwen2_vl", "qwen3vl", "whisper"};

constexpr Missing kMissing[] = {
    {kRecurrentExperts, "recurrent layers together with experts"},
    {kLatent, "latent attention, whose keys and values are kept compressed"},
    {kStateSpace, "state-space layers"},
    {kShortConvolution, "short convolutions instead of attention in many layers"},
    {kTimeMixing, "time mixing instead of attention"},
    {kAltUp, "several hidden states side by side"},
    {kSharedExperts, "experts that every word passes beside those it chooses"},
    {kParallel, "attention and feed-forward side by side"},
    {kPositions, "learned or sloped positions instead of turned ones"},
    {kEncoders, "layers that look in both directions: it turns text into numbers and does not write"},
    {kPictures, "parts for images or sound that its text depends on"},
};

const char* whatIsMissing(std::string_view kind) {
    for (const Missing& missing : kMissing)
        if (std::ranges::find(missing.kinds, kind) != missing.kinds.end()) return missing.part;
    return nullptr;
}

} // namespace

void throwUnknownKind(const ModelSource& source, const std::string& architecture) {
    std::string known;
    for (const Architecture* a : architectures()) known += (known.empty() ? "" : ", ") + std::string(a->name);
    const char* missing = whatIsMissing(architecture);
    // Which matrices of a folder a GGUF file wants, and under which names, only its architecture tells.
    const std::string still =
        source.isHuggingFace() ? "It can be inspected. " : "It can be inspected and made smaller. ";
    throw Error(ErrorKind::Unsupported,
                "This model is of the kind \"" + printable(architecture, 60) + "\", which Nibble cannot run yet" +
                    (missing ? std::string(": it has ") + missing : "") + ".",
                source.metadata().origin + ": general.architecture",
                still + "Nibble runs models of the kinds " + known + ".");
}

} // namespace nibble
