// out = activation(gate) * up (include/gate.glsl), elementwise over rows; out may be gate. One value a thread; a row a
// group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "gate.glsl"

layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer Gate { float gate[]; };
layout(binding = 1) readonly buffer Up { float up[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint gateFirst, gateStride, upFirst, upStride, outFirst, outStride, cols; };

void main() {
    const uint col = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (col >= cols) return;
    outValues[outFirst + row * outStride + col] =
        gated(gate[gateFirst + row * gateStride + col], up[upFirst + row * upStride + col]);
}
