// out = in / sqrt(mean(in^2) + eps) * weight, per group of columns of a row; out may be in. One workgroup a group.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 128) in;
#define REDUCED 1
#include "reduce.glsl"

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 1) readonly buffer Weight { float weight[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push {
    uint inFirst, inStride, outFirst, outStride, cols, hasWeight;
    float eps;
};

void main() {
    const uint group = gl_WorkGroupID.x, row = gl_WorkGroupID.y, lane = gl_LocalInvocationID.x;
    const uint from = inFirst + row * inStride + group * cols, to = outFirst + row * outStride + group * cols;
    float squares = 0;
    for (uint i = lane; i < cols; i += gl_WorkGroupSize.x) squares += inValues[from + i] * inValues[from + i];
    reduceValue(0, squares);
    barrier();
    const float factor = 1 / sqrt(reducedValue(0) / float(cols) + eps);
    for (uint i = lane; i < cols; i += gl_WorkGroupSize.x)
        outValues[to + i] = inValues[from + i] * factor * (hasWeight == 1 ? weight[i] : 1);
}
