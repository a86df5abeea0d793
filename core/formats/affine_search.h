// The search for scales and mins of affine codes, x = s * q - m with q in 0..Top; m >= 0 where formats store it so
// (search.h). Private to core/formats.
#pragma once

#include <formats/half.h>
#include <formats/search.h>

namespace nibble {

/// The sums that fit a scale and a min to given codes.
struct AffineFit {
    float w = 0, x = 0, q = 0, xq = 0, qq = 0; // sums of w times 1, x, q, x q, q q

    /// The best s and m; false where all codes are alike.
    NIBBLE_INLINE bool solve(bool minNotNegative, float& scale, float& min) const {
        const float det = w * qq - q * q;
        if (!(det > 1e-6f * w * qq)) return false;
        scale = (w * xq - x * q) / det;
        min = (q * xq - qq * x) / det;
        if (min < 0 && minNotNegative) {
            min = 0;
            scale = xq / qq;
        }
        return scale > 0;
    }
    /// How much a scale and a min take off the error.
    NIBBLE_INLINE float gain(float s, float m) const {
        return 2 * (s * xq - m * x) - s * s * qq + 2 * s * m * q - m * m * w;
    }
};

template<int Top, int N>
NIBBLE_INLINE AffineFit roundAndFit(const Lanes<N>& x, const Lanes<N>& w, float inverseScale, float min) {
    F8 sw{}, sx{}, sq{}, sxq{}, sqq{};
    for (int i = 0; i < Lanes<N>::kVectors; ++i) {
        const F8 q = round8(min8(max8((x[i] + min) * inverseScale, F8{}), all(Top)));
        const F8 wq = w[i] * q;
        sw += w[i];
        sx += w[i] * x[i];
        sq += wq;
        sxq += wq * x[i];
        sqq += wq * q;
    }
    return {sum8(sw), sum8(sx), sum8(sq), sum8(sxq), sum8(sqq)};
}

/// Scale and min of a group on its own, from `trials` widths around its range.
template<int Top, int N>
NIBBLE_INLINE void searchAffine(const Lanes<N>& x, const Lanes<N>& w, bool minNotNegative, int trials, float& scale,
                                float& min) {
    F8 low = x[0], high = x[0];
    for (int i = 1; i < Lanes<N>::kVectors; ++i) {
        low = min8(low, x[i]);
        high = max8(high, x[i]);
    }
    float least = -largest8(-low), most = largest8(high);
    if (minNotNegative && least > 0) least = 0;
    if (most < least) most = least;
    scale = 0;
    min = -least;
    if (most - least < kNothing) return;

    float bestGain = -INFINITY;
    auto attempt = [&](float inverseScale, float start) __attribute__((always_inline)) {
        const AffineFit fit = roundAndFit<Top>(x, w, inverseScale, start);
        float s, m;
        if (!fit.solve(minNotNegative, s, m)) return;
        const float gain = fit.gain(s, m);
        if (gain > bestGain) {
            bestGain = gain;
            scale = s;
            min = m;
        }
    };
    // From 0.9 steps more than fit (the ends are cut) to as many fewer.
    for (int t = 0; t < trials; ++t)
        attempt((Top - 0.9f + 1.8f * float(t) / float(trials - 1)) / (most - least), -least);
    for (int round = 0; round < 2; ++round) attempt(inverse(scale), min);
    if (bestGain == -INFINITY) scale = (most - least) / Top;
}

template<int Top, int N>
NIBBLE_INLINE void affineCodesAt(const Lanes<N>& x, float scale, float min, uint8_t* q) {
    const float inv = inverse(scale);
    Lanes<N> codes;
    for (int i = 0; i < Lanes<N>::kVectors; ++i) codes[i] = round8(min8(max8((x[i] + min) * inv, F8{}), all(Top)));
    storeCodes<N>(codes, q);
}

/// A block that is one group, with d and dmin alone.
template<int Top, int N>
NIBBLE_INLINE void searchAffineBlock(const float* src, const float* importance, const Search& search, CodeBlock& out) {
    alignas(32) float x[N], w[N];
    loadFinite<N>(src, x);
    fillWeights<N>(search.weighting, x, importance, w);
    const Lanes<N> lanes = loadLanes<N>(x);
    float scale, min;
    searchAffine<Top>(lanes, loadLanes<N>(w), false, search.trials, scale, min);
    out.d = f16ToF32(f16Saturate(scale));
    out.dmin = f16ToF32(f16Saturate(min));
    affineCodesAt<Top>(lanes, out.d, out.dmin, out.q);
}

template<int Top, int N>
NIBBLE_INLINE float affineErrorAt(const Lanes<N>& x, const Lanes<N>& w, float scale, float min) {
    const float inv = inverse(scale);
    F8 error{};
    for (int i = 0; i < Lanes<N>::kVectors; ++i) {
        const F8 q = round8(min8(max8((x[i] + min) * inv, F8{}), all(Top)));
        const F8 e = x[i] + min - scale * q;
        error += w[i] * e * e;
    }
    return sum8(error);
}

/// The normal equations of d and dmin over a block's groups.
struct BlockFit {
    float ss = 0, sm = 0, mm = 0, sx = 0, mx = 0;

