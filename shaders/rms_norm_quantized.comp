// out = in / sqrt(mean(in^2) + eps) * weight, per row; out may be in. Also quantizes out for the products that follow. One
// workgroup a row, of a multiple of 32 columns that starts at a multiple of four; an invocation writes whole chunks.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 128) in;
#define REDUCED 1
#include "reduce.glsl"
#define QUANTIZED_BINDING 3
#define TERMS_CONSTANT 0
#include "quantize.glsl"

layout(binding = 0) readonly buffer In { vec4 inValues[]; };
layout(binding = 1) readonly buffer Weight { vec4 weight[]; };
layout(binding = 2) writeonly buffer Out { vec4 outValues[]; };

layout(push_constant) uniform Push {
    uint inFirst, inStride, outFirst, outStride, cols, hasWeight; // in floats
    float eps;
};

void main() {
    const uint row = gl_WorkGroupID.y, lane = gl_LocalInvocationID.x;
    const uint from = (inFirst + row * inStride) / 4, to = (outFirst + row * outStride) / 4;
    float squares = 0;
    for (uint i = lane; i < cols / 4; i += gl_WorkGroupSize.x) squares += dot(inValues[from + i], inValues[from + i]);
    reduceValue(0, squares);
    barrier();
    const float factor = 1 / sqrt(reducedValue(0) / float(cols) + eps);
    for (uint chunk = lane; chunk < cols / 32; chunk += gl_WorkGroupSize.x) {
        vec4 x[8];
        for (int s = 0; s < 8; ++s) {
            const uint i = chunk * 8 + s;
            x[s] = inValues[from + i] * factor * (hasWeight == 1 ? weight[i] : vec4(1));
            outValues[to + i] = x[s];
        }
        storeQuantized(row * (cols / 32) + chunk, x);
    }
}
