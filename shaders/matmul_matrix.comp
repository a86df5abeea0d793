// Product of a quantized slice with many rows of quantized activations on matrix units (VK_KHR_cooperative_matrix):
// prefill on cards that have them. A workgroup computes a tile of kTileRows rows x kTileTokens tokens; its subgroups
// share it in a grid, kGridRows of them side by side along the rows. Per step kDepth chunks of 32 columns of both sides
// become f16 in shared memory; the units multiply 16 x 16 x 16 of it at once and sum in f32. What the next step needs is
// loaded before, so that memory and units work at the same time.
// f16 rounds each factor by 2^-12, a tenth of what rounding activations to 8 bits did; they are scaled so that no model's
// exceed its range.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

#define WEIGHTS_BINDING 0
#define SHARED_TABLE
#define ACTIVATIONS_BINDING 1
#define TARGET_BINDING 3
layout(constant_id = 10) const uint kTileRows = 128;
layout(constant_id = 11) const uint kTileTokens = 128;
layout(local_size_x_id = 12) in; // subgroups * their size
layout(constant_id = 12) const uint kLanes = 128;
layout(constant_id = 13) const uint kGridRows = 2; // subgroups
layout(constant_id = 14) const uint kGridTokens = 2;
layout(constant_id = 15) const uint kDepth = 1;

#include "activations.glsl"
#include "affine.glsl"
#include "target.glsl"

layout(push_constant) uniform Push {
    Planes planes;
    uint chunks, rows, tokens;
    Target target;
};

const uint kSubgroup = kLanes / (kGridRows * kGridTokens);
const uint kSide = 16;                    // of the units' matrices
const uint kStride = kDepth * 4 + 1;      // uvec4 (8 halves) of a staged row; odd, so that rows start in other banks
const uint kBlockRows = kTileRows / kGridRows / kSide;       // matrices of a subgroup
const uint kBlockTokens = kTileTokens / kGridTokens / kSide;
const float kShrink = 1.0 / 16;           // of activations

shared uvec4 tileWeights[kTileRows * kStride];
shared uvec4 tileInputs[kTileTokens * kStride];
shared float patches[kGridRows * kGridTokens * kSide * kSide]; // a matrix of each subgroup on its way out

/// 16 signed bytes as halves: factor * byte - shift.
void storeHalves(uvec4 bytes, float factor, float shift, bool weights, uint at) {
    [[unroll]] for (uint i = 0; i < 2; ++i) {
        uvec4 words;
        [[unroll]] for (uint j = 0; j < 2; ++j) {
            const int v = int(bytes[i * 2 + j]);
            const vec4 x = vec4(bitfieldExtract(v, 0, 8), bitfieldExtract(v, 8, 8), bitfieldExtract(v, 16, 8),
                                bitfieldExtract(v, 24, 8)) * factor - shift;
            words[j * 2] = packHalf2x16(x.xy);
            words[j * 2 + 1] = packHalf2x16(x.zw);
        }
        if (weights)
            tileWeights[at + i] = words;
        else
            tileInputs[at + i] = words;
    }
}

// Chunks that an invocation stages per step.
const uint kWeightShare = (kTileRows * kDepth + kLanes - 1) / kLanes, kInputShare = (kTileTokens * kDepth + kLanes - 1) / kLanes;
Codes nextWeights[kWeightShare];
vec2 nextScales[kWeightShare], nextShifts[kWeightShare];
Codes nextInputs[kInputShare];
float nextFactors[kInputShare];

