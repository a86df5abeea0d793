// Turns pairs of values of each head of two buffers (queries and keys) in place: (a, b) -> (a cos - b sin, a sin + b
// cos), with the batch's table (include/rope.glsl). One pair a thread, the first buffer's heads first; a row a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "rope.glsl"

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kNeox = 0;

layout(binding = 0) readonly buffer InA { float inA[]; };
layout(binding = 1) readonly buffer InB { float inB[]; };
layout(binding = 2) readonly buffer Table { vec2 table[]; };
layout(binding = 3) writeonly buffer OutA { float outA[]; };
layout(binding = 4) writeonly buffer OutB { float outB[]; };

layout(push_constant) uniform Push {
    uint aFirst, aStride, aHeads, bFirst, bStride, bHeads;
    uint headDim, pairs, tableFirst;
};

void main() {
    const uint at = gl_GlobalInvocationID.x, row = gl_GlobalInvocationID.y;
    const uint head = at / pairs, i = at % pairs;
    if (head >= aHeads + bHeads) return;
    const uint low = kNeox == 1 ? i : 2 * i, high = low + (kNeox == 1 ? pairs : 1);
    const vec2 turn = table[tableFirst + row * pairs + i];
    if (head < aHeads) {
        const uint base = aFirst + row * aStride + head * headDim;
        const vec2 y = turned(vec2(inA[base + low], inA[base + high]), turn);
        outA[base + low] = y.x;
        outA[base + high] = y.y;
    } else {
        const uint base = bFirst + row * bStride + (head - aHeads) * headDim;
        const vec2 y = turned(vec2(inB[base + low], inB[base + high]), turn);
        outB[base + low] = y.x;
        outB[base + high] = y.y;
    }
}
