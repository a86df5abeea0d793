// Reads what include/quantize.glsl wrote. Before including: #define ACTIVATIONS_BINDING to the binding of the codes; their
// factors follow; TERMS_CONSTANT to the id of a specialization constant.
#ifndef NIBBLE_ACTIVATIONS
#define NIBBLE_ACTIVATIONS

layout(constant_id = TERMS_CONSTANT) const uint kTerms = 1; // chunks behind each other that stand for the same columns
layout(set = 0, binding = ACTIVATIONS_BINDING, std430) readonly buffer InputCodes { uvec4 inputCodes[]; };
layout(set = 0, binding = ACTIVATIONS_BINDING + 1, std430) readonly buffer InputFactors { uvec2 inputFactors[]; };

/// (scale, sum of the first 16 codes, of the last 16) of chunk `at` = (row * chunks + chunk) * kTerms + term.
vec3 loadInputFactors(uint at) {
    const uvec2 f = inputFactors[at];
    return vec3(uintBitsToFloat(f.x), bitfieldExtract(int(f.y), 0, 16), bitfieldExtract(int(f.y), 16, 16));
}

#endif
