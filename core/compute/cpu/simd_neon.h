// The vector operations that the kernels in simd_*.h are written in, for ARM: NEON with the dot product instructions of
// ARMv8.2 (sdot), as pairs of 128-bit vectors. Included by neon.cpp only.
#pragma once

#include <arm_neon.h>
#include <cstdint>
#include <cstring>

namespace nibble {

namespace {

inline void prefetch(const void* p) { __builtin_prefetch(p); }

// --- Eight floats.
struct Floats {
    float32x4_t a, b;
};
inline Floats zeroFloats() { return {vdupq_n_f32(0), vdupq_n_f32(0)}; }
inline Floats broadcast(float x) { return {vdupq_n_f32(x), vdupq_n_f32(x)}; }
inline float32x4_t loadFour(const float* p) {
    return vreinterpretq_f32_u8(vld1q_u8(reinterpret_cast<const uint8_t*>(p))); // any address
}
inline Floats load(const float* p) { return {loadFour(p), loadFour(p + 4)}; }
inline void store(float* p, Floats x) {
    vst1q_f32(p, x.a);
    vst1q_f32(p + 4, x.b);
}
inline Floats plus(Floats x, Floats y) { return {vaddq_f32(x.a, y.a), vaddq_f32(x.b, y.b)}; }
inline Floats minus(Floats x, Floats y) { return {vsubq_f32(x.a, y.a), vsubq_f32(x.b, y.b)}; }
inline Floats times(Floats x, Floats y) { return {vmulq_f32(x.a, y.a), vmulq_f32(x.b, y.b)}; }
inline Floats over(Floats x, Floats y) { return {vdivq_f32(x.a, y.a), vdivq_f32(x.b, y.b)}; }
inline Floats larger(Floats x, Floats y) { return {vmaxq_f32(x.a, y.a), vmaxq_f32(x.b, y.b)}; }
inline Floats smaller(Floats x, Floats y) { return {vminq_f32(x.a, y.a), vminq_f32(x.b, y.b)}; }
inline Floats absolute(Floats x) { return {vabsq_f32(x.a), vabsq_f32(x.b)}; }
/// x * y + z, and z - x * y.
inline Floats multiplyAdd(Floats x, Floats y, Floats z) { return {vfmaq_f32(z.a, x.a, y.a), vfmaq_f32(z.b, x.b, y.b)}; }
inline Floats multiplySubtract(Floats x, Floats y, Floats z) {
    return {vfmsq_f32(z.a, x.a, y.a), vfmsq_f32(z.b, x.b, y.b)};
}
inline float sumOf(Floats x) { return vaddvq_f32(vaddq_f32(x.a, x.b)); }
inline float largestOf(Floats x) { return vmaxvq_f32(vmaxq_f32(x.a, x.b)); }
inline Floats loadF16(const void* p) {
    const float16x8_t h = vreinterpretq_f16_u8(vld1q_u8(static_cast<const uint8_t*>(p)));
    return {vcvt_f32_f16(vget_low_f16(h)), vcvt_f32_f16(vget_high_f16(h))};
}
inline void storeF16(void* p, Floats x) {
    const float16x8_t h = vcombine_f16(vcvt_f16_f32(x.a), vcvt_f16_f32(x.b));
    vst1q_u8(static_cast<uint8_t*>(p), vreinterpretq_u8_f16(h));
}
inline float halfToFloat(uint16_t h) { return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(h))), 0); }
inline uint16_t floatToHalf(float f) { return vget_lane_u16(vreinterpret_u16_f16(vcvt_f16_f32(vdupq_n_f32(f))), 0); }
inline Floats loadBf16(const void* p) {
    const uint16x8_t h = vreinterpretq_u16_u8(vld1q_u8(static_cast<const uint8_t*>(p)));
    return {vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(h), 16)),
            vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(h), 16))};
}
/// x where y >= z, else 0.
inline Floats whereAtLeast(Floats y, Floats z, Floats x) {
    return {vreinterpretq_f32_u32(vandq_u32(vcgeq_f32(y.a, z.a), vreinterpretq_u32_f32(x.a))),
            vreinterpretq_f32_u32(vandq_u32(vcgeq_f32(y.b, z.b), vreinterpretq_u32_f32(x.b)))};
}
inline Floats roundNearest(Floats x) { return {vrndnq_f32(x.a), vrndnq_f32(x.b)}; }
/// 2^n of whole numbers n in -126..127.
inline Floats powerOfTwo(Floats n) {
    const auto power = [](float32x4_t v) {
        return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(v), vdupq_n_s32(127)), 23));
    };
    return {power(n.a), power(n.b)};
}
/// Rotates pairs (2i, 2i+1), cos and sin of four pairs.
inline Floats rotatePairs(Floats x, const float* cos, const float* sin) {
    const float32x4_t c = loadFour(cos), s = loadFour(sin);
    const float32x4x2_t pairs = vuzpq_f32(x.a, x.b); // the first of each pair, the second
    const float32x4_t first = vfmsq_f32(vmulq_f32(pairs.val[0], c), pairs.val[1], s);
    const float32x4_t second = vfmaq_f32(vmulq_f32(pairs.val[1], c), pairs.val[0], s);
    const float32x4x2_t mixed = vzipq_f32(first, second);
    return {mixed.val[0], mixed.val[1]};
}
/// Writes the transpose of eight vectors: out[j * stride + i] = rows[i][j].
inline void storeTransposed(const Floats rows[8], float* out, int64_t stride) {
    for (int half = 0; half < 2; ++half)
        for (int i = 0; i < 8; i += 4) {
            float32x4_t r[4];
            for (int j = 0; j < 4; ++j) r[j] = half == 0 ? rows[i + j].a : rows[i + j].b;
            const float32x4x2_t t01 = vtrnq_f32(r[0], r[1]), t23 = vtrnq_f32(r[2], r[3]);
            float* to = out + half * 4 * stride + i;
            vst1q_f32(to, vcombine_f32(vget_low_f32(t01.val[0]), vget_low_f32(t23.val[0])));
            vst1q_f32(to + stride, vcombine_f32(vget_low_f32(t01.val[1]), vget_low_f32(t23.val[1])));
            vst1q_f32(to + 2 * stride, vcombine_f32(vget_high_f32(t01.val[0]), vget_high_f32(t23.val[0])));
            vst1q_f32(to + 3 * stride, vcombine_f32(vget_high_f32(t01.val[1]), vget_high_f32(t23.val[1])));
        }
}

