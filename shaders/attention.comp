// softmax(scale * q k^T) v of a tile: kRows tokens x kHeads query heads that share a KV head, over one part of the
// keys, kKeys at a time (online softmax). x: part, y: head tile, z: row tile. With kParts the state (largest score,
// sum, values) goes to attention_reduce, else the result is written. Keys and values pass through shared memory once
// for all queries; an invocation scores four queries x kLaneKeys keys and sums four queries x four dimensions at once,
// or, where that leaves invocations without work (a token's), one of kSlices slices of the dimensions, or keys.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "kv.glsl"
#include "math.glsl"

layout(constant_id = 0) const uint kKeyDim = 64;
layout(constant_id = 1) const uint kValueDim = 64;
layout(constant_id = 2) const uint kHeads = 1;
layout(constant_id = 3) const uint kRows = 1;
layout(constant_id = 4) const uint kKeys = 32; // a multiple of kLaneKeys
layout(constant_id = 5) const uint kFormat = 0;
layout(constant_id = 6) const uint kParts = 0; // 1: states are written
layout(constant_id = 7) const uint kLanes = 64;
layout(constant_id = 8) const uint kLaneKeys = 1;
// Among as many invocations the keys are shared to find a query's largest score: at most kLanes / kQ4.
layout(constant_id = 9) const uint kShares = 1;
layout(constant_id = 10) const uint kSlices = 1; // more: kLanes >= kSlices * kQ4 * kV4
layout(local_size_x_id = 7) in;

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

// Vectors of four: of dimensions, and of queries.
const uint kK4 = (kKeyDim + 3) / 4, kV4 = (kValueDim + 3) / 4, kQ4 = (kHeads * kRows + 3) / 4;
const uint kStride = (kK4 > kV4 ? kK4 : kV4) + 1;
const uint kKeyGroups = kKeys / kLaneKeys;
const uint kSums = (kSlices * kQ4 * kV4 + kLanes - 1) / kLanes; // 4 x 4 sums of an invocation
const uint kPartial = kSlices > 1 ? kSlices * kKeys * kQ4 : 1;
const float kMasked = -3e38;

shared vec4 queries[kQ4 * kK4 * 4]; // dimension by dimension
shared vec4 tile[kKeys * kStride];
shared vec4 scores[kKeys * kQ4], partialScores[kPartial];
shared vec4 largest[kQ4], kept[kQ4], largestOfShares[kShares * kQ4];

uint lane = gl_LocalInvocationID.x;
uint kvHead = gl_WorkGroupID.y / tilesPerGroup;
uint firstHead = gl_WorkGroupID.y % tilesPerGroup * kHeads; // of the group
uint tileRow = gl_WorkGroupID.z * kRows;

uint headOf(uint query) { return kvHead * groupHeads + firstHead + query % kHeads; }
uint rowOf(uint query) { return tileRow + query / kHeads; }
bool isQuery(uint query) {
    return query < kHeads * kRows && firstHead + query % kHeads < groupHeads && rowOf(query) < rows;
}
uint positionOf(uint row) { return step_[0] + row0 + row; }
uint firstKey(uint row) { return window > 0 && positionOf(row) + 1 > window ? positionOf(row) + 1 - window : 0; }

uint slotOf(uint position) { return kvHead * capacity + (position < capacity ? position : position % capacity); }
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
    for (uint i = lane; i < kQ4 * kK4 * 4; i += kLanes) {
        const uint d = i % (kK4 * 4), first = i / (kK4 * 4) * 4;
        vec4 x = vec4(0);
        [[unroll]] for (uint j = 0; j < 4; ++j)
            if (d < kKeyDim && isQuery(first + j))
                x[j] = q[qFirst + rowOf(first + j) * qStride + headOf(first + j) * kKeyDim + d];
        queries[i] = x * scale;
    }
    for (uint i = lane; i < kQ4; i += kLanes) largest[i] = vec4(kMasked);
}

