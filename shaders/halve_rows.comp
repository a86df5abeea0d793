// Quantized activations as halves, for matmul_matrix: each value, the sum of its terms' scale * code, shrunk so that no model's exceed the
// range of halves (include/halves.glsl). One invocation a chunk of 32 columns: reads 40 bytes, writes 64.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
#define ACTIVATIONS_BINDING 0
#define TERMS_CONSTANT 0
#include "activations.glsl"
#include "halves.glsl"

layout(set = 0, binding = 2, std430) writeonly buffer Halves { uvec4 halves[]; };
layout(push_constant) uniform Push { uint chunks; }; // of all rows

/// Four signed bytes, in the order of halves.
vec4 valuesOf(uint word) {
    const int v = int(word);
    return vec4(bitfieldExtract(v, 0, 8), bitfieldExtract(v, 16, 8), bitfieldExtract(v, 8, 8), bitfieldExtract(v, 24, 8));
}

void main() {
    const uint at = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (at >= chunks) return;
    for (uint i = 0; i < 2; ++i) {
        vec4 x[4] = vec4[4](vec4(0), vec4(0), vec4(0), vec4(0));
        for (uint term = at * kTerms; term < (at + 1) * kTerms; ++term) {
            const uvec4 codes = inputCodes[2 * term + i];
            const float factor = loadInputFactors(term).x * kShrink;
            for (uint w = 0; w < 4; ++w) x[w] += valuesOf(codes[w]) * factor;
        }
        for (uint w = 0; w < 4; w += 2)
            halves[4 * at + 2 * i + w / 2] = uvec4(packHalf2x16(x[w].xy), packHalf2x16(x[w].zw),
                                                   packHalf2x16(x[w + 1].xy), packHalf2x16(x[w + 1].zw));
    }
}
