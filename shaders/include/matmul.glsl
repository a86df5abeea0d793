// Product of a quantized slice with many rows of quantized activations: prefill, where arithmetic is the limit.
// A workgroup computes a tile of kTileRows rows x kTileTokens tokens. Per step it unpacks kDepth chunks of 32 columns
// of both sides into shared memory (40 or 48 bytes a row and chunk), and each invocation multiplies kLaneRows rows by
// kLaneTokens tokens out of it: 8 * kLaneRows * kLaneTokens dot products of four bytes per 2 * (kLaneRows +
// kLaneTokens) reads of 16 bytes. With EXPERTS a tile's weights are those of one expert and its tokens slots that chose
// it.
#extension GL_EXT_control_flow_attributes : require

#define WEIGHTS_BINDING 0
#define SHARED_TABLE
#define ACTIVATIONS_BINDING 1
#define TERMS_CONSTANT 16
#define TARGET_BINDING 3
layout(constant_id = 10) const uint kTileRows = 64;
layout(constant_id = 11) const uint kTileTokens = 64;
layout(local_size_x_id = 12) in; // (kTileRows / kLaneRows) * (kTileTokens / kLaneTokens)
layout(constant_id = 13) const uint kLaneRows = 4;
layout(constant_id = 14) const uint kLaneTokens = 4;
layout(constant_id = 15) const uint kDepth = 2;

#include "activations.glsl"
#include "affine.glsl"
#include "integer_dot.glsl"
#include "target.glsl"
#include "experts.glsl"

layout(push_constant) uniform Push {
    Planes planes;
    uint chunks, rows, tokens;
    Target target;
#ifdef EXPERTS
    Experts experts;
#endif
};

#define SHARE_TOKENS kTileTokens
#include "share.glsl"

const uint kGroups = 32 / kGroupSize; // of a chunk

const uint kInputDepth = kDepth * kTerms; // chunks of an input

// Neighbouring invocations read neighbours: codes by (chunk, half, row or token), factors by (chunk, group, row or token).
shared uvec4 tileCodes[kDepth * 2 * kTileRows];
shared vec2 tileFactors[kDepth * kGroups * kTileRows]; // scale, shift
shared uvec4 inputTile[kInputDepth * 2 * kTileTokens];
shared vec2 inputTileFactors[kInputDepth * kGroups * kTileTokens]; // scale, scale * sum of the codes

void stageWeights(Share share, uint row0, uint chunk0) {
    for (uint i = gl_LocalInvocationID.x; i < kTileRows * kDepth; i += gl_WorkGroupSize.x) {
        const uint row = i / kDepth, depth = i % kDepth;
        const uint at = (share.weightRow + min(row0 + row, rows - 1)) * chunks + min(chunk0 + depth, chunks - 1);
        const Codes codes = loadCodes(planes, at);
        const Factors f = loadFactors(planes, at);
        const vec2 shift = shiftOf(f);
        tileCodes[(depth * 2) * kTileRows + row] = codes.first;
        tileCodes[(depth * 2 + 1) * kTileRows + row] = codes.second;
        for (uint g = 0; g < kGroups; ++g) tileFactors[(depth * kGroups + g) * kTileRows + row] = vec2(f.scale[g], shift[g]);
    }
}

/// Chunks beyond the end count nothing: their scale is 0.
void stageInputs(Share share, uint chunk0) {
    for (uint i = gl_LocalInvocationID.x; i < kTileTokens * kInputDepth; i += gl_WorkGroupSize.x) {
        const uint token = i / kInputDepth, depth = i % kInputDepth, chunk = chunk0 + depth / kTerms;
        const uint at = (inputRow(share, token) * chunks + min(chunk, chunks - 1)) * kTerms + depth % kTerms;
        inputTile[(depth * 2) * kTileTokens + token] = inputCodes[2 * at];
        inputTile[(depth * 2 + 1) * kTileTokens + token] = inputCodes[2 * at + 1];
        const vec3 f = loadInputFactors(at);
        const float scale = chunk < chunks ? f.x : 0;
        const uint to = depth * kGroups * kTileTokens + token;
        inputTileFactors[to] = vec2(scale, scale * (kGroups == 1 ? f.y + f.z : f.y));
        if (kGroups == 2) inputTileFactors[to + kTileTokens] = vec2(scale, scale * f.z);
    }
}

