// out = silu(gate) * up, or gelu(gate) * up with the tanh approximation, elementwise over rows; out may be gate. One
// value a thread; a row a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "math.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint kGelu = 0;

layout(binding = 0) readonly buffer Gate { float gate[]; };
layout(binding = 1) readonly buffer Up { float up[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint gateFirst, gateStride, upFirst, upStride, outFirst, outStride, cols; };

float silu(float x) { return x / (1 + exp(min(-x, 80))); }
float gelu(float x) { return 0.5 * x * (1 + safeTanh(0.7978845608 * (x + 0.044715 * x * x * x))); }

void main() {
    const uint col = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    if (col >= cols) return;
    const float g = gate[gateFirst + row * gateStride + col];
    outValues[outFirst + row * outStride + col] =
        (kGelu == 1 ? gelu(g) : silu(g)) * up[upFirst + row * upStride + col];
}
