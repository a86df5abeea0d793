// The 16 rows of a tile (two panels) in one vector of 512 bits, for AVX-512: half the instructions of simd_tile8.h.
// Included after simd_x86.h.
#pragma once

#include <immintrin.h>

namespace nibble {

namespace {

constexpr int kTileVectors = 1, kTileTokensAtOnce = 8;
using TileFloats = __m512;
using TileCodes = __m512i;
using TileSums = __m512i;
using TileScales = __m512i;
inline TileFloats loadTile(const float* p) { return _mm512_loadu_ps(p); }
inline TileFloats broadcastTile(float x) { return _mm512_set1_ps(x); }
inline void store(float* p, TileFloats x) { _mm512_storeu_ps(p, x); }
inline TileFloats times(TileFloats a, TileFloats b) { return _mm512_mul_ps(a, b); }
inline TileFloats multiplyAdd(TileFloats a, TileFloats b, TileFloats c) { return _mm512_fmadd_ps(a, b, c); }
inline TileFloats multiplySubtract(TileFloats a, TileFloats b, TileFloats c) { return _mm512_fnmadd_ps(a, b, c); }
inline TileCodes loadTileCodes(const void* p) { return _mm512_loadu_si512(p); }
inline TileScales loadTileScales(const void* p) { return _mm512_loadu_si512(p); }
inline TileSums zeroTileSums() { return _mm512_setzero_si512(); }
inline TileSums addSums(TileSums a, TileSums b) { return _mm512_add_epi32(a, b); }
// Masked by nothing, as GCC 12 warns of what the plain intrinsic leaves undefined.
inline TileFloats toFloats(TileSums x) { return _mm512_maskz_cvtepi32_ps(0xffff, x); }

/// As the one for eight rows in simd_x86.h.
template<int kFlush, int kSteps, bool kScaled, int kVectors, int kTokens, class CodeAt>
[[gnu::always_inline]] inline void addProducts(TileSums (&sums)[kVectors][kTokens], CodeAt codeAt,
                                               const int8_t* const (&x)[kTokens],
                                               const TileScales (&scales)[kVectors]) {
    static_assert(kVectors == 1);
    TileSums part[kTokens];
    for (int t = 0; t < kTokens; ++t) part[t] = kScaled ? _mm512_setzero_si512() : sums[0][t];
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
        const TileCodes codes = codeAt(0, step);
        for (int t = 0; t < kTokens; ++t) {
            int32_t four;
            std::memcpy(&four, x[t] + 4 * step, 4);
            part[t] = _mm512_dpbusd_epi32(part[t], codes, _mm512_set1_epi32(four));
        }
    }
    for (int t = 0; t < kTokens; ++t)
        sums[0][t] = kScaled ? _mm512_add_epi32(sums[0][t], _mm512_mullo_epi32(part[t], scales[0])) : part[t];
}

// Products with float weights: two vectors of rows by eight tokens.
constexpr int kFloatWidth = 16, kFloatRows = 32, kFloatTokens = 8, kFloatCols = 192;

} // namespace

} // namespace nibble
