// How the encoders choose scales: the weighted search of notes/quantization 4.1. Private to core/formats.
//
// A group of N weights x shares one scale s (and, in affine formats, one min m). For given codes the best s and m are a
// least-squares fit, so the search runs over roundings: a few trial scales round the weights, each is scored by the
// error its fit would leave, and the winner is polished by rounding with the fit itself. Formats that store the scales
// of a block as integers then choose d (and dmin), the integers and the codes in turn, each the best for the others.
#pragma once

#include <cmath>
#include <formats/half.h>
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

NIBBLE_INLINE const float* at(const float* importance, int64_t i) { return importance ? importance + i : nullptr; }

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

/// Fills `w` for a block of N finite weights. `importance` may be null. Never all zero.
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

/// The largest magnitude of a group, with its sign.
template<int N>
NIBBLE_INLINE float signedExtreme(const Lanes<N>& x) {
    F8 low = x[0], high = x[0];
    for (int i = 1; i < Lanes<N>::kVectors; ++i) {
        low = min8(low, x[i]);
        high = max8(high, x[i]);
    }
    const float most = largest8(high), least = -largest8(-low);
    return most > -least ? most : least;
}

NIBBLE_INLINE float inverse(float a) { return std::fabs(a) > 1e-30f ? 1 / a : 0; }

// --- Symmetric codes: x = s * T[q].

/// T[q] = q + Low for whole numbers Low..High.
template<int Low, int High>
struct WholeNumbers {
    static constexpr float kLow = Low, kHigh = High;
    static NIBBLE_INLINE F8 value(F8 v) { return round8(min8(max8(v, all(kLow)), all(kHigh))); }
    static NIBBLE_INLINE F8 code(F8 v) { return value(v) - kLow; }
};

/// T = kIq4Values.
struct Iq4Values {
    static constexpr float kLow = -127, kHigh = 113;
    static constexpr float middle(int i) { return 0.5f * float(kIq4Values[i] + kIq4Values[i + 1]); }
    static NIBBLE_INLINE F8 value(F8 v) {
        F8 out = all(kLow);
        for (int i = 0; i < 15; ++i) out += v > all(middle(i)) ? all(float(kIq4Values[i + 1] - kIq4Values[i])) : F8{};
        return out;
    }
    static NIBBLE_INLINE F8 code(F8 v) {
        I8 out{};
        for (int i = 0; i < 15; ++i) out -= v > all(middle(i));
        return __builtin_convertvector(out, F8);
    }
};

/// The sums that fit a scale to given codes.
struct ScaleFit {
    float xt = 0, tt = 0; // sums of w x T and w T T
    NIBBLE_INLINE float scale() const { return tt > 0 ? xt / tt : 0; }
    /// How much the best scale takes off the error.
    NIBBLE_INLINE float gain() const { return tt > 0 ? xt * xt / tt : 0; }
};

template<class Values, int N>
NIBBLE_INLINE ScaleFit roundAndFit(const Lanes<N>& x, const Lanes<N>& w, float inverseScale) {
    F8 xt{}, tt{};
    for (int i = 0; i < Lanes<N>::kVectors; ++i) {
        const F8 t = Values::value(x[i] * inverseScale), wt = w[i] * t;
        xt += wt * x[i];
        tt += wt * t;
    }
    return {sum8(xt), sum8(tt)};
}

/// The scale for a group on its own. `trials` roundings around that which puts the extreme weight at the end of the
/// range, `step` (relative) apart, and half as many with the signs swapped.
template<class Values, int N>
NIBBLE_INLINE ScaleFit searchScale(const Lanes<N>& x, const Lanes<N>& w, int trials, float step) {
    const float extreme = signedExtreme(x);
    if (std::fabs(extreme) < kNothing) return {};
    ScaleFit best;
    auto attempt = [&](float inverseScale) __attribute__((always_inline)) {
        const ScaleFit fit = roundAndFit<Values>(x, w, inverseScale);
        if (fit.gain() > best.gain()) best = fit;
    };
    const float usual = Values::kLow / extreme, swapped = Values::kHigh / extreme;
    for (int t = -trials / 2; t <= trials / 2; ++t) attempt(usual * (1 + float(t) * step));
    for (int t = -trials / 4; t <= trials / 4; ++t) attempt(swapped * (1 + float(t) * step));
    for (int round = 0; round < 2; ++round) attempt(inverse(best.scale()));
    return best;
}