/// A score, or kMasked where the query does not see the key.
float visibleScore(float score, uint query, uint position, uint end) {
    const uint row = rowOf(query);
    if (position >= end || position > positionOf(row) || position < firstKey(row)) return kMasked;
    return softcap > 0 ? softcap * safeTanh(score / softcap) : score;
}

vec4 visibleScores(vec4 s, uint q4, uint position, uint end) {
    [[unroll]] for (uint c = 0; c < 4; ++c) s[c] = visibleScore(s[c], q4 * 4 + c, position, end);
    return s;
}

/// Scores of the keys in `tile`, from position `base` on.
void score(uint base, uint end) {
    for (uint i = lane; i < kQ4 * kKeyGroups * kSlices; i += kLanes) {
        const uint slice = i / (kQ4 * kKeyGroups), q4 = i / kKeyGroups % kQ4, first = i % kKeyGroups;
        vec4 s[kLaneKeys];
        [[unroll]] for (uint j = 0; j < kLaneKeys; ++j) s[j] = vec4(0);
        for (uint d = slice * kK4 / kSlices; d < (slice + 1) * kK4 / kSlices; ++d) {
            const uint at = (q4 * kK4 + d) * 4;
            const vec4 q0 = queries[at], q1 = queries[at + 1], q2 = queries[at + 2], q3 = queries[at + 3];
            [[unroll]] for (uint j = 0; j < kLaneKeys; ++j) {
                const vec4 k = tile[(first + j * kKeyGroups) * kStride + d];
                s[j] += q0 * k.x + q1 * k.y + q2 * k.z + q3 * k.w;
            }
        }
        [[unroll]] for (uint j = 0; j < kLaneKeys; ++j) {
            const uint key = first + j * kKeyGroups;
            if (kSlices > 1)
                partialScores[(slice * kKeys + key) * kQ4 + q4] = s[j];
            else
                scores[key * kQ4 + q4] = visibleScores(s[j], q4, base + key, end);
        }
    }
    if (kSlices == 1) return;
    barrier();
    for (uint i = lane; i < kQ4 * kKeys; i += kLanes) {
        vec4 s = partialScores[i];
        [[unroll]] for (uint slice = 1; slice < kSlices; ++slice) s += partialScores[slice * kKeys * kQ4 + i];
        scores[i] = visibleScores(s, i % kQ4, base + i / kQ4, end);
    }
}

void findLargestOfShares() {
    if (lane >= kShares * kQ4) return;
    vec4 m = vec4(kMasked);
    for (uint key = lane / kQ4; key < kKeys; key += kShares) m = max(m, scores[key * kQ4 + lane % kQ4]);
    largestOfShares[lane] = m;
}

/// The largest score so far, and by what earlier sums shrink.
void updateLargest() {
    for (uint i = lane; i < kQ4; i += kLanes) {
        vec4 m = largest[i];
        if (kShares > 1)
            [[unroll]] for (uint share = 0; share < kShares; ++share) m = max(m, largestOfShares[share * kQ4 + i]);
        else
            for (uint key = 0; key < kKeys; ++key) m = max(m, scores[key * kQ4 + i]);
        kept[i] = exp(max(largest[i] - m, -100));
        largest[i] = m;
    }
}

void writeResult(uint query, uint d, vec4 value, float sum) {
    const uint head = headOf(query), row = rowOf(query), q4 = query / 4, c = query % 4;
    if (kParts == 1) {
        const uint state = ((row * nHeads + head) * gl_NumWorkGroups.x + gl_WorkGroupID.x) * (kV4 + 1);
        states[state + 1 + d] = value;
        if (d == 0) states[state] = vec4(largest[q4][c], sum, 0, 0);
        return;
    }
    const float m = hasSinks == 1 ? max(largest[q4][c], sinks[head]) : largest[q4][c];
    const float factor = exp(largest[q4][c] - m);
    const vec4 result = value * (factor / (sum * factor + (hasSinks == 1 ? exp(sinks[head] - m) : 0)));
    const uint to = outFirst + row * outStride + head * kValueDim + d * 4;
    [[unroll]] for (uint i = 0; i < 4; ++i)
        if (d * 4 + i < kValueDim) outValues[to + i] = result[i];
}

