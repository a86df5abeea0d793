#include <algorithm>
#include <cmath>
#include <nibble/error.h>
#include <run/session_impl.h>

namespace nibble {

Sampling samplingOf(const GgufMetadata& metadata) {
    // A broken suggestion must not keep the model from running, so the getters' errors count as "absent" here.
    const auto number = [&](const char* name, double min, double max, double fallback) {
        try {
            const double value = metadata.number(std::string("general.sampling.") + name).value_or(fallback);
            return value >= min && value <= max ? value : fallback;
        } catch (const Error&) {
            return fallback;
        }
    };
    const Sampling ours;
    Sampling result;
    result.temperature = float(number("temp", 0, 10, ours.temperature));
    result.topK = int32_t(number("top_k", 0, 1e6, ours.topK));
    result.topP = float(number("top_p", 0, 1, ours.topP));
    result.minP = float(number("min_p", 0, 1, ours.minP));
    result.repeatPenalty = float(number("penalty_repeat", 0.1, 10, ours.repeatPenalty));
    result.repeatLastN = int32_t(number("penalty_last_n", 0, 1e6, ours.repeatLastN));
    return result;
}

} // namespace nibble
