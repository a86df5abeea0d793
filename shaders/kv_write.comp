// Stores a batch's keys (z = 0) and values (z = 1) at their positions in the cache. A thread encodes one unit of a
// head: four values, or a block of 32 for Q8_0; a token a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kv.glsl"

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kFormat = 0;

layout(binding = 0) readonly buffer KeyRows { float keyRows[]; };
layout(binding = 1) readonly buffer ValueRows { float valueRows[]; };
layout(binding = 2) readonly buffer Step { uint step_[]; };
layout(binding = 3) writeonly buffer Keys { uint keys[]; };
layout(binding = 4) writeonly buffer Values { uint values[]; };

layout(push_constant) uniform Push {
    uint keyFirst, keyStride, valueFirst, valueStride, row0; // row0: of the batch
    uint heads, keyDim, valueDim, capacity;
};

bool isKey = gl_WorkGroupID.z == 0;

float inputAt(uint i) { return isKey ? keyRows[i] : valueRows[i]; }
void store(uint i, uint word) {
    if (isKey)
        keys[i] = word;
    else
        values[i] = word;
}

void storeBlock(uint from, uint n, uint to) {
    float largest = 0;
    for (uint i = 0; i < n; ++i) largest = max(largest, abs(inputAt(from + i)));
    const float inverse = largest >= 1e-30 ? 127 / largest : 0;
    store(to, floatBitsToUint(roundToHalf(largest / 127)));
    for (uint w = 0; w < 8; ++w) {
        uint word = 0;
        for (uint i = 4 * w; i < min(4 * w + 4, n); ++i)
            word |= (uint(int(roundEven(inputAt(from + i) * inverse))) & 0xff) << (i % 4 * 8);
        store(to + 1 + w, word);
    }
}

void storeFour(uint from, uint n, uint to) {
    vec4 x = vec4(0);
    for (uint i = 0; i < n; ++i) x[i] = inputAt(from + i);
    const uvec4 words = kvWords(kFormat, x);
    for (uint i = 0; i < kvRowWords(kFormat, 4); ++i) store(to + i, words[i]);
}

void main() {
    const uint dim = isKey ? keyDim : valueDim, width = kFormat == kQ8 ? 32 : 4, units = (dim + width - 1) / width;
    const uint head = gl_GlobalInvocationID.x / units, unit = gl_GlobalInvocationID.x % units, row = gl_WorkGroupID.y;
    if (head >= heads) return;
    const uint position = step_[0] + row0 + row, rowWords = kvRowWords(kFormat, dim);
    const uint from = (isKey ? keyFirst + row * keyStride : valueFirst + row * valueStride) + head * dim + unit * width;
    const uint to = (head * capacity + position % capacity) * rowWords + unit * (rowWords / units);
    const uint n = min(width, dim - unit * width);
    if (kFormat == kQ8)
        storeBlock(from, n, to);
    else
        storeFour(from, n, to);
}
