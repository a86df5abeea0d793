// The vector operations that the kernels in simd_*.h are written in, for x86: AVX2 + FMA + F16C, and with AVX-VNNI or
// AVX-512 VNNI its byte products on the same 256-bit vectors. Included by one .cpp per instruction set, which is
// compiled with its flags; all of it is in an unnamed namespace, so that no other file can end up calling code of the
// wrong set.
#pragma once

#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace nibble {

namespace {

/// Asks for a cache line that will be read soon; any address.
inline void prefetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

// --- Eight floats.
using Floats = __m256;
inline Floats zeroFloats() { return _mm256_setzero_ps(); }
inline Floats broadcast(float x) { return _mm256_set1_ps(x); }
inline Floats load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, Floats x) { _mm256_storeu_ps(p, x); }
inline Floats plus(Floats a, Floats b) { return _mm256_add_ps(a, b); }
inline Floats minus(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
inline Floats times(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats over(Floats a, Floats b) { return _mm256_div_ps(a, b); }
inline Floats larger(Floats a, Floats b) { return _mm256_max_ps(a, b); }
inline Floats smaller(Floats a, Floats b) { return _mm256_min_ps(a, b); }
inline Floats absolute(Floats a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
/// a * b + c, and c - a * b.
inline Floats multiplyAdd(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline Floats multiplySubtract(Floats a, Floats b, Floats c) { return _mm256_fnmadd_ps(a, b, c); }
inline float sumOf(Floats a) {
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
inline float largestOf(Floats a) {
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}
inline Floats loadF16(const void* p) { return _mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(p))); }
inline void storeF16(void* p, Floats x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
inline float halfToFloat(uint16_t h) { return _cvtsh_ss(h); }
inline uint16_t floatToHalf(float f) { return _cvtss_sh(f, _MM_FROUND_TO_NEAREST_INT); }
inline Floats loadBf16(const void* p) {
    const __m256i x = _mm256_cvtepu16_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(x, 16));
}
/// Eight signed bytes.
inline Floats loadI8(const void* p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p))));
}
/// 2^(e - 128) of eight bytes e; exponents below 2 give subnormal numbers.
inline Floats loadExponents(const void* p) {
    const __m256i e = _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
    const __m256i normal = _mm256_slli_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), 23);
    const __m256i tiny = _mm256_sllv_epi32(_mm256_set1_epi32(0x00200000), e);
    const __m256i isTiny = _mm256_cmpgt_epi32(_mm256_set1_epi32(2), e);
    return _mm256_castsi256_ps(_mm256_blendv_epi8(normal, tiny, isTiny));
}
/// 2^n of whole numbers n in -126..127.
inline Floats powerOfTwo(Floats n) {
    const __m256i e = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(e, 23));
}
inline Floats roundNearest(Floats x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// x where a >= b, else 0.
inline Floats whereAtLeast(Floats a, Floats b, Floats x) { return _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ), x); }
/// Rotates pairs (2i, 2i+1): x * cos + (-x1, x0) * sin, cos and sin of four pairs.
inline Floats rotatePairs(Floats x, const float* cos, const float* sin) {
    const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    const Floats c = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(cos)), twice);
    const Floats s = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(sin)), twice);
    const Floats swapped = _mm256_permute_ps(x, 0xb1);
    return _mm256_fmaddsub_ps(x, c, _mm256_mul_ps(swapped, s));
}
/// Writes the transpose of eight vectors: out[j * stride + i] = rows[i][j].
inline void storeTransposed(const Floats rows[8], float* out, int64_t stride) {
    Floats t[8], u[8];
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        u[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        u[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        u[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; ++i) {
        store(out + i * stride, _mm256_permute2f128_ps(u[i], u[i + 4], 0x20));
        store(out + (i + 4) * stride, _mm256_permute2f128_ps(u[i], u[i + 4], 0x31));
    }
}

// --- 32 bytes: the codes of eight rows x four columns, and the sums of their products, 32 bit per row.
using Codes = __m256i;
using Sums = __m256i;
inline Codes loadCodes(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline void storeCodes(void* p, Codes x) { _mm256_storeu_si256(static_cast<__m256i*>(p), x); }
/// Of every byte `bits` bits from bit `from`, moved to bit `to`.
inline Codes bitsOf(Codes x, int bits, int from, int to) {
    if (from > to) x = _mm256_srli_epi16(x, from - to);
    if (from < to) x = _mm256_slli_epi16(x, to - from);
    return _mm256_and_si256(x, _mm256_set1_epi8(char(((1 << bits) - 1) << to)));
}
inline Codes bitOr(Codes a, Codes b) { return _mm256_or_si256(a, b); }
inline Codes flipSigns(Codes x) { return _mm256_xor_si256(x, _mm256_set1_epi8(char(0x80))); }
inline Codes loadTable(const int8_t table[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}
inline Codes lookUp(Codes table, Codes codes) { return _mm256_shuffle_epi8(table, codes); }
/// Four activations for all rows.
inline Codes broadcastFour(const int8_t* x) {
    int32_t four;
    std::memcpy(&four, x, 4);
    return _mm256_set1_epi32(four);
}
inline Sums zeroSums() { return _mm256_setzero_si256(); }
inline Sums onesSums() { return _mm256_set1_epi32(1); }
inline Sums addSums(Sums a, Sums b) { return _mm256_add_epi32(a, b); }
inline Floats toFloats(Sums x) { return _mm256_cvtepi32_ps(x); }
/// Eight bytes, one a row.
inline Sums loadSigned(const void* p) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p))); }
inline Sums loadUnsigned(const void* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
}
inline Sums lowNibbles(Sums x) { return _mm256_and_si256(x, _mm256_set1_epi32(15)); }
inline Sums highNibbles(Sums x) { return _mm256_srli_epi32(x, 4); }
/// Scales as addProducts wants them: here 16 bit, twice a row.
using Scales = __m256i;
inline void storeScales(void* p, Scales x) { storeCodes(p, x); }
inline Scales loadScales(const void* p) { return loadCodes(p); }
/// 32 activations to codes: rounds x * factor. Returns the sums of the two halves.
inline void quantize32(const float* x, float factor, int8_t* codes, int sums[2]) {
    __m256i q[4];
    for (int i = 0; i < 4; ++i) q[i] = _mm256_cvtps_epi32(_mm256_mul_ps(load(x + 8 * i), broadcast(factor)));
    const __m256i words01 = _mm256_packs_epi32(q[0], q[1]), words23 = _mm256_packs_epi32(q[2], q[3]);
    const __m256i bytes = _mm256_packs_epi16(words01, words23); // groups of four in the order 0 2 4 6 1 3 5 7
    storeCodes(codes, _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
    const __m256i ones = _mm256_set1_epi16(1);
    const auto total = [](__m256i v) {
        __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
        return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
    };
    sums[0] = total(_mm256_madd_epi16(words01, ones));
    sums[1] = total(_mm256_madd_epi16(words23, ones));
}

#if defined(__AVXVNNI__) || (defined(__AVX512VNNI__) && defined(__AVX512VL__))

// One instruction multiplies unsigned codes with activations and sums in 32 bits: no code is too wide for it.
constexpr bool kSplitsWide = false;
constexpr bool kWideRowsSigned = false, kWideTilesSigned = false;
inline __m256i addByteProducts(__m256i sums, Codes codes, Codes x) {
#if defined(__AVXVNNI__)
    return _mm256_dpbusd_avx_epi32(sums, codes, x);
#else
    return _mm256_dpbusd_epi32(sums, codes, x);
#endif
}
inline Scales toScales(Sums x) { return x; }
inline Scales timesSixteen(Scales x) { return _mm256_slli_epi32(x, 4); }

/// sums[p][t] += scales[p] * sum over steps of codeAt(p, step) . x[t][4 * step ...]; without kScaled all scales are 1.
template<int kFlush, int kSteps, bool kScaled, int kPanels, int kTokens, class CodeAt>
[[gnu::always_inline]] inline void addProducts(Sums (&sums)[kPanels][kTokens], CodeAt codeAt,
                                               const int8_t* const (&x)[kTokens], const Scales (&scales)[kPanels]) {
    __m256i part[kPanels][kTokens];
    for (int p = 0; p < kPanels; ++p)
        for (int t = 0; t < kTokens; ++t) part[p][t] = kScaled ? _mm256_setzero_si256() : sums[p][t];
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
        Codes codes[kPanels];
        for (int p = 0; p < kPanels; ++p) codes[p] = codeAt(p, step);
        for (int t = 0; t < kTokens; ++t) {
            const Codes four = broadcastFour(x[t] + 4 * step);
            for (int p = 0; p < kPanels; ++p) part[p][t] = addByteProducts(part[p][t], codes[p], four);
        }
    }
    for (int p = 0; p < kPanels; ++p)
        for (int t = 0; t < kTokens; ++t)
            sums[p][t] = kScaled ? _mm256_add_epi32(sums[p][t], _mm256_mullo_epi32(part[p][t], scales[p])) : part[p][t];
}

