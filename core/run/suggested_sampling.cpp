#include <algorithm>
#include <cmath>
#include <nibble/error.h>
#include <run/session_impl.h>

namespace nibble {

namespace {

/// What the makers recommend (their model cards), for files that do not say; `plain`: without thinking first.
struct Recommended {
    std::string_view architecture;
    float temperature;
    int32_t topK;
    float topP, minP, repeatPenalty;
    bool plain = false;
};

constexpr Recommended kRecommended[] = {
    {"qwen3", 0.6f, 20, 0.95f, 0, 1},     {"qwen3", 0.7f, 20, 0.8f, 0, 1, true},
    {"qwen3moe", 0.6f, 20, 0.95f, 0, 1},  {"qwen3moe", 0.7f, 20, 0.8f, 0, 1, true},
    {"qwen35", 0.6f, 20, 0.95f, 0, 1},    {"qwen35", 0.7f, 20, 0.8f, 0, 1, true},
    {"qwen35moe", 0.6f, 20, 0.95f, 0, 1}, {"qwen35moe", 0.7f, 20, 0.8f, 0, 1, true},
    {"qwen2", 0.7f, 20, 0.8f, 0, 1.05f},  {"gemma2", 1, 64, 0.95f, 0, 1},
    {"gemma3", 1, 64, 0.95f, 0, 1},       {"gemma4", 1, 64, 0.95f, 0, 1},
    {"gpt-oss", 1, 0, 1, 0, 1},           {"smollm3", 0.6f, 0, 0.95f, 0, 1},
    {"olmo2", 0.6f, 0, 0.95f, 0, 1},      {"mistral3", 0.15f, 0, 1, 0, 1},
};

const Recommended* recommendedFor(const std::string& architecture, bool plain) {
    const auto found = [&](bool wanted) {
        const auto it = std::find_if(std::begin(kRecommended), std::end(kRecommended), [&](const Recommended& r) {
            return r.architecture == architecture && r.plain == wanted;
        });
        return it == std::end(kRecommended) ? nullptr : &*it;
    };
    const Recommended* best = plain ? found(true) : nullptr;
    return best ? best : found(false);
}

} // namespace

Sampling samplingOf(const GgufMetadata& metadata, std::optional<bool> thinking) {
    // A broken suggestion must not keep the model from running, so the getters' errors count as "absent" here.
    const auto number = [&](const char* name, double min, double max, double fallback) {
        try {
            const double value = metadata.number(std::string("general.sampling.") + name).value_or(fallback);
            return value >= min && value <= max ? value : fallback;
        } catch (const Error&) {
            return fallback;
        }
    };
    Sampling ours;
    const std::string architecture = metadata.string("general.architecture").value_or("");
    const Recommended* r = recommendedFor(architecture, thinking == false);
    // What a file says is meant for thinking, where its kind has two ways.
    const bool fromFile = !(r && r->plain);
    if (r && (!fromFile || !metadata.find("general.sampling.temp"))) {
        ours.temperature = r->temperature;
        ours.topK = r->topK;
        ours.topP = r->topP;
        ours.minP = r->minP;
        ours.repeatPenalty = r->repeatPenalty;
    }
    Sampling result = ours;
    if (!fromFile) return result;
    result.temperature = float(number("temp", 0, 10, ours.temperature));
    result.topK = int32_t(number("top_k", 0, 1e6, ours.topK));
    result.topP = float(number("top_p", 0, 1, ours.topP));
    result.minP = float(number("min_p", 0, 1, ours.minP));
    result.repeatPenalty = float(number("penalty_repeat", 0.1, 10, ours.repeatPenalty));
    result.repeatLastN = int32_t(number("penalty_last_n", 0, 1e6, ours.repeatLastN));
    result.xtcProbability = float(number("xtc_probability", 0, 1, ours.xtcProbability));
    result.xtcThreshold = float(number("xtc_threshold", 0, 1, ours.xtcThreshold));
    if (number("mirostat", 0, 2, 0) == 2) {
        result.mirostatTau = float(number("mirostat_tau", 0, 100, 5));
        result.mirostatEta = float(number("mirostat_eta", 0, 1, ours.mirostatEta));
    }
    return result;
}

} // namespace nibble
