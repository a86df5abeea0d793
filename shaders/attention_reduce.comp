// Puts the parts of attention.comp together: each part's values, scaled to the largest score of all, over the sum.
// One workgroup a head (x) of a token (y); four dimensions a thread.
#version 460

layout(local_size_x = 32) in;

layout(binding = 0) readonly buffer States { vec4 states[]; };
layout(binding = 1) readonly buffer Sinks { float sinks[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push { uint outFirst, outStride, nHeads, valueDim, parts, hasSinks; };

void main() {
    const uint head = gl_WorkGroupID.x, row = gl_WorkGroupID.y, v4 = (valueDim + 3) / 4;
    const uint first = (row * nHeads + head) * parts * (v4 + 1);
    float m = hasSinks == 1 ? sinks[head] : -3e38;
    for (uint p = 0; p < parts; ++p) m = max(m, states[first + p * (v4 + 1)].x);
    float sum = hasSinks == 1 ? exp(sinks[head] - m) : 0;
    for (uint p = 0; p < parts; ++p) {
        const vec4 state = states[first + p * (v4 + 1)];
        sum += state.y * exp(max(state.x - m, -100));
    }
    for (uint d = gl_LocalInvocationID.x; d < v4; d += gl_WorkGroupSize.x) {
        vec4 value = vec4(0);
        for (uint p = 0; p < parts; ++p) {
            const uint at = first + p * (v4 + 1);
            value += states[at + 1 + d] * exp(max(states[at].x - m, -100));
        }
        const uint to = outFirst + row * outStride + head * valueDim + d * 4;
        for (uint c = 0; c < 4 && d * 4 + c < valueDim; ++c) outValues[to + c] = value[c] / sum;
    }
}
