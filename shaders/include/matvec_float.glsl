// Product of an F32, F16 or BF16 slice with up to 8 rows of f32 activations. A workgroup computes kRows rows x kTokens
// tokens; its invocations take four columns in turn. With EXPERTS a workgroup has one slot, z.
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require

#define WEIGHTS_BINDING 0
#define INPUT_BINDING 1
#define TARGET_BINDING 2
layout(constant_id = 2) const uint kRows = 2;
layout(constant_id = 3) const uint kTokens = 1; // at least as many as there are
layout(local_size_x_id = 4) in;
#define REDUCED (kRows * kTokens)

#include "float_rows.glsl"
#include "reduce.glsl"
#include "target.glsl"
#include "experts.glsl"

layout(push_constant) uniform Push {
#ifdef TOGETHER
    Part parts[TOGETHER];
    uint cols, tokens, biased;
    uint inputAt, inputStride; // in floats
#else
    uint cols, rows, tokens;
    uint inputAt, inputStride; // in floats
    Target target;
#endif
#ifdef EXPERTS
    Experts experts;
#endif
};

#define SHARE_OF_SLOT
#include "share.glsl"

void main() {
    const uint firstRow = enterRows();
    const Share share = workgroupShare();
    if (firstRow >= rows || share.tokens == 0) return;
    float sums[kRows * kTokens];
    [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) sums[i] = 0;
    for (uint column = gl_LocalInvocationID.x * 4; column < cols; column += gl_WorkGroupSize.x * 4) {
        vec4 w[kRows];
        [[unroll]] for (uint r = 0; r < kRows; ++r)
            w[r] = loadWeights4((share.weightRow + min(firstRow + r, rows - 1)) * cols, column, cols);
        [[unroll]] for (uint t = 0; t < kTokens; ++t) {
            const vec4 x = loadInput4(inputAt + inputRow(share, t) * inputStride, column, cols);
            [[unroll]] for (uint r = 0; r < kRows; ++r) sums[r * kTokens + t] += dot(w[r], x);
        }
    }
    [[unroll]] for (uint i = 0; i < kRows * kTokens; ++i) reduceValue(i, sums[i]);
    barrier();
    for (uint i = gl_LocalInvocationID.x; i < kRows * kTokens; i += gl_WorkGroupSize.x) {
        const uint row = firstRow + i / kTokens, token = i % kTokens;
        if (row < rows && token < share.tokens) storeResult(share.target, outRow(share, token), row, reducedValue(i));
    }
}
