// How 32 codes become words of a plane of bits: the bit order that the CPU's panels and the layout of GPUs share.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace nibble {

// The words of 32 codes. (GCC ignores a vector_size that depends on a template's parameter.)
template<int kBits>
struct PlaneWords;
template<>
struct PlaneWords<1> {
    using Type = uint32_t;
};
template<>
struct PlaneWords<2> {
    using Type = uint32_t __attribute__((vector_size(8)));
};
template<>
struct PlaneWords<4> {
    using Type = uint32_t __attribute__((vector_size(16)));
};
template<>
struct PlaneWords<8> {
    using Type = uint32_t __attribute__((vector_size(32)));
};

/// Bits `shift` and up of 32 codes: the codes 4s .. 4s + 3 become the bytes of (word[s % kBits] >> (s / kBits * kBits))
/// & mask. Codes of 8 bits become signed bytes. kBits: 1, 2, 4 or 8.
template<int kBits>
inline std::array<uint32_t, kBits> planeWords(const uint8_t* codes, int shift) {
    using Words = typename PlaneWords<kBits>::Type;
    static_assert(sizeof(Words) == 4 * kBits);
    constexpr uint32_t kMask = 0x01010101u * ((1u << kBits) - 1);
    Words words = {};
#pragma GCC unroll 8
    for (int k = 0; k < 8 / kBits; ++k) {
        Words part;
        std::memcpy(&part, codes + k * 4 * kBits, sizeof part);
        words |= (part >> shift & kMask) << (k * kBits);
    }
    if (kBits == 8) words ^= 0x80808080u;
    std::array<uint32_t, kBits> result;
    std::memcpy(result.data(), &words, sizeof words);
    return result;
}

/// The codes of a block of `chunks` times 32 in a plane of lowBits and one of highBits (0: none) above them:
/// low(chunk, words) and high(chunk, words) put the words of a chunk where a layout wants them.
template<class Low, class High>
void splitPlanes(int lowBits, int highBits, const uint8_t* codes, int chunks, const Low& low, const High& high) {
    const auto plane = [&]<int kBits>(std::integral_constant<int, kBits>, int shift, const auto& put) {
        for (int c = 0; c < chunks; ++c) put(c, planeWords<kBits>(codes + 32 * c, shift));
    };
    if (lowBits == 2) plane(std::integral_constant<int, 2>(), 0, low);
    if (lowBits == 4) plane(std::integral_constant<int, 4>(), 0, low);
    if (lowBits == 8) plane(std::integral_constant<int, 8>(), 0, low);
    if (highBits == 1) plane(std::integral_constant<int, 1>(), lowBits, high);
    if (highBits == 2) plane(std::integral_constant<int, 2>(), lowBits, high);
}

} // namespace nibble
