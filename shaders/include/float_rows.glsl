// Reads rows of F32, F16 or BF16 weights and of f32 activations, four columns at once.
// Before including: #define WEIGHTS_BINDING and INPUT_BINDING.
#ifndef NIBBLE_FLOAT_ROWS
#define NIBBLE_FLOAT_ROWS

layout(constant_id = 0) const uint kFloatType = 0; // 0: F32, 1: F16, 2: BF16
layout(constant_id = 1) const uint kVector = 1;    // 1: rows on both sides start at multiples of four columns

#include "weights.glsl"
layout(set = 0, binding = INPUT_BINDING, std430) readonly buffer Input1 { float input1[]; };
layout(set = 0, binding = INPUT_BINDING, std430) readonly buffer Input4 { vec4 input4[]; };

vec2 twoFloats(uint word) {
    return kFloatType == 1 ? unpackHalf2x16(word) : uintBitsToFloat(uvec2(word << 16, word & 0xffff0000u));
}
float weightAt(uint at) {
    return kFloatType == 0 ? uintBitsToFloat(weights1[at]) : twoFloats(weights1[at / 2])[at & 1];
}
/// Columns column .. column + 3 of a row of `cols` that starts at value `row`; zeros beyond its end.
vec4 loadWeights4(uint row, uint column, uint cols) {
    if (kVector == 1) {
        const uint i = (row + column) / 4;
        if (kFloatType == 0) return uintBitsToFloat(weights4[i]);
        const uvec2 words = weights2[i];
        return vec4(twoFloats(words.x), twoFloats(words.y));
    }
    vec4 w = vec4(0);
    for (uint i = 0; i < min(4, cols - column); ++i) w[i] = weightAt(row + column + i);
    return w;
}
vec4 loadInput4(uint row, uint column, uint cols) {
    if (kVector == 1) return input4[(row + column) / 4];
    vec4 x = vec4(0);
    for (uint i = 0; i < min(4, cols - column); ++i) x[i] = input1[row + column + i];
    return x;
}

#endif
