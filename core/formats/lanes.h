// Eight floats at a time, for the encoders: GCC's vector types, so that one source serves SSE, AVX2 and NEON.
// Private to core/formats.
//
// The order of every addition is fixed by these types and the folder is compiled without fused multiply-adds: each
// machine writes the same file.
#pragma once

#include <base/avx2_clone.h>
#include <cstdint>
#include <cstring>

namespace nibble {

using F4 = float __attribute__((vector_size(16)));
using F8 = float __attribute__((vector_size(32)));
using I8 = int32_t __attribute__((vector_size(32)));

NIBBLE_INLINE F8 all(float value) { return F8{} + value; }
NIBBLE_INLINE F8 min8(F8 a, F8 b) { return a < b ? a : b; }
NIBBLE_INLINE F8 max8(F8 a, F8 b) { return a > b ? a : b; }
NIBBLE_INLINE F8 abs8(F8 a) { return max8(a, -a); }
/// Halves are folded onto each other: 8 lanes to 4 to 2 to 1.
NIBBLE_INLINE float sum8(F8 a) {
    const F4 four = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    const F4 two = four + __builtin_shufflevector(four, four, 2, 3, 2, 3);
    return two[0] + two[1];
}
NIBBLE_INLINE float largest8(F8 a) {
    const F4 low = __builtin_shufflevector(a, a, 0, 1, 2, 3), high = __builtin_shufflevector(a, a, 4, 5, 6, 7);
    const F4 four = low > high ? low : high, folded = __builtin_shufflevector(four, four, 2, 3, 2, 3);
    const F4 two = four > folded ? four : folded;
    return two[0] > two[1] ? two[0] : two[1];
}
/// To the nearest integer, ties to even; |a| < 2^22.
NIBBLE_INLINE F8 round8(F8 a) {
    constexpr float kShift = 0x1.8p23f; // floats of this size have no fraction bits
    return (a + kShift) - kShift;
}

/// N numbers in vectors.
template<int N>
struct Lanes {
    static constexpr int kVectors = N / 8;
    F8 v[kVectors];
    NIBBLE_INLINE F8& operator[](int i) { return v[i]; }
    NIBBLE_INLINE const F8& operator[](int i) const { return v[i]; }
};

template<int N>
NIBBLE_INLINE Lanes<N> loadLanes(const float* from) {
    Lanes<N> out;
    std::memcpy(out.v, from, sizeof out.v);
    return out;
}

/// The code bytes of N whole numbers 0..255.
template<int N>
NIBBLE_INLINE void storeCodes(const Lanes<N>& codes, uint8_t* to) {
    using Bytes = uint8_t __attribute__((vector_size(8)));
    for (int i = 0; i < Lanes<N>::kVectors; ++i) {
        const Bytes bytes = __builtin_convertvector(__builtin_convertvector(codes[i], I8), Bytes);
        std::memcpy(to + 8 * i, &bytes, sizeof bytes);
    }
}

} // namespace nibble
