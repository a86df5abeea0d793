// Product of a quantized slice with up to 8 rows of quantized activations: decoding, where memory is the limit.
//     out = sum over chunks of inputScale * (scale * (codes . input) - shift * (sum of input codes))
// A workgroup computes kRows rows x kTokens tokens; its invocations take chunks of 32 columns in turn, so that a row of
// 4-bit codes is read 16 bytes an invocation, side by side. Each weight is read once, each input kRows-fold less. With
// EXPERTS a workgroup has one slot, z, and its expert's weights.
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require

#define WEIGHTS_BINDING 0
#define SHARED_TABLE
#define ACTIVATIONS_BINDING 1
#define TERMS_CONSTANT 13
#define TARGET_BINDING 3
layout(constant_id = 10) const uint kRows = 2;
layout(constant_id = 11) const uint kTokens = 1; // at least as many as there are
layout(local_size_x_id = 12) in;
#define REDUCED (kRows * kTokens)

#include "activations.glsl"
#include "affine.glsl"
#include "integer_dot.glsl"
#include "reduce.glsl"
#include "target.glsl"
#include "experts.glsl"

layout(push_constant) uniform Push {
#ifdef TOGETHER
    Planes planesOf[TOGETHER];
    Part parts[TOGETHER];
    uint chunks, tokens, biased;
#else
    Planes planes;
    uint chunks, rows, tokens;
    Target target;
#endif
#ifdef EXPERTS
    Experts experts;
#endif
};

#define SHARE_OF_SLOT
#include "share.glsl"

/// One chunk of a row times one of an input.
float chunkProduct(Codes codes, vec2 scale, vec2 shift, Codes x, vec3 xFactors) {
    float sum;
    if (kGroupSize == 32) {
        sum = scale.x * float(addDot16(codes.second, x.second, addDot16(codes.first, x.first, DotSum(0))));
        if (kHasShift) sum -= shift.x * (xFactors.y + xFactors.z);
    } else {
        sum = scale.x * float(addDot16(codes.first, x.first, DotSum(0))) +
              scale.y * float(addDot16(codes.second, x.second, DotSum(0)));
        if (kHasShift) sum -= dot(shift, xFactors.yz);
    }
    return xFactors.x * sum;
}

void main() {
    const uint firstRow = enterRows();
    const Share share = workgroupShare();
    if (firstRow >= rows || share.tokens == 0) return;
    shareTable();
    float sums[kRows * kTokens];
    [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) sums[i] = 0;

    for (uint chunk = gl_LocalInvocationID.x; chunk < chunks; chunk += gl_WorkGroupSize.x) {
        Codes codes[kRows];
        vec2 scales[kRows], shifts[kRows];
        [[unroll]] for (uint r = 0; r < kRows; ++r) {
            const uint at = (share.weightRow + min(firstRow + r, rows - 1)) * chunks + chunk;
            codes[r] = loadCodes(planes, at);
            const Factors f = loadFactors(planes, at);
            scales[r] = f.scale;
            shifts[r] = shiftOf(f);
        }
        [[unroll]] for (uint t = 0; t < kTokens; ++t) {
            [[unroll]] for (uint term = 0; term < kTerms; ++term) {
                const uint at = (inputRow(share, t) * chunks + chunk) * kTerms + term;
                const Codes x = Codes(inputCodes[2 * at], inputCodes[2 * at + 1]);
                const vec3 xFactors = loadInputFactors(at);
                [[unroll]] for (uint r = 0; r < kRows; ++r)
                    sums[r * kTokens + t] += chunkProduct(codes[r], scales[r], shifts[r], x, xFactors);
            }
        }
    }

    [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) reduceValue(i, sums[i]);
    barrier();
    for (uint i = gl_LocalInvocationID.x; i < kRows * kTokens; i += gl_WorkGroupSize.x) {
        const uint row = firstRow + i / kTokens, token = i % kTokens;
        if (row < rows && token < share.tokens)
            storeResult(share.target, outRow(share, token), row, reducedValue(i));
    }
}
