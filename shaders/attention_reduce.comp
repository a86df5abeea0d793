// The result of attention.comp's parts: include/attention_parts.glsl. Four dimensions an invocation.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 32) in;
#include "attention_parts.glsl"

void main() {
    const uint head = gl_WorkGroupID.x, row = gl_WorkGroupID.y;
    const Parts p = findParts(row, head);
    const uint to = outFirst + row * outStride + head * valueDim;
    for (uint d = gl_LocalInvocationID.x; d < (valueDim + 3) / 4; d += gl_WorkGroupSize.x)
        storeFour(to, d, sumOfParts(p, d));
}
