// How the encoders choose scales: the weighted search of notes/quantization 4.1. Private to core/formats.
//
// A group of N weights x shares one scale s (and, in affine formats, one min m). For given codes the best s and m are a
// least-squares fit, so the search runs over roundings: a few trial scales round the weights, each is scored by the
// error its fit would leave, and the winner is polished by rounding with the fit itself. Formats that store the scales
// of a block as integers then choose d (and dmin), the integers and the codes in turn, each the best for the others.
// Here is what both kinds of search share; symmetric_search.h and affine_search.h hold the searches.
#pragma once

#include <cmath>
#include <formats/lanes.h>
#include <formats/table.h>

namespace nibble {

/// What a weight's error counts without measured importance.
enum class Weighting {
    Flat,      // all alike
    Magnitude, // |x| + the block's rms
    Square,    // x^2
};

/// How hard a format searches.
struct Search {
    Weighting weighting;
    int trials;     // roundings tried before polishing
    float step = 0; // symmetric codes: relative distance of the trial scales
};

/// Weights are limited to f16's range; not a number counts as 0. So no sum below can overflow.
template<int N>
NIBBLE_INLINE void loadFinite(const float* from, float* to) {
    for (int i = 0; i < N; i += 8) {
        F8 x;
        std::memcpy(&x, from + i, sizeof x);
        x = x == x ? x : F8{};
        x = min8(max8(x, all(-65504.f)), all(65504.f));
        std::memcpy(to + i, &x, sizeof x);
    }
}

/// Fills `w` for a block of N finite weights. `importance` may be null or worthless. All zero only where x is.
template<int N>
NIBBLE_INLINE void fillWeights(Weighting weighting, const float* x, const float* importance, float* w) {
    F8 squares{};
    for (int i = 0; i < N; i += 8) {
        F8 v;
        std::memcpy(&v, x + i, sizeof v);
        squares += v * v;
    }
    const float mean = sum8(squares) / N, rms = std::sqrt(mean);
    bool useful = false;
    if (importance) {
        for (int i = 0; i < N; ++i) {
            const float given = importance[i] > 0 && importance[i] < 1e30f ? importance[i] : 0;
            w[i] = given * std::sqrt(2 * mean + x[i] * x[i]);
            useful = useful || w[i] > 1e-30f;
        }
    }
    if (useful) return;
    for (int i = 0; i < N; ++i)
        w[i] = weighting == Weighting::Flat        ? 1.f
               : weighting == Weighting::Magnitude ? rms + std::fabs(x[i])
                                                   : x[i] * x[i];
}

/// Below this nothing can be stored: even d = 2^-24, f16's least, times the finest step is more.
constexpr float kNothing = 1e-12f;

NIBBLE_INLINE float inverse(float a) { return std::fabs(a) > 1e-30f ? 1 / a : 0; }

/// Encodes n weights of format F, block by block: SearchBlock finds the common form, Pack writes its bits.
template<const Format& F, auto SearchBlock, Search kSearch, auto Pack>
NIBBLE_AVX2_CLONE void encodeBlocks(const float* src, void* dst, int64_t n, const float* importance) {
    auto* block = static_cast<uint8_t*>(dst);
    CodeBlock code;
    for (int64_t i = 0; i < n; i += F.blockSize, block += F.blockBytes) {
        SearchBlock(src + i, importance ? importance + i : nullptr, kSearch, code);
        Pack(code, block);
    }
}

} // namespace nibble
