// The search for scales of symmetric codes, x = s * T[q] (search.h). Private to core/formats.
#pragma once

#include <formats/half.h>
#include <formats/search.h>

namespace nibble {

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

/// The scale for a group on its own: of `trials` roundings around that which puts the extreme weight at the end of the
/// range, `step` (relative) apart, and half as many with the signs swapped.
template<class Values, int N>
NIBBLE_INLINE ScaleFit searchScale(const Lanes<N>& x, const Lanes<N>& w, int trials, float step) {
    const float extreme = signedExtreme(x);
    if (std::fabs(extreme) < kNothing) return {};
    const float usual = Values::kLow / extreme, swapped = Values::kHigh / extreme;
    ScaleFit best = roundAndFit<Values>(x, w, usual);
    auto attempt = [&](float inverseScale) __attribute__((always_inline)) {
        const ScaleFit fit = roundAndFit<Values>(x, w, inverseScale);
        const bool better = fit.gain() > best.gain();
        if (better) best = fit;
        return better;
    };
    for (int t = 1; t <= trials / 2; ++t) {
        attempt(usual * (1 - float(t) * step));
        attempt(usual * (1 + float(t) * step));
    }
    for (int t = -trials / 4; t <= trials / 4; ++t) attempt(swapped * (1 + float(t) * step));
    for (int round = 0; round < 2; ++round)
        if (!attempt(inverse(best.scale()))) break;
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

} // namespace nibble