// --- 32 bytes: the codes of eight rows x four columns, and the sums of their products, 32 bit per row.
struct Codes {
    uint8x16_t a, b;
};
struct Sums {
    int32x4_t a, b;
};
inline Codes loadCodes(const void* p) {
    const auto* bytes = static_cast<const uint8_t*>(p);
    return {vld1q_u8(bytes), vld1q_u8(bytes + 16)};
}
inline void storeCodes(void* p, Codes x) {
    vst1q_u8(static_cast<uint8_t*>(p), x.a);
    vst1q_u8(static_cast<uint8_t*>(p) + 16, x.b);
}
/// Of every byte `bits` bits from bit `from`, moved to bit `to`.
inline Codes bitsOf(Codes x, int bits, int from, int to) {
    const int8x16_t shift = vdupq_n_s8(int8_t(to - from));
    const uint8x16_t mask = vdupq_n_u8(uint8_t(((1 << bits) - 1) << to));
    return {vandq_u8(vshlq_u8(x.a, shift), mask), vandq_u8(vshlq_u8(x.b, shift), mask)};
}
inline Codes bitOr(Codes x, Codes y) { return {vorrq_u8(x.a, y.a), vorrq_u8(x.b, y.b)}; }
inline Codes flipSigns(Codes x) {
    const uint8x16_t sign = vdupq_n_u8(0x80);
    return {veorq_u8(x.a, sign), veorq_u8(x.b, sign)};
}
inline Codes loadTable(const int8_t table[16]) {
    const uint8x16_t t = vreinterpretq_u8_s8(vld1q_s8(table));
    return {t, t};
}
inline Codes lookUp(Codes table, Codes codes) { return {vqtbl1q_u8(table.a, codes.a), vqtbl1q_u8(table.b, codes.b)}; }
inline Sums zeroSums() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
inline Sums onesSums() { return {vdupq_n_s32(1), vdupq_n_s32(1)}; }
inline Sums addSums(Sums x, Sums y) { return {vaddq_s32(x.a, y.a), vaddq_s32(x.b, y.b)}; }
inline Floats toFloats(Sums x) { return {vcvtq_f32_s32(x.a), vcvtq_f32_s32(x.b)}; }
/// Eight bytes, one a row.
inline Sums loadSigned(const void* p) {
    const int16x8_t x = vmovl_s8(vld1_s8(static_cast<const int8_t*>(p)));
    return {vmovl_s16(vget_low_s16(x)), vmovl_s16(vget_high_s16(x))};
}
inline Sums loadUnsigned(const void* p) {
    const int16x8_t x = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(static_cast<const uint8_t*>(p))));
    return {vmovl_s16(vget_low_s16(x)), vmovl_s16(vget_high_s16(x))};
}
inline Floats loadI8(const void* p) { return toFloats(loadSigned(p)); }
inline Sums lowNibbles(Sums x) { return {vandq_s32(x.a, vdupq_n_s32(15)), vandq_s32(x.b, vdupq_n_s32(15))}; }
inline Sums highNibbles(Sums x) { return {vshrq_n_s32(x.a, 4), vshrq_n_s32(x.b, 4)}; }
/// 2^(e - 128) of eight bytes e; exponents below 2 give subnormal numbers.
inline Floats loadExponents(const void* p) {
    const Sums e = loadUnsigned(p);
    const auto power = [](int32x4_t v) {
        const int32x4_t normal = vshlq_n_s32(vsubq_s32(v, vdupq_n_s32(1)), 23);
        const int32x4_t tiny = vshlq_s32(vdupq_n_s32(0x00200000), v);
        return vreinterpretq_f32_s32(vbslq_s32(vcltq_s32(v, vdupq_n_s32(2)), tiny, normal));
    };
    return {power(e.a), power(e.b)};
}
/// Scales as addProducts wants them.
using Scales = Sums;
inline Scales toScales(Sums x) { return x; }
inline Scales timesSixteen(Scales x) { return {vshlq_n_s32(x.a, 4), vshlq_n_s32(x.b, 4)}; }
inline void storeScales(void* p, Scales x) { storeCodes(p, {vreinterpretq_u8_s32(x.a), vreinterpretq_u8_s32(x.b)}); }
inline Scales loadScales(const void* p) {
    const Codes x = loadCodes(p);
    return {vreinterpretq_s32_u8(x.a), vreinterpretq_s32_u8(x.b)};
}
/// 32 activations to codes: rounds x * factor. Returns the sums of the two halves.
inline void quantize32(const float* x, float factor, int8_t* codes, int sums[2]) {
    for (int half = 0; half < 2; ++half) {
        int16x4_t q[4];
        for (int i = 0; i < 4; ++i)
            q[i] = vmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(loadFour(x + half * 16 + i * 4), factor)));
        const int8x16_t bytes = vcombine_s8(vmovn_s16(vcombine_s16(q[0], q[1])), vmovn_s16(vcombine_s16(q[2], q[3])));
        vst1q_s8(codes + half * 16, bytes);
        sums[half] = vaddlvq_s8(bytes);
    }
}

