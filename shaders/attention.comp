// softmax(scale * q k^T) v of a tile: kRows tokens x kHeads query heads that share a KV head, over one part of the
// keys, kKeys at a time (online softmax). x: part, y: head group, z: row tile. With kParts the state (largest score,
// sum, values) goes to attention_reduce, else the result is written. Keys and values pass through shared memory once
// for all queries of the tile.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "kv.glsl"
#include "math.glsl"

layout(local_size_x = 128) in;
layout(constant_id = 0) const uint kKeyDim = 64;
layout(constant_id = 1) const uint kValueDim = 64;
layout(constant_id = 2) const uint kHeads = 1;
layout(constant_id = 3) const uint kRows = 1;
layout(constant_id = 4) const uint kKeys = 32;
layout(constant_id = 5) const uint kFormat = 0;
layout(constant_id = 6) const uint kParts = 0; // 1: states are written

layout(binding = 0) readonly buffer Q { float q[]; };
layout(binding = 1) readonly buffer Keys1 { uint keys1[]; };
layout(binding = 1) readonly buffer Keys2 { uvec2 keys2[]; };
layout(binding = 1) readonly buffer Keys4 { uvec4 keys4[]; };
layout(binding = 2) readonly buffer Values1 { uint values1[]; };
layout(binding = 2) readonly buffer Values2 { uvec2 values2[]; };
layout(binding = 2) readonly buffer Values4 { uvec4 values4[]; };
layout(binding = 3) readonly buffer Step { uint step_[]; };
layout(binding = 4) readonly buffer Sinks { float sinks[]; };
layout(binding = 5) writeonly buffer Out { float outValues[]; };
layout(binding = 5) writeonly buffer States { vec4 states[]; };

layout(push_constant) uniform Push {
    uint qFirst, qStride, outFirst, outStride;
    uint row0, rows; // of the batch
    uint nHeads, groupHeads, tilesPerGroup, capacity, window, hasSinks;
    float scale, softcap;
};

const uint kLanes = gl_WorkGroupSize.x;
const uint kK4 = (kKeyDim + 3) / 4, kV4 = (kValueDim + 3) / 4, kQueries = kHeads * kRows;
const uint kStride = (kK4 > kV4 ? kK4 : kV4) + 1;
const uint kSums = (kQueries * kV4 + kLanes - 1) / kLanes; // of a thread
const float kMasked = -3e38;

shared vec4 queries[kQueries * kK4];
shared vec4 tile[kKeys * kStride];
shared float scores[kQueries * kKeys];
shared float largest[kQueries], sums[kQueries], kept[kQueries];

uint lane = gl_LocalInvocationID.x;
uint kvHead = gl_WorkGroupID.y / tilesPerGroup;
uint firstHead = gl_WorkGroupID.y % tilesPerGroup * kHeads; // of the group
uint tileRow = gl_WorkGroupID.z * kRows;

uint headOf(uint query) { return kvHead * groupHeads + firstHead + query % kHeads; }
uint rowOf(uint query) { return tileRow + query / kHeads; }
bool isQuery(uint query) { return firstHead + query % kHeads < groupHeads && rowOf(query) < rows; }
uint positionOf(uint row) { return step_[0] + row0 + row; }
uint firstKey(uint row) { return window > 0 && positionOf(row) + 1 > window ? positionOf(row) + 1 - window : 0; }

uint slotOf(uint position) { return kvHead * capacity + position % capacity; }
vec4 halves(uvec2 words) { return vec4(unpackHalf2x16(words.x), unpackHalf2x16(words.y)); }
vec4 loadKey(uint slot, uint i) {
    if (kFormat == kF32) return uintBitsToFloat(keys4[slot * kK4 + i]);
    if (kFormat == kF16) return halves(keys2[slot * kK4 + i]);
    const uint block = slot * kvRowWords(kQ8, kKeyDim) + i / 8 * 9;
    return uintBitsToFloat(keys1[block]) * signedBytes(keys1[block + 1 + i % 8]);
}
vec4 loadValue(uint slot, uint i) {
    if (kFormat == kF32) return uintBitsToFloat(values4[slot * kV4 + i]);
    if (kFormat == kF16) return halves(values2[slot * kV4 + i]);
    const uint block = slot * kvRowWords(kQ8, kValueDim) + i / 8 * 9;
    return uintBitsToFloat(values1[block]) * signedBytes(values1[block + 1 + i % 8]);
}

