// Puts the parts of attention.comp together: each part's values, scaled to the largest score of all, over the sum.
// One workgroup a head (x) of a token (y).
#ifndef NIBBLE_ATTENTION_PARTS
#define NIBBLE_ATTENTION_PARTS

layout(binding = 0) readonly buffer States { vec4 states[]; };
layout(binding = 1) readonly buffer Sinks { float sinks[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint outFirst, outStride, nHeads, valueDim, parts, hasSinks; };

/// Of one head of one token.
struct Parts {
    uint first, each; // the first part's state, and words of one
    float largest, sum;
};

Parts findParts(uint row, uint head) {
    const uint each = (valueDim + 3) / 4 + 1;
    Parts p = Parts((row * nHeads + head) * parts * each, each, hasSinks == 1 ? sinks[head] : -3e38, 0);
    for (uint i = 0; i < parts; ++i) p.largest = max(p.largest, states[p.first + i * each].x);
    p.sum = hasSinks == 1 ? exp(sinks[head] - p.largest) : 0;
    for (uint i = 0; i < parts; ++i) {
        const vec4 state = states[p.first + i * each];
        p.sum += state.y * exp(max(state.x - p.largest, -100));
    }
    return p;
}

/// Values 4d .. 4d + 3 of the result.
vec4 sumOfParts(Parts p, uint d) {
    vec4 value = vec4(0);
    for (uint i = 0; i < parts; ++i) {
        const uint at = p.first + i * p.each;
        value += states[at + 1 + d] * exp(max(states[at].x - p.largest, -100));
    }
    return value / p.sum;
}

void storeFour(uint to, uint d, vec4 value) {
    for (uint c = 0; c < 4 && d * 4 + c < valueDim; ++c) outValues[to + d * 4 + c] = value[c];
}

#endif
