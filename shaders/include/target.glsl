// Where a product goes: out[token][row] = value + bias[row] + residual[token][row], rows counted in the slice.
// Before including: #define TARGET_BINDING to the binding of out; bias and residual follow it. What a product lacks is
// bound to anything and not read. With #define TOGETHER (weights.glsl) these are the workgroup's matrix's.
#ifndef NIBBLE_TARGET
#define NIBBLE_TARGET

#ifdef TOGETHER
layout(set = 0, binding = TARGET_BINDING, std430) writeonly buffer Out { float values[]; } outs[TOGETHER];
layout(set = 0, binding = TARGET_BINDING + 1, std430) readonly buffer Bias { float values[]; } biases[TOGETHER];
#define out1 outs[matrix].values
#define bias1 biases[matrix].values

/// Of each matrix; part of a kernel's push constants. There is no residual.
struct Part {
    uint rows, outAt, outStride;
};
#else
layout(set = 0, binding = TARGET_BINDING, std430) writeonly buffer Out { float out1[]; };
layout(set = 0, binding = TARGET_BINDING + 1, std430) readonly buffer Bias { float bias1[]; };
layout(set = 0, binding = TARGET_BINDING + 2, std430) readonly buffer Residual { float residual1[]; };
#endif

/// In floats; part of a kernel's push constants.
struct Target {
    uint outAt, outStride; // of the slice's first row, and from token to token
    uint residualAt, residualStride;
    uint biasAt;
    uint flags; // 1: bias, 2: residual
};

void storeResult(Target target, uint token, uint row, float value) {
    if ((target.flags & 1) != 0) value += bias1[target.biasAt + row];
#ifndef TOGETHER
    if ((target.flags & 2) != 0) value += residual1[target.residualAt + token * target.residualStride + row];
#endif
    out1[target.outAt + token * target.outStride + row] = value;
}

#endif
