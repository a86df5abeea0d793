// The k largest of up to kSegment candidates a workgroup, falling, of equal ones the first, as pairs (value, column).
// Candidates are a row of values, or the pairs of the workgroups of an earlier call, which stand in the order of their
// columns as far as their values are equal: so the place among the candidates decides, not the column.
// A value that is smaller than the largest ones of k invocations is not among the k largest: few are left to be sorted.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 128) in; // at least as many as k
layout(constant_id = 0) const bool kPairs = false;
const uint kSegment = 2048; // kTopSegment of backend.h

#include "order.glsl"

layout(binding = 0) readonly buffer In { uint inWords[]; };
layout(binding = 1) writeonly buffer Out { uint outWords[]; };

layout(push_constant) uniform Push { uint inFirst, outFirst, count, k; };

shared uint largestOf[gl_WorkGroupSize.x], least, kept;
shared uint keys[kSegment], places[kSegment]; // of the candidates that are left

uint wordOf(uint candidate) { return inWords[inFirst + (kPairs ? 2 * candidate : candidate)]; }
uint columnOf(uint candidate) {
    return kPairs ? inWords[inFirst + 2 * candidate + 1] : floatBitsToUint(float(candidate));
}

void main() {
    const uint lane = gl_LocalInvocationID.x, lanes = gl_WorkGroupSize.x;
    const uint begin = gl_WorkGroupID.x * kSegment, end = min(begin + kSegment, count);
    const uint wanted = min(k, end - begin);
    uint largest = 0;
    for (uint i = begin + lane; i < end; i += lanes) largest = max(largest, keyOf(uintBitsToFloat(wordOf(i))));
    largestOf[lane] = largest;
    if (lane == 0) kept = 0;
    barrier();
    uint rank = 0;
    for (uint i = 0; i < lanes; ++i)
        rank += uint(largestOf[i] > largest || (largestOf[i] == largest && i < lane));
    if (rank == wanted - 1) least = largest;
    barrier();
    for (uint i = begin + lane; i < end; i += lanes) {
        const uint key = keyOf(uintBitsToFloat(wordOf(i)));
        if (key < least) continue;
        const uint at = atomicAdd(kept, 1);
        keys[at] = key;
        places[at] = i;
    }
    barrier();
    for (uint i = lane; i < kept; i += lanes) {
        uint before = 0;
        for (uint j = 0; j < kept && before < wanted; ++j)
            before += uint(keys[j] > keys[i] || (keys[j] == keys[i] && places[j] < places[i]));
        if (before >= wanted) continue;
        const uint at = outFirst + 2 * (gl_WorkGroupID.x * k + before);
        outWords[at] = wordOf(places[i]);
        outWords[at + 1] = columnOf(places[i]);
    }
}
