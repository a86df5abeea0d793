// Product of an F32, F16 or BF16 slice with many rows of f32 activations, in tiles as include/matmul.glsl has them. A
// step stages 4 * kDepth columns of both sides in shared memory as f32.
#extension GL_EXT_control_flow_attributes : require

#define WEIGHTS_BINDING 0
#define INPUT_BINDING 1
#define TARGET_BINDING 2
layout(constant_id = 2) const uint kTileRows = 64;
layout(constant_id = 3) const uint kTileTokens = 64;
layout(local_size_x_id = 4) in; // (kTileRows / kLaneRows) * (kTileTokens / kLaneTokens)
layout(constant_id = 5) const uint kLaneRows = 4;
layout(constant_id = 6) const uint kLaneTokens = 4;
layout(constant_id = 7) const uint kDepth = 4;

#include "float_rows.glsl"
#include "target.glsl"
#include "experts.glsl"

layout(push_constant) uniform Push {
    uint cols, rows, tokens;
    uint inputAt, inputStride; // in floats
    Target target;
#ifdef EXPERTS
    Experts experts;
#endif
};

#define SHARE_TOKENS kTileTokens
#include "share.glsl"

shared vec4 tile[kDepth * kTileRows]; // (four columns, row)
shared vec4 inputTile[kDepth * kTileTokens];

const uint kRowThreads = kTileRows / kLaneRows, kTokenThreads = kTileTokens / kLaneTokens;

void stage(Share share, uint row0, uint column0) {
    for (uint i = gl_LocalInvocationID.x; i < kTileRows * kDepth; i += gl_WorkGroupSize.x) {
        const uint row = i / kDepth, column = column0 + i % kDepth * 4;
        tile[i % kDepth * kTileRows + row] =
            column < cols ? loadWeights4((share.weightRow + min(row0 + row, rows - 1)) * cols, column, cols) : vec4(0);
    }
    for (uint i = gl_LocalInvocationID.x; i < kTileTokens * kDepth; i += gl_WorkGroupSize.x) {
        const uint token = i / kDepth, column = column0 + i % kDepth * 4;
        inputTile[i % kDepth * kTileTokens + token] =
            column < cols ? loadInput4(inputAt + inputRow(share, token) * inputStride, column, cols) : vec4(0);
    }
}

void main() {
    const Share share = workgroupShare();
    if (share.tokens == 0) return;
    const uint row0 = gl_WorkGroupID.x * kTileRows;
    const uint myRow = gl_LocalInvocationID.x % kRowThreads, myToken = gl_LocalInvocationID.x / kRowThreads;
    float results[kLaneRows * kLaneTokens];
    [[unroll]] for (uint i = 0; i < kLaneRows * kLaneTokens; ++i) results[i] = 0;
    for (uint column0 = 0; column0 < cols; column0 += kDepth * 4) {
        stage(share, row0, column0);
        barrier();
        [[unroll]] for (uint depth = 0; depth < kDepth; ++depth) {
            vec4 b[kLaneTokens];
            [[unroll]] for (uint t = 0; t < kLaneTokens; ++t)
                b[t] = inputTile[depth * kTileTokens + myToken + t * kTokenThreads];
            [[unroll]] for (uint r = 0; r < kLaneRows; ++r) {
                const vec4 a = tile[depth * kTileRows + myRow + r * kRowThreads];
                [[unroll]] for (uint t = 0; t < kLaneTokens; ++t) results[r * kLaneTokens + t] += dot(a, b[t]);
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