void loadQueries() {
    for (uint i = lane; i < kQueries * kK4; i += kLanes) {
        const uint query = i / kK4, d = i % kK4 * 4;
        const uint from = qFirst + rowOf(query) * qStride + headOf(query) * kKeyDim + d;
        vec4 x = vec4(0);
        if (isQuery(query))
            for (uint c = 0; c < 4 && d + c < kKeyDim; ++c) x[c] = q[from + c];
        queries[i] = x * scale;
    }
    for (uint i = lane; i < kQueries; i += kLanes) {
        largest[i] = kMasked;
        sums[i] = 0;
    }
}

/// Scores of the keys in `tile`, masked where a query does not see the key.
void score(uint base, uint end) {
    for (uint i = lane; i < kQueries * kKeys; i += kLanes) {
        const uint query = i / kKeys, key = i % kKeys, position = base + key, row = rowOf(query);
        float sum = 0;
        for (uint d = 0; d < kK4; ++d) sum += dot(queries[query * kK4 + d], tile[key * kStride + d]);
        if (softcap > 0) sum = softcap * safeTanh(sum / softcap);
        const bool visible = position < end && position <= positionOf(row) && position >= firstKey(row);
        scores[i] = visible ? sum : kMasked;
    }
}

/// The largest score so far, and by what earlier sums shrink.
void updateLargest() {
    for (uint query = lane; query < kQueries; query += kLanes) {
        float m = largest[query];
        for (uint key = 0; key < kKeys; ++key) m = max(m, scores[query * kKeys + key]);
        kept[query] = exp(max(largest[query] - m, -100));
        largest[query] = m;
    }
}

void main() {
    const uint lastRow = min(tileRow + kRows, rows) - 1;
    const uint begin = firstKey(tileRow), end = positionOf(lastRow) + 1;
    const uint each = ((end - begin + gl_NumWorkGroups.x - 1) / gl_NumWorkGroups.x + kKeys - 1) / kKeys * kKeys;
    const uint key0 = min(begin + gl_WorkGroupID.x * each, end), key1 = min(key0 + each, end);

    loadQueries();
    vec4 values[kSums];
    for (uint s = 0; s < kSums; ++s) values[s] = vec4(0);
    for (uint base = key0; base < key1; base += kKeys) {
        barrier();
        for (uint i = lane; i < kKeys * kK4; i += kLanes) {
            const uint position = base + i / kK4;
            tile[i / kK4 * kStride + i % kK4] = position < key1 ? loadKey(slotOf(position), i % kK4) : vec4(0);
        }
        barrier();
        score(base, key1);
        barrier();
        updateLargest();
        for (uint i = lane; i < kKeys * kV4; i += kLanes) {
            const uint position = base + i / kV4;
            tile[i / kV4 * kStride + i % kV4] = position < key1 ? loadValue(slotOf(position), i % kV4) : vec4(0);
        }
        barrier();
        for (uint i = lane; i < kQueries * kKeys; i += kLanes) {
            const float s = scores[i];
            scores[i] = s > kMasked ? exp(s - largest[i / kKeys]) : 0;
        }
        barrier();
        for (uint query = lane; query < kQueries; query += kLanes) {
            float sum = sums[query] * kept[query];
            for (uint key = 0; key < kKeys; ++key) sum += scores[query * kKeys + key];
            sums[query] = sum;
        }
        for (uint s = 0; s < kSums; ++s) {
            const uint i = lane + s * kLanes, query = i / kV4, d = i % kV4;
            if (query >= kQueries) break;
            vec4 v = values[s] * kept[query];
            for (uint key = 0; key < kKeys; ++key) v += scores[query * kKeys + key] * tile[key * kStride + d];
            values[s] = v;
        }
    }
    barrier();

    for (uint s = 0; s < kSums; ++s) {
        const uint i = lane + s * kLanes, query = i / kV4, d = i % kV4;
        if (query >= kQueries || !isQuery(query)) continue;
        const uint head = headOf(query), row = rowOf(query);
        if (kParts == 1) {
            const uint state = ((row * nHeads + head) * gl_NumWorkGroups.x + gl_WorkGroupID.x) * (kV4 + 1);
            states[state + 1 + d] = values[s];
            if (d == 0) states[state] = vec4(largest[query], sums[query], 0, 0);
            continue;
        }
        const float m = hasSinks == 1 ? max(largest[query], sinks[head]) : largest[query];
        const float sum = sums[query] * exp(largest[query] - m) + (hasSinks == 1 ? exp(sinks[head] - m) : 0);
        const vec4 result = values[s] * (exp(largest[query] - m) / sum);
        const uint to = outFirst + row * outStride + head * kValueDim + d * 4;
        for (uint c = 0; c < 4 && d * 4 + c < kValueDim; ++c) outValues[to + c] = result[c];
    }
}
