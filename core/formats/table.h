// The formats' descriptions, one per file of this folder. Private to core/formats; others ask formats().
#pragma once

#include <formats/format.h>

namespace nibble {

extern const Format kF32, kF16, kBF16, kQ8_0, kQ4_0, kQ4_1, kQ5_0, kQ5_1, kQ2_K, kQ3_K, kQ4_K, kQ5_K, kQ6_K, kIQ4_NL,
    kIQ4_XS, kMXFP4;

/// The 16 values of IQ4_NL and IQ4_XS: denser near zero, where weights are.
inline constexpr int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

} // namespace nibble
