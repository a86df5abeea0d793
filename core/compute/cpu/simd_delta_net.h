// The recurrence of a gated delta net over the vector operations of simd_x86.h or simd_neon.h: some columns of the
// state at a time, whose sums stay in registers.
#pragma once

#include <compute/cpu/delta_net.h>
#include <compute/cpu/simd_float.h>

namespace nibble {

namespace {

/// 1 / |x|, of n values.
inline float inverseLength(const float* x, int n) {
    Floats squares = zeroFloats();
    int i = 0;
    for (; i + 8 <= n; i += 8) squares = multiplyAdd(load(x + i), load(x + i), squares);
    float sum = sumOf(squares);
    for (; i < n; ++i) sum += x[i] * x[i];
    return 1 / std::sqrt(sum + kDeltaNetEps);
}

/// One token of 8 * kVectors columns from `column` on.
template<int kVectors>
inline void deltaNetColumns(const DeltaNetHead& h, int64_t t, int column, float keyScale, float queryScale,
                            float* state) {
    const float *q = h.q + t * h.stride, *k = h.k + t * h.stride, *v = h.v + t * h.stride + column;
    const float decay = h.decay[t * h.gateStride], beta = h.beta[t * h.gateStride];
    Floats sums[kVectors];
    for (int j = 0; j < kVectors; ++j) sums[j] = zeroFloats();
    for (int i = 0; i < h.keyDim; ++i) {
        const float* row = state + int64_t(i) * h.valueDim + column;
        const Floats key = broadcast(k[i]);
        for (int j = 0; j < kVectors; ++j) sums[j] = multiplyAdd(key, load(row + 8 * j), sums[j]);
    }
    Floats change[kVectors], out[kVectors];
    for (int j = 0; j < kVectors; ++j) {
        const Floats known = times(sums[j], broadcast(decay * keyScale));
        change[j] = times(minus(load(v + 8 * j), known), broadcast(beta * keyScale));
        out[j] = zeroFloats();
    }
    for (int i = 0; i < h.keyDim; ++i) {
        float* row = state + int64_t(i) * h.valueDim + column;
        const Floats key = broadcast(k[i]), query = broadcast(q[i]);
        for (int j = 0; j < kVectors; ++j) {
            const Floats s = multiplyAdd(key, change[j], times(load(row + 8 * j), broadcast(decay)));
            store(row + 8 * j, s);
            out[j] = multiplyAdd(query, s, out[j]);
        }
    }
    float* to = h.out + t * h.outStride + column;
    for (int j = 0; j < kVectors; ++j) store(to + 8 * j, times(out[j], broadcast(queryScale)));
}

void deltaNet(const DeltaNetHead& h, float* state) {
    for (int64_t t = 0; t < h.tokens; ++t) {
        const float keyScale = inverseLength(h.k + t * h.stride, h.keyDim);
        const float queryScale = inverseLength(h.q + t * h.stride, h.keyDim) / std::sqrt(float(h.keyDim));
        int column = 0;
        for (; column + 32 <= h.valueDim; column += 32) deltaNetColumns<4>(h, t, column, keyScale, queryScale, state);
        for (; column + 8 <= h.valueDim; column += 8) deltaNetColumns<1>(h, t, column, keyScale, queryScale, state);
        if (column < h.valueDim) deltaNetRest(h, t, column, state);
    }
}

void silu(float* x, int64_t n) {
    forVectors<1>({x}, x, n, [](const Floats* v) { return times(v[0], sigmoid(v[0])); });
}

} // namespace

} // namespace nibble
