#include <base/text.h>
#include <cmath>
#include <compare/collapse.h>

namespace nibble {

std::string collapseOf(const CollapseSigns& signs) {
    constexpr double kMostPerplexity = 1.25; // times the original's
    if (signs.notNumbers) return "Do not use this file: it computes values that are not numbers. Make it again.";
    if (!(signs.logPerplexityRatio <= std::log(kMostPerplexity)))
        return format(
            "Do not use this file: the text surprises it %.1f times as much as the original. Choose more bits "
            "or more care.",
            std::exp(signs.logPerplexityRatio));
    if (signs.continued > 0 && signs.smallerLoops == signs.continued && signs.originalLoops == 0)
        return "Do not use this file: it repeats the same words without end, and the original does not. Choose more "
               "bits "
               "or more care.";
    return {};
}

bool endsInACircle(std::span<const int32_t> tokens) {
    constexpr std::size_t kEnd = 32, kLongest = 8;
    if (tokens.size() < kEnd + kLongest) return false;
    for (std::size_t period = 1; period <= kLongest; ++period) {
        bool repeats = true;
        for (std::size_t i = tokens.size() - kEnd; repeats && i < tokens.size(); ++i)
            repeats = tokens[i] == tokens[i - period];
        if (repeats) return true;
    }
    return false;
}

} // namespace nibble
