// The recurrence of a gated delta net (Yang et al. 2024): for each token, with q and k of length 1, S = decay * S;
// S += k (beta * (v - S^T k))^T; out = S^T q / sqrt(kKeyDim). A workgroup computes kColumns columns of one value head's
// state over the whole batch and keeps them in registers: kLanes invocations share the rows of a column. x: block of
// columns, y: value head. Inputs of kTokens tokens pass through shared memory at once.
#version 460
#extension GL_EXT_control_flow_attributes : require

layout(constant_id = 0) const uint kKeyDim = 128; // at most VulkanLayout::kMostKeyDim
layout(constant_id = 1) const uint kTokens = 8;   // at most 8
layout(local_size_x = 128) in;

layout(binding = 0) readonly buffer Qkv { float qkv[]; }; // rows of all queries, keys and values
layout(binding = 1) readonly buffer Alpha { float alpha[]; };
layout(binding = 2) readonly buffer Beta { float beta[]; };
layout(binding = 3) readonly buffer Decay { float decayRates[]; };
layout(binding = 4) readonly buffer AlphaStep { float alphaSteps[]; };
layout(binding = 5) readonly buffer Step { uint step_[]; };
layout(binding = 6) readonly buffer Before { float before[]; }; // (heads, kKeyDim, valueDim)
layout(binding = 7) writeonly buffer Out { float outValues[]; };
layout(binding = 8) writeonly buffer Behind { float behind[]; };

layout(push_constant) uniform Push {
    uint qkvFirst, qkvStride, alphaFirst, betaFirst, gateStride, outFirst, outStride;
    uint keyHeads, valueDim, rows, row0;
};

// The longer a column, the more invocations share it: Intel's have room for 16 of its rows.
const uint kGroup = 128, kColumns = kKeyDim > 256 ? 4 : kKeyDim > 128 ? 8 : 16, kLanes = kGroup / kColumns;
const uint kRows = (kKeyDim + kLanes - 1) / kLanes; // of a column, in one invocation: every kLanes-th
const uint kStride = kRows * kLanes;
const float kEps = 1e-6;

shared float queries[kTokens * kStride], keys[kTokens * kStride], values[kTokens * kColumns];
shared float decays[kTokens], betas[kTokens];
shared float squares[2 * kTokens * kLanes], scales[2 * kTokens]; // of a token's key and query, in turn
shared float known[2 * kGroup];                                  // of even and odd tokens
shared float results[kTokens * kGroup];

uint id = gl_LocalInvocationID.x, column = id % kColumns, lane = id / kColumns;
uint head = gl_WorkGroupID.y, column0 = gl_WorkGroupID.x * kColumns;

float softplus(float x) { return x > 20 ? x : log(1 + exp(x)); }

void loadTokens(uint token0, uint count) {
    const uint from = qkvFirst + token0 * qkvStride, keysAt = keyHeads * kKeyDim;
    for (uint i = id; i < count * kStride; i += kGroup) {
        const uint d = i % kStride, at = from + i / kStride * qkvStride + head % keyHeads * kKeyDim + d;
        queries[i] = d < kKeyDim ? qkv[at] : 0;
        keys[i] = d < kKeyDim ? qkv[at + keysAt] : 0;
    }
    for (uint i = id; i < count * kColumns; i += kGroup) {
        const uint c = column0 + i % kColumns;
        values[i] = c < valueDim ? qkv[from + i / kColumns * qkvStride + 2 * keysAt + head * valueDim + c] : 0;
    }
    if (id < count) {
        const uint gate = (token0 + id) * gateStride + head;
        decays[id] = exp(decayRates[head] * softplus(alpha[alphaFirst + gate] + alphaSteps[head]));
        betas[id] = 1 / (1 + exp(min(-beta[betaFirst + gate], 80)));
    }
}

/// scales[2 t] = 1 / |k|, scales[2 t + 1] = 1 / (|q| sqrt(kKeyDim))
void findScales(uint count) {
    const uint vector = id / kLanes, part = id % kLanes;
    if (vector < 2 * count) {
        float sum = 0;
        for (uint r = 0; r < kRows; ++r) {
            const uint at = vector / 2 * kStride + r * kLanes + part;
            const float x = vector % 2 == 0 ? keys[at] : queries[at];
            sum += x * x;
        }
        squares[id] = sum;
    }
    barrier();
    if (id < 2 * count) {
        float sum = kEps;
        for (uint i = 0; i < kLanes; ++i) sum += squares[id * kLanes + i];
        scales[id] = 1 / sqrt(id % 2 == 0 ? sum : sum * float(kKeyDim));
    }
}

void main() {
    const bool fresh = step_[0] + row0 == 0, used = column0 + column < valueDim;
    const uint stateAt = head * kKeyDim * valueDim + column0 + column;
    float state[kRows];
    [[unroll]] for (uint r = 0; r < kRows; ++r) {
        const uint row = r * kLanes + lane;
        state[r] = fresh || !used || row >= kKeyDim ? 0 : before[stateAt + row * valueDim];
    }
    for (uint token0 = 0; token0 < rows; token0 += kTokens) {
        const uint count = min(kTokens, rows - token0);
        loadTokens(token0, count);
        barrier();
        findScales(count);
        barrier();
        for (uint t = 0; t < count; ++t) {
            float part = 0;
            [[unroll]] for (uint r = 0; r < kRows; ++r) part += keys[t * kStride + r * kLanes + lane] * state[r];
            const uint turn = t % 2 * kGroup;
            known[turn + id] = part;
            barrier();
            float sum = 0;
            [[unroll]] for (uint i = 0; i < kLanes; ++i) sum += known[turn + i * kColumns + column];
            const float decay = decays[t], keyScale = scales[2 * t];
            const float change = betas[t] * keyScale * (values[t * kColumns + column] - decay * keyScale * sum);
            float result = 0;
            [[unroll]] for (uint r = 0; r < kRows; ++r) {
                const uint at = t * kStride + r * kLanes + lane;
                state[r] = decay * state[r] + keys[at] * change;
                result += queries[at] * state[r];
            }
            results[t * kGroup + id] = result * scales[2 * t + 1];
        }
        barrier();
        for (uint i = id; i < count * kColumns; i += kGroup) {
            const uint t = i / kColumns, c = i % kColumns;
            float sum = 0;
            for (uint l = 0; l < kLanes; ++l) sum += results[t * kGroup + l * kColumns + c];
            if (column0 + c < valueDim)
                outValues[outFirst + (token0 + t) * outStride + head * valueDim + column0 + c] = sum;
        }
    }
    [[unroll]] for (uint r = 0; r < kRows; ++r) {
        const uint row = r * kLanes + lane;
        if (used && row < kKeyDim) behind[stateAt + row * valueDim] = state[r];
    }
}