template<class Values, int N>
NIBBLE_INLINE void codesAt(const Lanes<N>& x, float scale, uint8_t* q) {
    const float inv = inverse(scale);
    Lanes<N> codes;
    for (int i = 0; i < Lanes<N>::kVectors; ++i) codes[i] = Values::code(x[i] * inv);
    storeCodes<N>(codes, q);
}

/// A block that is one group, with d alone.
template<class Values, int N>
NIBBLE_INLINE void searchBlock(const float* src, const float* importance, const Search& search, CodeBlock& out) {
    alignas(32) float x[N], w[N];
    loadFinite<N>(src, x);
    fillWeights<N>(search.weighting, x, importance, w);
    const Lanes<N> lanes = loadLanes<N>(x);
    out.d = f16ToF32(f16Saturate(searchScale<Values>(lanes, loadLanes<N>(w), search.trials, search.step).scale()));
    codesAt<Values>(lanes, out.d, out.q);
}

/// The error that rounding with a scale leaves.
template<class Values, int N>
NIBBLE_INLINE float errorAt(const Lanes<N>& x, const Lanes<N>& w, float scale) {
    const float inv = inverse(scale);
    F8 error{};
    for (int i = 0; i < Lanes<N>::kVectors; ++i) {
        const F8 e = x[i] - scale * Values::value(x[i] * inv);
        error += w[i] * e * e;
    }
    return sum8(error);
}

/// A block of `Groups` groups whose scales are d times whole numbers ScaleLow .. -ScaleLow - 1.
template<class Values, int Groups, int N, int ScaleLow>
NIBBLE_INLINE void searchScaledBlock(const float* src, const float* importance, const Search& search, CodeBlock& out) {
    alignas(32) float x[Groups * N], w[Groups * N];
    loadFinite<Groups * N>(src, x);
    fillWeights<Groups * N>(search.weighting, x, importance, w);
    float scale[Groups], extreme = 0;
    for (int g = 0; g < Groups; ++g) {
        scale[g] =
            searchScale<Values>(loadLanes<N>(x + g * N), loadLanes<N>(w + g * N), search.trials, search.step).scale();
        if (std::fabs(scale[g]) > std::fabs(extreme)) extreme = scale[g];
    }
    float d = f16ToF32(f16Saturate(extreme / ScaleLow)); // the extreme one becomes ScaleLow
    float bestError = INFINITY;
    for (int round = 0; round < 3; ++round) {
        // Whole numbers for this d, each the best of three; then the d that fits them.
        const float inv = inverse(d);
        int8_t whole[Groups];
        float error = 0;
        ScaleFit fit;
        for (int g = 0; g < Groups; ++g) {
            const Lanes<N> xg = loadLanes<N>(x + g * N), wg = loadLanes<N>(w + g * N);
            const float middle = std::nearbyintf(scale[g] * inv);
            float least = INFINITY;
            for (float s = middle - 1; s <= middle + 1; ++s) {
                if (s < ScaleLow || s > -ScaleLow - 1) continue;
                const float e = errorAt<Values>(xg, wg, d * s);
                if (e < least) {
                    least = e;
                    whole[g] = int8_t(s);
                }
            }
            error += least;
            const ScaleFit own = roundAndFit<Values>(xg, wg, inverse(d * float(whole[g])));
            fit.xt += own.xt * float(whole[g]);
            fit.tt += own.tt * float(whole[g]) * float(whole[g]);
        }
        if (error < bestError) {
            bestError = error;
            out.d = d;
            std::memcpy(out.scale, whole, Groups);
        }
        d = f16ToF32(f16Saturate(fit.scale()));
        if (d == out.d) break;
    }
    for (int g = 0; g < Groups; ++g)
        codesAt<Values>(loadLanes<N>(x + g * N), out.d * float(out.scale[g]), out.q + g * N);
}

// --- Affine codes: x = s * q - m, q in 0..Top, m >= 0 where formats store it so.

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
