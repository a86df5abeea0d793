// Product of a quantized slice with many rows of quantized activations where every word that an invocation reads costs
// as much as thirty multiplications (llvmpipe reads them one after the other): include/matmul.glsl without shared
// memory. A workgroup is one subgroup. Each invocation keeps a chunk of 32 columns of kLaneRows rows in registers and
// multiplies it by all kTileTokens tokens, of which it reads its share and hands it round: per chunk 32 * kLaneRows *
// kTileTokens products per 5 * kLaneRows + 10 * kTileTokens / kLanes words of 4-bit weights and inputs.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_ballot : require

#define WEIGHTS_BINDING 0
#define ACTIVATIONS_BINDING 1
#define TERMS_CONSTANT 16
#define TARGET_BINDING 3
layout(constant_id = 11) const uint kTileTokens = 8; // a multiple of kLanes
layout(local_size_x_id = 12) in;
layout(constant_id = 12) const uint kLanes = 8; // the subgroup size
layout(constant_id = 13) const uint kLaneRows = 2;

#include "activations.glsl"
#include "affine.glsl"
#include "integer_dot.glsl"
#include "target.glsl"

layout(push_constant) uniform Push {
    Planes planes;
    uint chunks, rows, tokens;
    Target target;
};

const uint kGroups = 32 / kGroupSize; // of a chunk

struct Chunk {
    vec4 codes[8];
};
Chunk asFloats(Codes c) {
    Chunk chunk;
    [[unroll]] for (uint w = 0; w < 4; ++w) {
        chunk.codes[w] = dotInput(c.first[w]);
        chunk.codes[4 + w] = dotInput(c.second[w]);
    }
    return chunk;
}

void main() {
    const uint row0 = gl_WorkGroupID.x * kLanes * kLaneRows + gl_SubgroupInvocationID;
    const uint token0 = gl_WorkGroupID.y * kTileTokens;
    float results[kLaneRows * kTileTokens];
    [[unroll]] for (uint i = 0; i < kLaneRows * kTileTokens; ++i) results[i] = 0;

    Chunk weights[kLaneRows];
    vec2 scales[kLaneRows], shifts[kLaneRows];
    for (uint inputChunk = 0; inputChunk < chunks * kTerms; ++inputChunk) {
        if (inputChunk % kTerms == 0) { // the terms of a chunk have the same weights
            [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
                const uint at = min(row0 + r * kLanes, rows - 1) * chunks + inputChunk / kTerms;
                weights[r] = asFloats(loadCodes(planes, at));
                const Factors f = loadFactors(planes, at);
                scales[r] = f.scale;
                shifts[r] = shiftOf(f);
            }
        }
        [[unroll]] for (uint t = 0; t < kTileTokens; t += kLanes) {
            const uint at = min(token0 + t + gl_SubgroupInvocationID, tokens - 1) * chunks * kTerms + inputChunk;
            const Chunk own = asFloats(Codes(inputCodes[2 * at], inputCodes[2 * at + 1]));
            const vec3 ownFactors = loadInputFactors(at);
            [[unroll]] for (uint lane = 0; lane < kLanes; ++lane) {
                const vec3 factors = subgroupBroadcast(ownFactors, lane);
                [[unroll]] for (uint group = 0; group < kGroups; ++group) {
                    float sums[kLaneRows];
                    [[unroll]] for (uint r = 0; r < kLaneRows; ++r) sums[r] = 0;
                    [[unroll]] for (uint w = group * 4; w < (kGroups == 1 ? 8 : group * 4 + 4); ++w) {
                        const vec4 x = subgroupBroadcast(own.codes[w], lane);
                        [[unroll]] for (uint r = 0; r < kLaneRows; ++r)
                            sums[r] = addDot(weights[r].codes[w], x, sums[r]);
                    }
                    const float inputSum = kGroups == 1 ? factors.y + factors.z : factors[1 + group];
                    [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
                        const float shifted = kHasShift ? shifts[r][group] * inputSum : 0;
                        results[r * kTileTokens + t + lane] += factors.x * (scales[r][group] * sums[r] - shifted);
                    }
                }
            }
        }
    }

    [[unroll]] for (uint t = 0; t < kTileTokens; ++t) {
        [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
            const uint row = row0 + r * kLanes, token = token0 + t;
            if (row < rows && token < tokens) storeResult(target, token, row, results[r * kTileTokens + t]);
        }
    }
}
