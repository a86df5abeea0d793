// As attention_reduce.comp, and quantizes what it writes for the products that read it: include/quantize.glsl. valueDim is
// a multiple of 32, so that a head is whole chunks.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 32) in;
#define QUANTIZED_BINDING 3
#define TERMS_CONSTANT 0
#include "quantize.glsl"
#include "attention_parts.glsl"

const uint kMostDim = 512; // more are left to attention_reduce
shared vec4 values[kMostDim / 4];

void main() {
    const uint head = gl_WorkGroupID.x, row = gl_WorkGroupID.y;
    const Parts p = findParts(row, head);
    const uint to = outFirst + row * outStride + head * valueDim;
    for (uint d = gl_LocalInvocationID.x; d < valueDim / 4; d += gl_WorkGroupSize.x) {
        values[d] = sumOfParts(p, d);
        storeFour(to, d, values[d]);
    }
    barrier();
    const uint chunks = valueDim / 32;
    for (uint chunk = gl_LocalInvocationID.x; chunk < chunks; chunk += gl_WorkGroupSize.x) {
        vec4 x[8];
        for (int s = 0; s < 8; ++s) x[s] = values[chunk * 8 + s];
        storeQuantized((row * nHeads + head) * chunks + chunk, x);
    }
}
