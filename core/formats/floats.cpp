// F32, F16 (IEEE half) and BF16 (the upper half of an f32), little-endian, one weight per block. F16 overflows beyond
// 65504 and loses bits below 6e-5; BF16 has f32's range and 8 bits of precision. Encoding to F16 saturates.
#include <cmath>
#include <formats/affine.h>
#include <formats/lanes.h>

namespace nibble {

namespace {

float finite(float w) { return std::isnan(w) ? 0.f : std::fmin(std::fmax(w, -3.4028235e38f), 3.4028235e38f); }

void decodeF32(const void* src, float* dst, int64_t n) { std::memcpy(dst, src, std::size_t(n) * sizeof(float)); }
void encodeF32(const float* src, void* dst, int64_t n, const float*) {
    auto* to = static_cast<uint8_t*>(dst);
    for (int64_t i = 0; i < n; ++i) storeU32(to + 4 * i, std::bit_cast<uint32_t>(finite(src[i])));
}

/// f16ToF32 without branches, eight at a time.
NIBBLE_INLINE F8 eightF16(const uint8_t* from) {
    using Halves = uint16_t __attribute__((vector_size(16)));
    using Words = uint32_t __attribute__((vector_size(32)));
    Halves halves;
    std::memcpy(&halves, from, sizeof halves);
    const Words h = __builtin_convertvector(halves, Words), exponent = h & 0x7c00u;
    Words bits = ((h & 0x7fffu) << 13) + ((127u - 15u) << 23);
    const Words shifted = bits + (1u << 23);
    F8 subnormal;
    std::memcpy(&subnormal, &shifted, sizeof subnormal);
    subnormal -= 0x1p-14f;
    Words subnormalBits;
    std::memcpy(&subnormalBits, &subnormal, sizeof subnormalBits);

    bits += exponent == 0x7c00u ? Words{} + ((128u - 16u) << 23) : Words{};              // infinity and NaN
    bits |= exponent == 0x7c00u && (h & 0x3ffu) != 0u ? Words{} + 0x00400000u : Words{}; // quiet
    bits = (exponent == 0u ? subnormalBits : bits) | (h & 0x8000u) << 16;
    F8 out;
    std::memcpy(&out, &bits, sizeof out);
    return out;
}

NIBBLE_AVX2_CLONE void decodeF16(const void* src, float* dst, int64_t n) {
    const auto* from = static_cast<const uint8_t*>(src);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const F8 eight = eightF16(from + 2 * i);
        std::memcpy(dst + i, &eight, sizeof eight);
    }
    for (; i < n; ++i) dst[i] = loadF16(from + 2 * i);
}
void encodeF16(const float* src, void* dst, int64_t n, const float*) {
    auto* to = static_cast<uint8_t*>(dst);
    for (int64_t i = 0; i < n; ++i) storeU16(to + 2 * i, f16Saturate(src[i]));
}

void decodeBf16(const void* src, float* dst, int64_t n) {
    const auto* from = static_cast<const uint8_t*>(src);
    for (int64_t i = 0; i < n; ++i) dst[i] = bf16ToF32(loadU16(from + 2 * i));
}
void encodeBf16(const float* src, void* dst, int64_t n, const float*) {
    constexpr float kLargest = 0x1.fep127f; // what rounds up from here is infinity
    auto* to = static_cast<uint8_t*>(dst);
    for (int64_t i = 0; i < n; ++i)
        storeU16(to + 2 * i, f32ToBf16(std::fmin(std::fmax(finite(src[i]), -kLargest), kLargest)));
}

} // namespace

const Format kF32 = {
    .id = FormatId::F32, .name = "F32", .blockSize = 1, .blockBytes = 4, .decode = decodeF32, .encode = encodeF32};
const Format kF16 = {
    .id = FormatId::F16, .name = "F16", .blockSize = 1, .blockBytes = 2, .decode = decodeF16, .encode = encodeF16};
const Format kBF16 = {
    .id = FormatId::BF16, .name = "BF16", .blockSize = 1, .blockBytes = 2, .decode = decodeBf16, .encode = encodeBf16};

} // namespace nibble
