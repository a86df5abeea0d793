// out row t = [before row t +] sum over the slots of token t of their weight * in row. One value a thread; a token a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 128) in;
#define ROUTING_BINDING 1
#define ROUTING_ACCESS readonly
#include "routing.glsl"

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 2) readonly buffer Before { float before[]; }; // may be out
layout(binding = 3) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint inFirst, inStride, beforeFirst, outFirst, stride, used, slots, hasBefore; };

void main() {
    const uint col = gl_GlobalInvocationID.x, token = gl_GlobalInvocationID.y;
    if (col >= stride) return;
    float sum = hasBefore == 1 ? before[beforeFirst + token * stride + col] : 0;
    for (uint slot = token * used; slot < token * used + used; ++slot)
        sum += uintBitsToFloat(routing[weightAt(slots, slot)]) * inValues[inFirst + slot * inStride + col];
    outValues[outFirst + token * stride + col] = sum;
}