    NIBBLE_INLINE void add(const AffineFit& fit, float scale, float min) {
        ss += scale * scale * fit.qq;
        sm += scale * min * fit.q;
        mm += min * min * fit.w;
        sx += scale * fit.xq;
        mx += min * fit.x;
    }
    NIBBLE_INLINE void solve(float& d, float& dmin) const {
        const float det = ss * mm - sm * sm;
        if (det > 1e-6f * ss * mm) {
            d = (sx * mm - mx * sm) / det;
            dmin = (sx * sm - mx * ss) / det;
        } else if (ss > 0) {
            d = (sx + dmin * sm) / ss;
        }
    }
};

/// A block of `Groups` groups whose scales and mins are d and dmin times whole numbers 0..Most.
template<int Top, int Groups, int N, int Most>
NIBBLE_INLINE void searchAffineScaledBlock(const float* src, const float* importance, const Search& search,
                                           CodeBlock& out) {
    alignas(32) float x[Groups * N], w[Groups * N];
    loadFinite<Groups * N>(src, x);
    fillWeights<Groups * N>(search.weighting, x, importance, w);
    float scale[Groups], min[Groups], mostScale = 0, mostMin = 0;
    for (int g = 0; g < Groups; ++g) {
        searchAffine<Top>(loadLanes<N>(x + g * N), loadLanes<N>(w + g * N), true, search.trials, scale[g], min[g]);
        mostScale = std::fmax(mostScale, scale[g]);
        mostMin = std::fmax(mostMin, min[g]);
    }
    float d = f16ToF32(f16Saturate(mostScale / Most)), dmin = f16ToF32(f16Saturate(mostMin / Most));
    float bestError = INFINITY;
    for (int round = 0; round < 3; ++round) {
        int8_t wholeScale[Groups];
        uint8_t wholeMin[Groups];
        float error = 0;
        BlockFit fit;
        for (int g = 0; g < Groups; ++g) {
            const Lanes<N> xg = loadLanes<N>(x + g * N), wg = loadLanes<N>(w + g * N);
            const float middle = std::nearbyintf(scale[g] * inverse(d));
            float least = INFINITY;
            for (float s = middle - 1; s <= middle + 1; ++s) {
                if (s < 0 || s > Most) continue;
                // The min that suits this scale's codes, after a first guess.
                float m = std::fmin(std::nearbyintf(min[g] * inverse(dmin)), Most);
                for (int pass = 0; pass < 2; ++pass) {
                    const float e = affineErrorAt<Top>(xg, wg, d * s, dmin * m);
                    if (e < least) {
                        least = e;
                        wholeScale[g] = int8_t(s);
                        wholeMin[g] = uint8_t(m);
                    }
                    const AffineFit own = roundAndFit<Top>(xg, wg, inverse(d * s), dmin * m);
                    const float better = (d * s * own.q - own.x) * inverse(own.w * dmin);
                    const float next = std::nearbyintf(std::fmin(std::fmax(better, 0.f), float(Most)));
                    if (next == m) break;
                    m = next;
                }
            }
            error += least;
            const float s = d * float(wholeScale[g]), m = dmin * float(wholeMin[g]);
            fit.add(roundAndFit<Top>(xg, wg, inverse(s), m), float(wholeScale[g]), float(wholeMin[g]));
        }
        if (error < bestError) {
            bestError = error;
            out.d = d;
            out.dmin = dmin;
            std::memcpy(out.scale, wholeScale, Groups);
            std::memcpy(out.min, wholeMin, Groups);
        }
        fit.solve(d, dmin);
        d = f16ToF32(f16Saturate(std::fmax(d, 0.f)));
        dmin = f16ToF32(f16Saturate(std::fmax(dmin, 0.f)));
        if (d == out.d && dmin == out.dmin) break;
    }
    for (int g = 0; g < Groups; ++g)
        affineCodesAt<Top>(loadLanes<N>(x + g * N), out.d * float(out.scale[g]), out.dmin * float(out.min[g]),
                           out.q + g * N);
}

} // namespace nibble
