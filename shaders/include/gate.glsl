// Gated activations: silu(gate) * up, or gelu(gate) * up with the tanh approximation.
#ifndef NIBBLE_GATE
#define NIBBLE_GATE
#include "math.glsl"

layout(constant_id = 0) const uint kGelu = 0;

float silu(float x) { return x / (1 + exp(min(-x, 80))); }
float gelu(float x) { return 0.5 * x * (1 + safeTanh(0.7978845608 * (x + 0.044715 * x * x * x))); }
float gated(float gate, float up) { return (kGelu == 1 ? gelu(gate) : silu(gate)) * up; }

#endif
