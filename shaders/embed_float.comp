// out row i = scale * row tokens[i] of a table of F32, F16 or BF16, or of one slice of it: other slices' rows are left
// alone. One column a thread; a token a group in y.
#version 460

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kFloatType = 0; // 0: F32, 1: F16, 2: BF16

layout(binding = 0) readonly buffer Weights { uint weights[]; };
layout(binding = 1) readonly buffer Step { uint step_[]; };
layout(binding = 2) writeonly buffer Out { float outValues[]; };

layout(push_constant) uniform Push {
    uint cols, row0, rows, tokensAt, outFirst, outStride;
    float scale;
};

float weightAt(uint i) {
    if (kFloatType == 0) return uintBitsToFloat(weights[i]);
    const uint bits = weights[i / 2] >> ((i & 1) * 16) & 0xffffu;
    return kFloatType == 1 ? unpackHalf2x16(bits).x : uintBitsToFloat(bits << 16);
}

void main() {
    const uint col = gl_GlobalInvocationID.x, row = step_[tokensAt + gl_WorkGroupID.y] - row0;
    if (col >= cols || row >= rows) return;
    outValues[outFirst + gl_WorkGroupID.y * outStride + col] = scale * weightAt(row * cols + col);
}