void load(uint row0, uint token0, uint chunk0) {
    [[unroll]] for (uint s = 0; s < kWeightShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes;
        const uint at = min(row0 + i / kDepth, rows - 1) * chunks + min(chunk0 + i % kDepth, chunks - 1);
        nextWeights[s] = loadCodes(planes, at);
        const Factors f = loadFactors(planes, at);
        nextScales[s] = f.scale;
        nextShifts[s] = shiftOf(f);
    }
    [[unroll]] for (uint s = 0; s < kInputShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes;
        const uint at = min(token0 + i / kDepth, tokens - 1) * chunks + min(chunk0 + i % kDepth, chunks - 1);
        nextInputs[s] = Codes(inputCodes[2 * at], inputCodes[2 * at + 1]);
        // Chunks beyond the end count nothing.
        nextFactors[s] = chunk0 + i % kDepth < chunks ? loadInputFactors(at).x * kShrink : 0;
    }
}

void stage() {
    [[unroll]] for (uint s = 0; s < kWeightShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes, to = i / kDepth * kStride + i % kDepth * 4;
        if (i >= kTileRows * kDepth) break;
        storeHalves(nextWeights[s].first, nextScales[s].x, nextShifts[s].x, true, to);
        storeHalves(nextWeights[s].second, nextScales[s].y, nextShifts[s].y, true, to + 2);
    }
    [[unroll]] for (uint s = 0; s < kInputShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes, to = i / kDepth * kStride + i % kDepth * 4;
        if (i >= kTileTokens * kDepth) break;
        storeHalves(nextInputs[s].first, nextFactors[s], 0, false, to);
        storeHalves(nextInputs[s].second, nextFactors[s], 0, false, to + 2);
    }
}

#define Left coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseA>
#define Right coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseB>
#define Sum coopmat<float, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator>

void main() {
    const uint row0 = gl_WorkGroupID.x * kTileRows, token0 = gl_WorkGroupID.y * kTileTokens;
    const uint myRow = gl_SubgroupID % kGridRows * kBlockRows * kSide;
    const uint myToken = gl_SubgroupID / kGridRows * kBlockTokens * kSide;
    shareTable();
    Sum sums[kBlockRows * kBlockTokens];
    [[unroll]] for (uint i = 0; i < kBlockRows * kBlockTokens; ++i) sums[i] = Sum(0.0);

    load(row0, token0, 0);
    for (uint chunk0 = 0; chunk0 < chunks; chunk0 += kDepth) {
        stage();
        barrier();
        if (chunk0 + kDepth < chunks) load(row0, token0, chunk0 + kDepth);
        [[unroll]] for (uint k = 0; k < kDepth * 2; ++k) { // of 16 columns
            Left a[kBlockRows];
            [[unroll]] for (uint r = 0; r < kBlockRows; ++r)
                coopMatLoad(a[r], tileWeights, (myRow + r * kSide) * kStride + k * 2, kStride, gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint t = 0; t < kBlockTokens; ++t) {
                Right b;
                coopMatLoad(b, tileInputs, (myToken + t * kSide) * kStride + k * 2, kStride, gl_CooperativeMatrixLayoutColumnMajor);
                [[unroll]] for (uint r = 0; r < kBlockRows; ++r)
                    sums[t * kBlockRows + r] = coopMatMulAdd(a[r], b, sums[t * kBlockRows + r]);
            }
        }
        barrier();
    }

    // All of it unrolled: else the sums would be indexed, and lie in memory instead of registers (5 times slower).
    const uint mine = gl_SubgroupID * kSide * kSide;
    [[unroll]] for (uint t = 0; t < kBlockTokens; ++t) {
        [[unroll]] for (uint r = 0; r < kBlockRows; ++r) {
            coopMatStore(sums[t * kBlockRows + r], patches, mine, kSide, gl_CooperativeMatrixLayoutColumnMajor);
            subgroupBarrier();
            [[unroll]] for (uint i = 0; i < kSide * kSide / kSubgroup; ++i) {
                const uint at = i * kSubgroup + gl_SubgroupInvocationID;
                const uint row = row0 + myRow + r * kSide + at % kSide, token = token0 + myToken + t * kSide + at / kSide;
                if (row < rows && token < tokens) storeResult(target, token, row, patches[mine + at] * (1 / kShrink));
            }
            subgroupBarrier();
        }
    }
}
