// Quantizes activations that no kernel quantized as it wrote them: include/quantize.glsl. One invocation a chunk of 32
// columns: reads 128 bytes, writes 40 a term; no invocation needs another.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kVector = 1; // 1: rows of x are 16-byte aligned
#define QUANTIZED_BINDING 1
#define TERMS_CONSTANT 1
#include "quantize.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Input1 { float x1[]; };
layout(set = 0, binding = 0, std430) readonly buffer Input4 { vec4 x4[]; };
layout(push_constant) uniform Push { uint at, stride, chunks, rows; }; // of x in floats; chunks of a row

vec4 load4(uint at) {
    if (kVector == 1) return x4[at / 4];
    return vec4(x1[at], x1[at + 1], x1[at + 2], x1[at + 3]);
}

void main() {
    const uint i = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (i >= rows * chunks) return;
    const uint first = at + i / chunks * stride + i % chunks * 32;
    vec4 x[8];
    for (int s = 0; s < 8; ++s) x[s] = load4(first + 4 * s);
    storeQuantized(i, x);
}
