// rope.comp and kv_write.comp in one: turns queries and keys in place and stores keys and values at their positions, in a
// cache of F16 or F32. A thread has a pair of a query; or of keys four values that stand together, with the four that
// they turn with; or four values of values. A token a group in y. Head widths are multiples of 4, and so are the pairs of
// a head where they lie apart.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kv.glsl"
#include "rope.glsl"

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kNeox = 0;
layout(constant_id = 1) const uint kFormat = 0;

layout(binding = 0) readonly buffer InA { float inA[]; };
layout(binding = 1) readonly buffer InB { float inB[]; };
layout(binding = 2) readonly buffer ValueRows { float valueRows[]; };
layout(binding = 3) readonly buffer Step { uint step_[]; };
layout(binding = 3) readonly buffer Table { vec2 table[]; };
layout(binding = 4) writeonly buffer OutA { float outA[]; };
layout(binding = 5) writeonly buffer OutB { float outB[]; };
layout(binding = 6) writeonly buffer Keys { uint keys[]; };
layout(binding = 7) writeonly buffer Values { uint values[]; };

layout(push_constant) uniform Push {
    uint aFirst, aStride, aHeads, bFirst, bStride, bHeads;
    uint headDim, pairs, tableFirst;
    uint valueFirst, valueStride, valueDim, row0, capacity; // row0: of the batch
};

uint row = gl_WorkGroupID.y;
vec2 turnOf(uint pair) { return table[tableFirst + row * pairs + pair]; }
uint slotOf(uint head) { return head * capacity + (step_[0] + row0 + row) % capacity; }

void turnQuery(uint head, uint i) {
    const uint base = aFirst + row * aStride + head * headDim;
    const uint low = kNeox == 1 ? i : 2 * i, high = low + (kNeox == 1 ? pairs : 1);
    const vec2 y = turned(vec2(inA[base + low], inA[base + high]), turnOf(i));
    outA[base + low] = y.x;
    outA[base + high] = y.y;
}

void storeKey(uint head, uint from, vec4 x) {
    const uint to = slotOf(head) * kvRowWords(kFormat, headDim) + kvRowWords(kFormat, from);
    const uvec4 words = kvWords(kFormat, x);
    for (uint i = 0; i < kvRowWords(kFormat, 4); ++i) keys[to + i] = words[i];
    const uint base = bFirst + row * bStride + head * headDim + from;
    for (uint i = 0; i < 4; ++i) outB[base + i] = x[i];
}
vec4 keyAt(uint head, uint from) {
    const uint base = bFirst + row * bStride + head * headDim + from;
    return vec4(inB[base], inB[base + 1], inB[base + 2], inB[base + 3]);
}

/// The key's unit: first those that turn with another unit, then those within themselves or not at all.
void turnKey(uint head, uint unit) {
    if (kNeox == 1 && unit < pairs / 4) {
        const vec4 low = keyAt(head, 4 * unit), high = keyAt(head, pairs + 4 * unit);
        vec4 a, b;
        for (uint i = 0; i < 4; ++i) {
            const vec2 y = turned(vec2(low[i], high[i]), turnOf(4 * unit + i));
            a[i] = y.x;
            b[i] = y.y;
        }
        storeKey(head, 4 * unit, a);
        storeKey(head, pairs + 4 * unit, b);
        return;
    }
    const uint from = 4 * (kNeox == 1 ? unit + pairs / 4 : unit);
    vec4 x = keyAt(head, from);
    for (uint i = 0; i < 2 && kNeox == 0; ++i)
        if (from / 2 + i < pairs) {
            const vec2 y = turned(vec2(x[2 * i], x[2 * i + 1]), turnOf(from / 2 + i));
            x[2 * i] = y.x;
            x[2 * i + 1] = y.y;
        }
    storeKey(head, from, x);
}

void storeValue(uint head, uint unit) {
    const uint base = valueFirst + row * valueStride + head * valueDim + 4 * unit;
    const uint to = slotOf(head) * kvRowWords(kFormat, valueDim) + kvRowWords(kFormat, 4 * unit);
    const uvec4 words =
        kvWords(kFormat, vec4(valueRows[base], valueRows[base + 1], valueRows[base + 2], valueRows[base + 3]));
    for (uint i = 0; i < kvRowWords(kFormat, 4); ++i) values[to + i] = words[i];
}

void main() {
    const uint keyUnits = headDim / 4 - (kNeox == 1 ? pairs / 4 : 0), valueUnits = valueDim / 4;
    const uint at = gl_GlobalInvocationID.x, keysAt = aHeads * pairs, valuesAt = keysAt + bHeads * keyUnits;
    if (at < keysAt)
        turnQuery(at / pairs, at % pairs);
    else if (at < valuesAt)
        turnKey((at - keysAt) / keyUnits, (at - keysAt) % keyUnits);
    else if (at < valuesAt + bHeads * valueUnits)
        storeValue((at - valuesAt) / valueUnits, (at - valuesAt) % valueUnits);
}
