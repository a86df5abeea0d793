// Quantized activations as halves, for matmul_matrix: each value's scale * code, shrunk so that no model's exceed the
// range of halves (include/halves.glsl). One invocation a chunk of 32 columns: reads 40 bytes, writes 64.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
#define ACTIVATIONS_BINDING 0
#include "activations.glsl"
#include "halves.glsl"

layout(set = 0, binding = 2, std430) writeonly buffer Halves { uvec4 halves[]; };
layout(push_constant) uniform Push { uint chunks; }; // of all rows

/// Four signed bytes, in the order of halves.
uvec2 halvesOf(uint word, float factor) {
    const int v = int(word);
    const vec4 x = vec4(bitfieldExtract(v, 0, 8), bitfieldExtract(v, 16, 8), bitfieldExtract(v, 8, 8),
                        bitfieldExtract(v, 24, 8)) * factor;
    return uvec2(packHalf2x16(x.xy), packHalf2x16(x.zw));
}

void main() {
    const uint at = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (at >= chunks) return;
    const float factor = loadInputFactors(at).x * kShrink;
    for (uint i = 0; i < 2; ++i) {
        const uvec4 codes = inputCodes[2 * at + i];
        halves[4 * at + 2 * i] = uvec4(halvesOf(codes.x, factor), halvesOf(codes.y, factor));
        halves[4 * at + 2 * i + 1] = uvec4(halvesOf(codes.z, factor), halvesOf(codes.w, factor));
    }
}
