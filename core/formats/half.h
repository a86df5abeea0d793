// Conversions between f32 and the 16-bit floats of weight files. Round to nearest even; NaN stays a quiet NaN.
#pragma once

#include <bit>
#include <cstdint>

namespace nibble {

inline float f16ToF32(uint16_t h) {
    // Moves exponent and mantissa into place; the exponents 31 (infinity, NaN) and 0 (subnormal) need a second step.
    const uint32_t sign = uint32_t(h & 0x8000u) << 16;
    const uint32_t exponent = h & 0x7c00u;
    uint32_t bits = (uint32_t(h & 0x7fffu) << 13) + ((127u - 15u) << 23);
    if (exponent == 0x7c00u) {
        bits += (128u - 16u) << 23;
        if (h & 0x3ffu) bits |= 0x00400000u; // quiet
    } else if (exponent == 0) {
        bits = std::bit_cast<uint32_t>(std::bit_cast<float>(bits + (1u << 23)) - 0x1p-14f);
    }
    return std::bit_cast<float>(bits | sign);
}

/// Values beyond 65504 become infinity; use f16Saturate where a block scale must stay finite.
inline uint16_t f32ToF16(float f) {
    const uint32_t bits = std::bit_cast<uint32_t>(f);
    const uint16_t sign = uint16_t((bits >> 16) & 0x8000u);
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return uint16_t(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) return uint16_t(sign | 0x7c00u); // 65520 and more round to infinity
    if (magnitude < 0x38800000u) {
        // Subnormal: adding 0.5 lets the adder round at the last bit of a half, 2^-24.
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return uint16_t(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
    }
    const uint32_t odd = (magnitude >> 13) & 1u;
    return uint16_t(sign | ((magnitude - ((127u - 15u) << 23) + 0xfffu + odd) >> 13));
}

/// Not a number becomes 0.
inline uint16_t f16Saturate(float f) {
    if (f != f) return 0;
    return f32ToF16(f > 65504.f ? 65504.f : f < -65504.f ? -65504.f : f);
}

inline float bf16ToF32(uint16_t b) { return std::bit_cast<float>(uint32_t(b) << 16); }

inline uint16_t f32ToBf16(float f) {
    const uint32_t bits = std::bit_cast<uint32_t>(f);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return uint16_t((bits >> 16) | 0x40u);
    return uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

} // namespace nibble
