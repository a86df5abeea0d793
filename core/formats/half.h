// Conversions between f32 and the 16-bit floats of weight files. Round to nearest even; NaN stays a quiet NaN.
#pragma once

#include <bit>
#include <cstdint>

namespace nibble {

float f16ToF32(uint16_t h);
/// Values beyond 65504 become infinity; use f16Saturate where a block scale must stay finite.
uint16_t f32ToF16(float f);
uint16_t f16Saturate(float f);
inline float bf16ToF32(uint16_t b) { return std::bit_cast<float>(uint32_t(b) << 16); }
uint16_t f32ToBf16(float f);

} // namespace nibble
