// Everything in f32 but attention, written once over the vector operations of simd_x86.h or simd_neon.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <compute/cpu/simd_target.h>

namespace nibble {

namespace {

/// e^x to 2 units in the last place; 0 below -87, and x above 88 counts as 88. e^x = 2^n * e^r, |r| <= ln(2) / 2, e^r
/// by its Taylor series, ln(2) in two parts so that r is exact.
inline Floats exponential(Floats x) {
    const Floats lowest = broadcast(-87.0f);
    const Floats clamped = larger(smaller(x, broadcast(88.0f)), lowest);
    const Floats n = roundNearest(times(clamped, broadcast(1.44269504f)));
    Floats r = multiplySubtract(n, broadcast(0.693359375f), clamped);
    r = multiplySubtract(n, broadcast(-2.12194440e-4f), r);
    Floats p = broadcast(1.0f / 5040);
    for (float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = multiplyAdd(p, r, broadcast(c));
    return whereAtLeast(x, lowest, times(p, powerOfTwo(n)));
}
inline Floats sigmoid(Floats x) {
    const Floats one = broadcast(1);
    return over(one, plus(one, exponential(minus(zeroFloats(), x))));
}
/// cap * tanh(x / cap)
inline Floats softcapped(Floats x, float cap) {
    const Floats twice = times(x, broadcast(2 / cap));
    return times(multiplyAdd(sigmoid(twice), broadcast(2), broadcast(-1)), broadcast(cap));
}

/// f(load, store) over n values in vectors, the last ones through a padded copy.
template<int kInputs, class F>
inline void forVectors(const float* const (&in)[kInputs], float* out, int64_t n, F f) {
    Floats x[kInputs];
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (int k = 0; k < kInputs; ++k) x[k] = load(in[k] + i);
        store(out + i, f(x));
    }
    if (i == n) return;
    float rest[8] = {};
    for (int k = 0; k < kInputs; ++k) {
        for (int64_t j = i; j < n; ++j) rest[j - i] = in[k][j];
        x[k] = load(rest);
    }
    store(rest, f(x));
    for (int64_t j = i; j < n; ++j) out[j] = rest[j - i];
}

void rmsNorm(const float* in, const float* weight, float eps, int64_t n, float* out) {
    Floats a = zeroFloats(), b = zeroFloats();
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        a = multiplyAdd(load(in + i), load(in + i), a);
        b = multiplyAdd(load(in + i + 8), load(in + i + 8), b);
    }
    float squares = sumOf(plus(a, b));
    for (; i < n; ++i) squares += in[i] * in[i];
    const Floats factor = broadcast(1 / std::sqrt(squares / float(n) + eps));
    if (weight)
        forVectors<2>({in, weight}, out, n, [&](const Floats* x) { return times(times(x[0], factor), x[1]); });
    else
        forVectors<1>({in}, out, n, [&](const Floats* x) { return times(x[0], factor); });
}

void rope(RopeKind kind, float* head, const float* cos, const float* sin, int64_t n) {
    int64_t i = 0;
    if (kind == RopeKind::Norm) {
        for (; i + 4 <= n; i += 4) store(head + 2 * i, rotatePairs(load(head + 2 * i), cos + i, sin + i));
    } else {
        for (; i + 8 <= n; i += 8) {
            const Floats a = load(head + i), b = load(head + n + i), c = load(cos + i), s = load(sin + i);
            store(head + i, multiplySubtract(b, s, times(a, c)));
            store(head + n + i, multiplyAdd(a, s, times(b, c)));
        }
    }
    for (; i < n; ++i) {
        float& a = head[kind == RopeKind::Norm ? 2 * i : i];
        float& b = head[kind == RopeKind::Norm ? 2 * i + 1 : i + n];
        const float turned = a * cos[i] - b * sin[i];
        b = a * sin[i] + b * cos[i];
        a = turned;
    }
}

void gated(Activation activation, const float* gate, const float* up, float* out, int64_t n) {
    if (activation == Activation::Silu)
        return forVectors<2>({gate, up}, out, n,
                             [](const Floats* x) { return times(times(x[0], sigmoid(x[0])), x[1]); });
    if (activation == Activation::Sigmoid)
        return forVectors<2>({gate, up}, out, n, [](const Floats* x) { return times(sigmoid(x[0]), x[1]); });
    if (activation == Activation::SwigluOai)
        return forVectors<2>({gate, up}, out, n, [](const Floats* x) {
            const Floats limit = broadcast(kSwigluLimit), g = smaller(x[0], limit);
            const Floats u = larger(smaller(x[1], limit), broadcast(-kSwigluLimit));
            return times(times(g, sigmoid(times(g, broadcast(kSwigluSteepness)))), plus(u, broadcast(1)));
        });
    // 0.5 * (1 + tanh(y)) = sigmoid(2 y)
    forVectors<2>({gate, up}, out, n, [](const Floats* x) {
        const Floats cube = times(times(x[0], x[0]), x[0]);
        const Floats y = times(multiplyAdd(cube, broadcast(0.044715f), x[0]), broadcast(2 * 0.7978845608f));
        return times(times(x[0], sigmoid(y)), x[1]);
    });
}

void add(const float* a, const float* b, float factor, float* out, int64_t n) {
    forVectors<2>({a, b}, out, n, [&](const Floats* x) { return multiplyAdd(broadcast(factor), x[1], x[0]); });
}

void scale(float* x, float factor, float cap, int64_t n) {
    if (cap > 0)
        forVectors<1>({x}, x, n, [&](const Floats* v) { return softcapped(times(v[0], broadcast(factor)), cap); });
    else
        forVectors<1>({x}, x, n, [&](const Floats* v) { return times(v[0], broadcast(factor)); });
}

// --- Products with float weights. kFloatRows rows are made f32 and transposed in scratch, kFloatCols columns at a
// time, so that one value of x is multiplied with a vector of rows and nothing is left to be summed across.

template<FormatId kFormat>
inline Floats loadWeights(const std::byte* row, int64_t i) {
    if constexpr (kFormat == FormatId::F32) return load(reinterpret_cast<const float*>(row) + i);
    if constexpr (kFormat == FormatId::F16) return loadF16(row + i * 2);
    return loadBf16(row + i * 2);
}
template<FormatId kFormat>
inline float weightAt(const std::byte* row, int64_t i) {
    uint32_t bits = 0;
    if constexpr (kFormat == FormatId::F32) {
        std::memcpy(&bits, row + i * 4, 4);
    } else {
        std::memcpy(&bits, row + i * 2, 2);
        if constexpr (kFormat == FormatId::F16) return halfToFloat(uint16_t(bits));
        bits <<= 16;
    }
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}

/// kRows rows from `row` for one token.
template<FormatId kFormat, int kRows>
void floatRow(const std::byte* weights, int64_t rowBytes, int64_t cols, int64_t row, const float* x,
              const ProductTarget& target) {
    // Two accumulators a row: with one, each addition would wait for the one before.
    const int64_t half = cols / 16 * 8;
    const std::byte *first[kRows], *second[kRows];
    constexpr int64_t kBytes = kFormat == FormatId::F32 ? 4 : 2;
    for (int r = 0; r < kRows; ++r) {
        first[r] = weights + (row + r) * rowBytes;
        second[r] = first[r] + half * kBytes;
    }
    Floats a[kRows], b[kRows];
    for (int r = 0; r < kRows; ++r) a[r] = b[r] = zeroFloats();
    for (int64_t i = 0; i < half; i += 8) {
        const Floats v = load(x + i), u = load(x + half + i);
        for (int r = 0; r < kRows; ++r) {
            a[r] = multiplyAdd(loadWeights<kFormat>(first[r], i), v, a[r]);
            b[r] = multiplyAdd(loadWeights<kFormat>(second[r], i), u, b[r]);
        }
    }
    float results[kRows];
    for (int r = 0; r < kRows; ++r) {
        results[r] = sumOf(plus(a[r], b[r]));
        for (int64_t i = 2 * half; i < cols; ++i) results[r] += weightAt<kFormat>(first[r], i) * x[i];
    }
    storeRows(target, 0, row, kRows, results);
}

/// Columns [col, col + n) of `rows` rows from `row` on as f32 (n, kFloatRows), the rows that are not there as zeros.
template<FormatId kFormat>
void decodeTransposed(const std::byte* weights, int64_t rowBytes, int64_t row, int rows, int64_t col, int64_t n,
                      float* out) {
    if (rows < kFloatRows) std::fill_n(out, n * kFloatRows, 0.0f);
    const auto rowAt = [&](int r) { return weights + (row + r) * rowBytes; };
    for (int r = 0; r < rows; r += 8) {
        int64_t i = 0;
        for (; r + 8 <= rows && i + 8 <= n; i += 8) {
            Floats eight[8];
            for (int k = 0; k < 8; ++k) eight[k] = loadWeights<kFormat>(rowAt(r + k), col + i);
            storeTransposed(eight, out + i * kFloatRows + r, kFloatRows);
        }
        for (; i < n; ++i)
            for (int k = r; k < std::min(r + 8, rows); ++k)
                out[i * kFloatRows + k] = weightAt<kFormat>(rowAt(k), col + i);
    }
}

/// results (kTokens, kFloatRows) += x . weights (n, kFloatRows)
template<int kTokens>
void floatTile(const float* weights, const float* const (&x)[kTokens], int64_t n, float* results) {
    constexpr int kVectors = kFloatRows / kFloatWidth;
    TileFloats totals[kVectors][kTokens];
    for (int v = 0; v < kVectors; ++v)
        for (int t = 0; t < kTokens; ++t) totals[v][t] = loadTile(results + t * kFloatRows + v * kFloatWidth);
    for (int64_t i = 0; i < n; ++i) {
        TileFloats w[kVectors];
        for (int v = 0; v < kVectors; ++v) w[v] = loadTile(weights + i * kFloatRows + v * kFloatWidth);
        for (int t = 0; t < kTokens; ++t) {
            const TileFloats value = broadcastTile(x[t][i]);
            for (int v = 0; v < kVectors; ++v) totals[v][t] = multiplyAdd(w[v], value, totals[v][t]);
        }
    }
    for (int v = 0; v < kVectors; ++v)
        for (int t = 0; t < kTokens; ++t) store(results + t * kFloatRows + v * kFloatWidth, totals[v][t]);
}

/// Columns [col, col + n) of `tokens` rows of x from `token` on.
void floatTiles(const float* weights, const InputRows& x, int64_t token, int64_t tokens, int64_t col, int64_t n,
                float* results) {
    int64_t t = 0;
    const auto multiply = [&]<int kTokens>() {
        for (; t + kTokens <= tokens; t += kTokens) {
            const float* in[kTokens];
            for (int i = 0; i < kTokens; ++i) in[i] = x.row(token + t + i) + col;
            floatTile<kTokens>(weights, in, n, results + t * kFloatRows);
        }
    };
    multiply.template operator()<kFloatTokens>();
    multiply.template operator()<2>();
    multiply.template operator()<1>();
}

template<FormatId kFormat>
void floatProductOf(const std::byte* weights, int64_t cols, int64_t begin, int64_t end, const InputRows& x,
                    int64_t tokens, const ProductTarget& target, float* scratch) {
    const int64_t rowBytes = cols * (kFormat == FormatId::F32 ? 4 : 2);
    if (tokens == 1) {
        int64_t row = begin;
        for (; row + 4 <= end; row += 4) floatRow<kFormat, 4>(weights, rowBytes, cols, row, x.row(0), target);
        for (; row < end; ++row) floatRow<kFormat, 1>(weights, rowBytes, cols, row, x.row(0), target);
        return;
    }
    float* const decoded = scratch;                           // (kFloatCols, kFloatRows)
    float* const results = scratch + kFloatCols * kFloatRows; // (tokens, kFloatRows)
    for (int64_t row = begin; row < end; row += kFloatRows) {
        const int rows = int(std::min<int64_t>(kFloatRows, end - row));
        for (int64_t token = 0; token < tokens; token += kTileTokens) {
            const int64_t n = std::min<int64_t>(kTileTokens, tokens - token);
            std::fill_n(results, n * kFloatRows, 0.0f);
            for (int64_t col = 0; col < cols; col += kFloatCols) {
                const int64_t width = std::min<int64_t>(kFloatCols, cols - col);
                if (token == 0 || cols > kFloatCols)
                    decodeTransposed<kFormat>(weights, rowBytes, row, rows, col, width, decoded);
                floatTiles(decoded, x, token, n, col, width, results);
            }
            for (int64_t t = 0; t < n; ++t) storeRows(target, token + t, row, rows, results + t * kFloatRows);
        }
    }
}

void floatProduct(FormatId format, const std::byte* rows, int64_t cols, int64_t begin, int64_t end, const InputRows& x,
                  int64_t tokens, const ProductTarget& target, float* scratch) {
    static_assert((kFloatCols + kTileTokens) * kFloatRows * sizeof(float) <= kMatmulScratch);
    const auto product = format == FormatId::F32   ? floatProductOf<FormatId::F32>
                         : format == FormatId::F16 ? floatProductOf<FormatId::F16>
                                                   : floatProductOf<FormatId::BF16>;
    product(rows, cols, begin, end, x, tokens, target, scratch);
}

} // namespace

} // namespace nibble
