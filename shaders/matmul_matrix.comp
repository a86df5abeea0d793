// Product of a quantized slice with many rows of activations, which halve_rows made halves, on matrix units
// (VK_KHR_cooperative_matrix): prefill on cards that have them. A workgroup computes a tile of kTileRows rows x
// kTileTokens tokens; its subgroups share it in a grid, kGridRows of them side by side along the rows. Per step kDepth
// chunks of 32 columns of both sides lie as f16 in shared memory; the units multiply 16 x 16 x 16 of it at once and sum
// in f32. What the next step needs is loaded before, so that memory and units work at the same time. Making halves of
// codes, not the units, takes the most time: weights are made with arithmetic on pairs, inputs once for all workgroups
// (H100: 98 instead of 69 T multiply-adds/s).
// f16 rounds each factor by 2^-12, a tenth of what rounding activations to 8 bits did.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require

#define WEIGHTS_BINDING 0
#define SHARED_TABLE
#define TARGET_BINDING 2
layout(constant_id = 10) const uint kTileRows = 128;
layout(constant_id = 11) const uint kTileTokens = 128;
layout(local_size_x_id = 12) in; // subgroups * their size
layout(constant_id = 12) const uint kLanes = 128;
layout(constant_id = 13) const uint kGridRows = 2; // subgroups
layout(constant_id = 14) const uint kGridTokens = 2;
layout(constant_id = 15) const uint kDepth = 1;

#include "affine.glsl"
#include "halves.glsl"
#include "target.glsl"

layout(set = 0, binding = 1, std430) readonly buffer Inputs { uvec4 inputs[]; };

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

shared uvec4 tileWeights[kTileRows * kStride];
shared uvec4 tileInputs[kTileTokens * kStride];
shared float patches[kGridRows * kGridTokens * kSide * kSide]; // a matrix of each subgroup on its way out

/// Two of four bytes as halves: byte + 1152, less 1152, is exact.
f16vec2 codes(uint bytes) { return unpackFloat2x16(bytes & 0x00ff00ffu | 0x64006400u) - f16vec2(1152.0hf); }

/// 16 signed bytes as the halves factor * byte - shift.
void storeWeights(uvec4 bytes, float factor, float shift, uint at) {
    const f16vec2 scale = f16vec2(float16_t(factor * kGrow)), offset = f16vec2(float16_t(-shift * kGrow));
    [[unroll]] for (uint i = 0; i < 2; ++i) {
        uvec4 words;
        [[unroll]] for (uint j = 0; j < 2; ++j) {
            const uint v = bytes[i * 2 + j] ^ 0x80808080u; // byte + 128
            words[j * 2] = packFloat2x16(fma(codes(v), scale, offset));
            words[j * 2 + 1] = packFloat2x16(fma(codes(v >> 8), scale, offset));
        }
        tileWeights[at + i] = words;
    }
}

// What an invocation stages per step: chunks of weights, and words of 16 bytes of inputs.
const uint kWeightShare = (kTileRows * kDepth + kLanes - 1) / kLanes;
const uint kInputWords = kDepth * 4; // of a row
const uint kInputShare = (kTileTokens * kInputWords + kLanes - 1) / kLanes;
Codes nextWeights[kWeightShare];
vec2 nextScales[kWeightShare], nextShifts[kWeightShare];
uvec4 nextInputs[kInputShare];

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
        const uint i = gl_LocalInvocationID.x + s * kLanes, word = chunk0 * 4 + i % kInputWords;
        const uint row = min(token0 + i / kInputWords, tokens - 1);
        // Chunks beyond the end count nothing.
        nextInputs[s] = word < chunks * 4 ? inputs[row * chunks * 4 + word] : uvec4(0);
    }
}

void stage() {
    [[unroll]] for (uint s = 0; s < kWeightShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes, to = i / kDepth * kStride + i % kDepth * 4;
        if (i >= kTileRows * kDepth) break;
        storeWeights(nextWeights[s].first, nextScales[s].x, nextShifts[s].x, to);
        storeWeights(nextWeights[s].second, nextScales[s].y, nextShifts[s].y, to + 2);
    }
    [[unroll]] for (uint s = 0; s < kInputShare; ++s) {
        const uint i = gl_LocalInvocationID.x + s * kLanes;
        if (i >= kTileTokens * kInputWords) break;
        tileInputs[i / kInputWords * kStride + i % kInputWords] = nextInputs[s];
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
                if (row < rows && token < tokens) storeResult(target, token, row, patches[mine + at]);
            }
            subgroupBarrier();
        }
    }
}
