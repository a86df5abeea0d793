// The guard against files that fell apart: whoever made one should hear it before they use it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace nibble {

/// What shows that a smaller model collapsed rather than lost a little.
struct CollapseSigns {
    bool notNumbers = false;                     // it computes values that are no numbers
    double logPerplexityRatio = 0;               // ln(perplexity of the smaller / of the original)
    int32_t continued = 0;                       // texts that both went on with,
    int32_t originalLoops = 0, smallerLoops = 0; // and how many of them ended in a circle
};

/// Why the smaller model must not be used: "Do not use this file: ..."; empty where nothing speaks against it. A
/// perplexity 25 % above the original's counts (notes/quantization 5), and going round in circles in every text where
/// the original does so in none: small models do it at times.
std::string collapseOf(const CollapseSigns& signs);

/// Whether a text ends in a circle: its last 32 tokens repeat 8 or fewer.
bool endsInACircle(std::span<const int32_t> tokens);

} // namespace nibble