const uint kRowThreads = kTileRows / kLaneRows, kTokenThreads = kTileTokens / kLaneTokens;

void main() {
    const Share share = workgroupShare();
    if (share.tokens == 0) return;
    const uint row0 = gl_WorkGroupID.x * kTileRows;
    const uint myRow = gl_LocalInvocationID.x % kRowThreads, myToken = gl_LocalInvocationID.x / kRowThreads;
    shareTable();
    float results[kLaneRows * kLaneTokens];
    [[unroll]] for (uint i = 0; i < kLaneRows * kLaneTokens; ++i) results[i] = 0;

    for (uint chunk0 = 0; chunk0 < chunks; chunk0 += kDepth) {
        stageWeights(share, row0, chunk0);
        stageInputs(share, chunk0);
        barrier();
        for (uint inputDepth = 0; inputDepth < kInputDepth; ++inputDepth) {
            const uint depth = inputDepth / kTerms;
            DotSum sums[kLaneRows * kLaneTokens];
            [[unroll]] for (uint i = 0; i < kLaneRows * kLaneTokens; ++i) sums[i] = DotSum(0);
            [[unroll]] for (uint half_ = 0; half_ < 2; ++half_) {
                uvec4 a[kLaneRows], b[kLaneTokens];
                [[unroll]] for (uint r = 0; r < kLaneRows; ++r)
                    a[r] = tileCodes[(depth * 2 + half_) * kTileRows + myRow + r * kRowThreads];
                [[unroll]] for (uint t = 0; t < kLaneTokens; ++t)
                    b[t] = inputTile[(inputDepth * 2 + half_) * kTileTokens + myToken + t * kTokenThreads];
                [[unroll]] for (uint w = 0; w < 4; ++w) {
                    DotInput bw[kLaneTokens];
                    [[unroll]] for (uint t = 0; t < kLaneTokens; ++t) bw[t] = dotInput(b[t][w]);
                    [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
                        const DotInput aw = dotInput(a[r][w]);
                        [[unroll]] for (uint t = 0; t < kLaneTokens; ++t)
                            sums[r * kLaneTokens + t] = addDot(aw, bw[t], sums[r * kLaneTokens + t]);
                    }
                }
                if (kGroups == 1 && half_ == 0) continue;
                // A group is whole.
                const uint ofChunk = kGroups == 1 ? 0 : half_;
                vec2 bFactors[kLaneTokens];
                [[unroll]] for (uint t = 0; t < kLaneTokens; ++t)
                    bFactors[t] = inputTileFactors[(inputDepth * kGroups + ofChunk) * kTileTokens + myToken + t * kTokenThreads];
                [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
                    const vec2 aFactors = tileFactors[(depth * kGroups + ofChunk) * kTileRows + myRow + r * kRowThreads];
                    [[unroll]] for (uint t = 0; t < kLaneTokens; ++t) {
                        const uint i = r * kLaneTokens + t;
                        results[i] += aFactors.x * (bFactors[t].x * float(sums[i]));
                        if (kHasShift) results[i] -= aFactors.y * bFactors[t].y;
                        sums[i] = DotSum(0);
                    }
                }
            }
        }
        barrier();
    }

    [[unroll]] for (uint t = 0; t < kLaneTokens; ++t) {
        [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
            const uint row = row0 + myRow + r * kRowThreads, token = myToken + t * kTokenThreads;
            if (row < rows && token < share.tokens)
                storeResult(share.target, outRow(share, token), row, results[r * kLaneTokens + t]);
        }
    }
}
