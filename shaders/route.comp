// Chooses the experts of each token: the `used` ones of the largest logits, of equal ones the first; their weights are
// softmax(logits), over the chosen ones only where `normalised`, times scale and, where there are some, that of the
// expert. A workgroup a token. An expert's rank is
// the number of those before it, so all ranks differ whatever the logits are (a logit that is no number is the smallest).
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
#define REDUCED 1
#include "order.glsl"
#include "reduce.glsl"
#define ROUTING_BINDING 1
#define ROUTING_ACCESS writeonly
#include "routing.glsl"

layout(binding = 0) readonly buffer Logits { float logits[]; };
layout(binding = 2) readonly buffer Scales { float scales[]; };

layout(push_constant) uniform Push {
    uint logitsAt, logitsStride, experts, used, slots, normalised, hasScales;
    float scale;
};

shared uint keys[kMostExperts], ranks[kMostExperts];
shared float largest;

void main() {
    const uint token = gl_WorkGroupID.x, lane = gl_LocalInvocationID.x, from = logitsAt + token * logitsStride;
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x) keys[e] = keyOf(logits[from + e]);
    barrier();
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x) {
        uint rank = 0;
        for (uint other = 0; other < experts; ++other)
            rank += uint(keys[other] > keys[e] || (keys[other] == keys[e] && other < e));
        ranks[e] = rank;
        if (rank == 0) largest = logits[from + e];
    }
    barrier();
    float part = 0;
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x)
        if (normalised == 0 || ranks[e] < used) part += exp(logits[from + e] - largest);
    reduceValue(0, part);
    barrier();
    const float sum = reducedValue(0);
    for (uint e = lane; e < experts; e += gl_WorkGroupSize.x)
        if (ranks[e] < used) {
            const uint slot = token * used + ranks[e];
            routing[chosenAt(slot)] = e;
            const float weight = scale * exp(logits[from + e] - largest) / sum;
            routing[weightAt(slots, slot)] = floatBitsToUint(hasScales == 1 ? weight * scales[e] : weight);
        }
}
