// Gated activations: silu(gate) * up, gelu(gate) * up with the tanh approximation, that of gpt-oss, or sigmoid(gate) * up.
#ifndef NIBBLE_GATE
#define NIBBLE_GATE
#include "math.glsl"

layout(constant_id = 0) const uint kActivation = 0; // Activation in core/compute/backend.h

float silu(float x) { return x / (1 + exp(min(-x, 80))); }
float gelu(float x) { return 0.5 * x * (1 + safeTanh(0.7978845608 * (x + 0.044715 * x * x * x))); }
float swigluOai(float gate, float up) {
    const float g = min(gate, 7);
    return g / (1 + exp(min(-1.702 * g, 80))) * (1 + clamp(up, -7, 7));
}
float gated(float gate, float up) {
    if (kActivation == 3) return up / (1 + exp(min(-gate, 80)));
    return kActivation == 2 ? swigluOai(gate, up) : (kActivation == 1 ? gelu(gate) : silu(gate)) * up;
}

#endif