#else

// Products are summed in 16 bits, which hold kFlush steps of them, then multiplied by the scales into 32 bits. Codes of
// 8 bits are too wide even for one step: tiles split them into nibbles, rows multiply them with the signs on the other
// side.
constexpr bool kSplitsWide = true;
constexpr bool kWideRowsSigned = true, kWideTilesSigned = false;
inline Scales toScales(Sums x) {
    return _mm256_or_si256(_mm256_slli_epi32(x, 16), _mm256_and_si256(x, _mm256_set1_epi32(0xffff)));
}
inline Scales timesSixteen(Scales x) { return _mm256_slli_epi16(x, 4); }

/// sums[p][t] += scales[p] * sum over steps of codeAt(p, step) . x[t][4 * step ...]; without kScaled all scales are 1.
template<int kFlush, int kSteps, bool kScaled, int kPanels, int kTokens, class CodeAt>
[[gnu::always_inline]] inline void addProducts(Sums (&sums)[kPanels][kTokens], CodeAt codeAt,
                                               const int8_t* const (&x)[kTokens], const Scales (&scales)[kPanels]) {
    constexpr int kRun = kFlush < kSteps ? kFlush : kSteps;
#pragma GCC unroll 8
    for (int first = 0; first < kSteps; first += kRun) {
        __m256i part[kPanels][kTokens];
#pragma GCC unroll 8
        for (int step = 0; step < kRun; ++step) {
            Codes codes[kPanels];
            for (int p = 0; p < kPanels; ++p) codes[p] = codeAt(p, first + step);
            for (int t = 0; t < kTokens; ++t) {
                const Codes four = broadcastFour(x[t] + 4 * (first + step));
                for (int p = 0; p < kPanels; ++p) {
                    const __m256i products = _mm256_maddubs_epi16(codes[p], four);
                    part[p][t] = step == 0 ? products : _mm256_add_epi16(part[p][t], products);
                }
            }
        }
        for (int p = 0; p < kPanels; ++p)
            for (int t = 0; t < kTokens; ++t)
                sums[p][t] = _mm256_add_epi32(sums[p][t], _mm256_madd_epi16(part[p][t], scales[p]));
    }
}

/// The same for one row of activations and codes that are signed bytes.
template<int kSteps, class CodeAt>
[[gnu::always_inline]] inline Sums addSignedProducts(Sums sums, CodeAt codeAt, const int8_t* x, Scales scales) {
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
        const Codes codes = codeAt(0, step);
        const __m256i signedX = _mm256_sign_epi8(broadcastFour(x + 4 * step), codes);
        const __m256i products = _mm256_maddubs_epi16(_mm256_abs_epi8(codes), signedX);
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(products, scales));
    }
    return sums;
}

#endif

} // namespace

} // namespace nibble
