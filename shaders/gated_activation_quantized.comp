// out = activation(gate) * up (include/gate.glsl), elementwise over rows; out may be gate. Also quantizes out for the
// products that follow. A chunk of 32 columns a thread, of rows that start at multiples of four; a row a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "gate.glsl"
#define QUANTIZED_BINDING 3
#define TERMS_CONSTANT 1
#include "quantize.glsl"

layout(local_size_x = 32) in;

layout(binding = 0) readonly buffer Gate { vec4 gate[]; };
layout(binding = 1) readonly buffer Up { vec4 up[]; };
layout(binding = 2) writeonly buffer Out { vec4 outValues[]; };

layout(push_constant) uniform Push { uint gateFirst, gateStride, upFirst, upStride, outFirst, outStride, cols; };

void main() {
    const uint chunk = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (chunk >= cols / 32) return;
    const uint g = (gateFirst + row * gateStride) / 4 + chunk * 8, u = (upFirst + row * upStride) / 4 + chunk * 8;
    const uint to = (outFirst + row * outStride) / 4 + chunk * 8;
    vec4 x[8];
    for (int s = 0; s < 8; ++s) {
        const vec4 a = gate[g + s], b = up[u + s];
        x[s] = vec4(gated(a.x, b.x), gated(a.y, b.y), gated(a.z, b.z), gated(a.w, b.w));
        outValues[to + s] = x[s];
    }
    storeQuantized(row * (cols / 32) + chunk, x);
}