vec4 values[kSums * 4], sums[kSums];

/// The first slice's invocations take in what the others summed, through `tile`.
void addSlices() {
    const uint n = kQ4 * kV4;
    [[unroll]] for (uint j = 0; j < 5; ++j) { // a vector at a time: `tile` has room for those of all slices
        if (lane < kSlices * n) tile[lane] = j < 4 ? values[j] : sums[0];
        barrier();
        vec4 sum = vec4(0);
        if (lane < n)
            [[unroll]] for (uint slice = 0; slice < kSlices; ++slice) sum += tile[slice * n + lane];
        if (j < 4)
            values[j] = sum;
        else
            sums[0] = sum;
        barrier();
    }
}

void main() {
    const uint lastRow = min(tileRow + kRows, rows) - 1;
    const uint begin = firstKey(tileRow), end = positionOf(lastRow) + 1;
    const uint each = ((end - begin + gl_NumWorkGroups.x - 1) / gl_NumWorkGroups.x + kKeys - 1) / kKeys * kKeys;
    const uint key0 = min(begin + gl_WorkGroupID.x * each, end), key1 = min(key0 + each, end);

    loadQueries();
    [[unroll]] for (uint i = 0; i < kSums * 4; ++i) values[i] = vec4(0);
    [[unroll]] for (uint i = 0; i < kSums; ++i) sums[i] = vec4(0);
    for (uint base = key0; base < key1; base += kKeys) {
        barrier();
        for (uint i = lane; i < kKeys * kK4; i += kLanes) {
            const uint position = base + i / kK4;
            tile[i / kK4 * kStride + i % kK4] = position < key1 ? loadKey(slotOf(position), i % kK4) : vec4(0);
        }
        barrier();
        score(base, key1);
        barrier();
        if (kShares > 1) {
            findLargestOfShares();
            barrier();
        }
        updateLargest();
        for (uint i = lane; i < kKeys * kV4; i += kLanes) {
            const uint position = base + i / kV4;
            tile[i / kV4 * kStride + i % kV4] = position < key1 ? loadValue(slotOf(position), i % kV4) : vec4(0);
        }
        barrier();
        for (uint i = lane; i < kQ4 * kKeys; i += kLanes) {
            const vec4 s = scores[i];
            scores[i] = mix(exp(s - largest[i % kQ4]), vec4(0), lessThanEqual(s, vec4(kMasked)));
        }
        barrier();
        [[unroll]] for (uint s = 0; s < kSums; ++s) {
            const uint i = lane + s * kLanes, slice = i / (kQ4 * kV4), q4 = i / kV4 % kQ4, d = i % kV4;
            if (slice < kSlices) {
                sums[s] *= kept[q4];
                [[unroll]] for (uint j = 0; j < 4; ++j) values[s * 4 + j] *= kept[q4][j];
                for (uint key = slice * kKeys / kSlices; key < (slice + 1) * kKeys / kSlices; ++key) {
                    const vec4 p = scores[key * kQ4 + q4], v = tile[key * kStride + d];
                    sums[s] += p;
                    [[unroll]] for (uint j = 0; j < 4; ++j) values[s * 4 + j] += p[j] * v;
                }
            }
        }
    }
    barrier();
    if (kSlices > 1) addSlices();
    [[unroll]] for (uint s = 0; s < kSums; ++s) {
        const uint i = lane + s * kLanes, q4 = i / kV4;
        [[unroll]] for (uint j = 0; j < 4; ++j)
            if (q4 < kQ4 && isQuery(q4 * 4 + j)) writeResult(q4 * 4 + j, i % kV4, values[s * 4 + j], sums[s][j]);
    }
}
