// What the affine formats share: fields of a block in memory, and decoding from the common form.
// Private to core/formats.
#pragma once

#include <cstring>
#include <formats/half.h>
#include <formats/table.h>

namespace nibble {

// Blocks lie at any address: fields are copied, never cast.
inline uint16_t loadU16(const uint8_t* from) {
    uint16_t value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
inline uint32_t loadU32(const uint8_t* from) {
    uint32_t value;
    std::memcpy(&value, from, sizeof value);
    return value;
}
inline void storeU16(uint8_t* to, uint16_t value) { std::memcpy(to, &value, sizeof value); }
inline void storeU32(uint8_t* to, uint32_t value) { std::memcpy(to, &value, sizeof value); }
inline float loadF16(const uint8_t* from) { return f16ToF32(loadU16(from)); }

/// 32 codes from 16 bytes: weight j in the low half of byte j, weight j + 16 in the high half.
inline void unpackNibbles(const uint8_t* from, uint8_t* q) {
    for (int j = 0; j < 16; ++j) {
        q[j] = from[j] & 15;
        q[j + 16] = from[j] >> 4;
    }
}
inline void packNibbles(const uint8_t* q, uint8_t* to) {
    for (int j = 0; j < 16; ++j) to[j] = uint8_t((q[j] & 15) | (q[j + 16] & 15) << 4);
}

/// A block of f16 d and 16 bytes of 32 codes: Q4_0, IQ4_NL.
inline void unpackScaledNibbles(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    unpackNibbles(block + 2, out.q);
}
inline void packScaledNibbles(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    packNibbles(code.q, block + 2);
}

/// Bit 4 of 32 codes from (and to) the bits of one number.
inline void addFifthBits(uint32_t bits, uint8_t* q) {
    for (int j = 0; j < 32; ++j) q[j] |= uint8_t((bits >> j & 1) << 4);
}
inline uint32_t fifthBits(const uint8_t* q) {
    uint32_t bits = 0;
    for (int j = 0; j < 32; ++j) bits |= uint32_t(q[j] >> 4 & 1) << j;
    return bits;
}

/// 256 two-bit codes from 64 bytes: per 32 bytes 128 weights, bits 2k of byte l belong to weight 32 * k + l.
inline void unpackPairs(const uint8_t* from, uint8_t* q) {
    for (int half = 0; half < 2; ++half)
        for (int k = 0; k < 4; ++k)
            for (int l = 0; l < 32; ++l) q[128 * half + 32 * k + l] = from[32 * half + l] >> (2 * k) & 3;
}
inline void packPairs(const uint8_t* q, uint8_t* to) {
    for (int half = 0; half < 2; ++half, q += 128)
        for (int l = 0; l < 32; ++l)
            to[32 * half + l] =
                uint8_t((q[l] & 3) | (q[l + 32] & 3) << 2 | (q[l + 64] & 3) << 4 | (q[l + 96] & 3) << 6);
}

/// Decodes `n` weights of format F through its unpack(). All traits are constants here, so the loops vectorise.
template<const Format& F>
void decodeAffine(const void* src, float* dst, int64_t n) {
    const auto* block = static_cast<const uint8_t*>(src);
    CodeBlock code;
    for (int64_t done = 0; done < n; done += F.blockSize, block += F.blockBytes) {
        F.unpack(block, code);
        for (unsigned g = 0; g < F.blockSize / F.groupSize; ++g) {
            const float d = F.hasScale ? code.d * float(code.scale[g]) : code.d;
            const float m = F.hasMin ? code.dmin * float(code.min[g]) : 0.f;
            const uint8_t* q = code.q + g * F.groupSize;
            for (unsigned j = 0; j < F.groupSize; ++j) {
                const float w = d * float(F.table ? int(F.table[q[j]]) : int(q[j]) - F.offset);
                *dst++ = F.hasMin ? w - m : w;
            }
        }
    }
}

} // namespace nibble
