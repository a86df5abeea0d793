// out row i = scale * row tokens[i] of a quantized table, or of one slice of it: other slices' rows are left alone.
// Four columns a thread; a token a group in y.
#version 460
#extension GL_GOOGLE_include_directive : require

layout(local_size_x = 64) in;
#define WEIGHTS_BINDING 0
#include "affine.glsl"

layout(binding = 1) readonly buffer Step { uint step_[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push {
    Planes planes;
    uint cols, row0, rows, tokensAt, outFirst, outStride;
    float scale;
};

void main() {
    const uint col = gl_GlobalInvocationID.x * 4, row = step_[tokensAt + gl_WorkGroupID.y] - row0;
    if (col >= cols || row >= rows) return;
    const vec4 w = scale * loadWeights(planes, row * (cols / 32) + col / 32, col / 4 % 8);
    const uint to = outFirst + gl_WorkGroupID.y * outStride + col;
    for (uint i = 0; i < 4; ++i) outValues[to + i] = w[i];
}
