// out = cap * tanh(in * factor / cap), or in * factor where cap is 0, elementwise over rows; in and out are the same
// values. One value a thread; a row a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "math.glsl"

layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 1) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push {
    uint first, stride, cols;
    float factor, cap;
};

void main() {
    const uint col = gl_GlobalInvocationID.x, at = first + gl_GlobalInvocationID.y * stride + col;
    if (col >= cols) return;
    const float x = inValues[at] * factor;
    outValues[at] = cap > 0 ? cap * safeTanh(x / cap) : x;
}
