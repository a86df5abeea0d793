// The KV cache of a layer: per head `capacity` rows, position p in row p % capacity. A row of dim values is
//   F32   uvec4 per four values      F16   uvec2 per four values      Q8_0   per 32 values nine words: the scale (f32,
//   rounded to f16 as the file format has it), then 32 signed bytes. Rows are padded with zeros to whole units.
#ifndef NIBBLE_KV
#define NIBBLE_KV

#include "math.glsl"

const uint kF16 = 0, kQ8 = 1, kF32 = 2; // as KvFormat

/// Four values of a row of F16 (the first two words) or F32.
uvec4 kvWords(uint format, vec4 x) {
    if (format == kF32) return floatBitsToUint(x);
    return uvec4(packHalf2x16(vec2(roundToHalf(x[0]), roundToHalf(x[1]))),
                 packHalf2x16(vec2(roundToHalf(x[2]), roundToHalf(x[3]))), 0, 0);
}

/// Words of a row.
uint kvRowWords(uint format, uint dim) {
    return format == kQ8 ? (dim + 31) / 32 * 9 : (dim + 3) / 4 * (format == kF16 ? 2 : 4);
}

vec4 signedBytes(uint word) {
    return vec4(bitfieldExtract(int(word), 0, 8), bitfieldExtract(int(word), 8, 8), bitfieldExtract(int(word), 16, 8),
                bitfieldExtract(int(word), 24, 8));
}

#endif
