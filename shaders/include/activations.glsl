// Reads what quantize_rows.comp wrote. Before including: #define ACTIVATIONS_BINDING to the binding of the codes; their
// factors follow.
#ifndef NIBBLE_ACTIVATIONS
#define NIBBLE_ACTIVATIONS

layout(set = 0, binding = ACTIVATIONS_BINDING, std430) readonly buffer InputCodes { uvec4 inputCodes[]; };
layout(set = 0, binding = ACTIVATIONS_BINDING + 1, std430) readonly buffer InputFactors { uvec2 inputFactors[]; };

/// (scale, sum of the first 16 codes, of the last 16) of chunk `at` = row * chunks + chunk.
vec3 loadInputFactors(uint at) {
    const uvec2 f = inputFactors[at];
    return vec3(uintBitsToFloat(f.x), bitfieldExtract(int(f.y), 0, 16), bitfieldExtract(int(f.y), 16, 16));
}

#endif
