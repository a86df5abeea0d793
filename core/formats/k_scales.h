// The 12 bytes in which Q4_K and Q5_K keep eight 6-bit scales and eight 6-bit mins. Private to core/formats.
#pragma once

#include <cstdint>
#include <formats/format.h>

namespace nibble {

/// Groups 0..3 lie whole in the low six bits of bytes g (scale) and g + 4 (min). Groups 4..7 have their low four bits
/// in byte g + 4 (scale low, min high) and their high two in bits 6 and 7 of bytes g - 4 (scale) and g (min).
inline void unpackScalesAndMins(const uint8_t* from, CodeBlock& out) {
    for (int g = 0; g < 4; ++g) {
        out.scale[g] = int8_t(from[g] & 63);
        out.min[g] = from[g + 4] & 63;
        out.scale[g + 4] = int8_t((from[g + 8] & 15) | from[g] >> 6 << 4);
        out.min[g + 4] = uint8_t(from[g + 8] >> 4 | from[g + 4] >> 6 << 4);
    }
}

inline void packScalesAndMins(const CodeBlock& code, uint8_t* to) {
    for (int g = 0; g < 4; ++g) {
        to[g] = uint8_t(code.scale[g] | code.scale[g + 4] >> 4 << 6);
        to[g + 4] = uint8_t(code.min[g] | code.min[g + 4] >> 4 << 6);
        to[g + 8] = uint8_t((code.scale[g + 4] & 15) | (code.min[g + 4] & 15) << 4);
    }
}

} // namespace nibble