// Codes are signed to sdot: those of fewer than 8 bits are not negative, those of 8 bits are kept signed.
constexpr bool kSplitsWide = false;
constexpr bool kWideRowsSigned = true, kWideTilesSigned = true;

/// sums[p][t] += scales[p] * sum over steps of codeAt(p, step) . x[t][4 * step ...]; without kScaled all scales are 1.
template<int kFlush, int kSteps, bool kScaled, int kPanels, int kTokens, class CodeAt>
[[gnu::always_inline]] inline void addProducts(Sums (&sums)[kPanels][kTokens], CodeAt codeAt,
                                               const int8_t* const (&x)[kTokens], const Scales (&scales)[kPanels]) {
    Sums part[kPanels][kTokens];
    for (int p = 0; p < kPanels; ++p)
        for (int t = 0; t < kTokens; ++t) part[p][t] = kScaled ? zeroSums() : sums[p][t];
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
        Codes codes[kPanels];
        for (int p = 0; p < kPanels; ++p) codes[p] = codeAt(p, step);
        for (int t = 0; t < kTokens; ++t) {
            int32_t four;
            std::memcpy(&four, x[t] + 4 * step, 4);
            const int8x16_t all = vreinterpretq_s8_s32(vdupq_n_s32(four));
            for (int p = 0; p < kPanels; ++p) {
                part[p][t].a = vdotq_s32(part[p][t].a, vreinterpretq_s8_u8(codes[p].a), all);
                part[p][t].b = vdotq_s32(part[p][t].b, vreinterpretq_s8_u8(codes[p].b), all);
            }
        }
    }
    for (int p = 0; p < kPanels; ++p)
        for (int t = 0; t < kTokens; ++t) {
            if constexpr (!kScaled) {
                sums[p][t] = part[p][t];
                continue;
            }
            sums[p][t].a = vmlaq_s32(sums[p][t].a, part[p][t].a, scales[p].a);
            sums[p][t].b = vmlaq_s32(sums[p][t].b, part[p][t].b, scales[p].b);
        }
}

/// The same for one row of activations.
template<int kSteps, class CodeAt>
[[gnu::always_inline]] inline Sums addSignedProducts(Sums sums, CodeAt codeAt, const int8_t* x, Scales scales) {
    Sums total[1][1] = {{sums}};
    const int8_t* const rows[1] = {x};
    const Scales all[1] = {scales};
    addProducts<8, kSteps, true, 1, 1>(total, codeAt, rows, all);
    return total[0][0];
}

} // namespace

} // namespace nibble
