// The short causal convolution before a gated delta net, in place: x = silu(sum of its last kTaps inputs * taps). The
// inputs before the batch lie in the state (kTaps - 1, channels); a text begins with zeros. A channel an invocation,
// token after token: some are loaded at once, so that they are waited for together.
#version 460
#extension GL_EXT_control_flow_attributes : require

layout(constant_id = 0) const uint kTaps = 4; // 1 .. VulkanLayout::kMostTaps
layout(local_size_x = 64) in;

layout(binding = 0) readonly buffer In { float inValues[]; };
layout(binding = 1) readonly buffer Taps { float taps[]; }; // (channels, kTaps), oldest token first
layout(binding = 2) readonly buffer Step { uint step_[]; };
layout(binding = 3) readonly buffer Before { float before[]; };
layout(binding = 4) writeonly buffer Out { float outValues[]; };
layout(binding = 5) writeonly buffer Behind { float behind[]; };

layout(push_constant) uniform Push { uint first, stride, channels, rows, row0; };

const uint kAtOnce = 8, kOld = kTaps - 1;

void main() {
    const uint channel = gl_GlobalInvocationID.x;
    if (channel >= channels) return;
    const bool fresh = step_[0] + row0 == 0;
    float inputs[kTaps], factors[kTaps], next[kAtOnce];
    [[unroll]] for (uint i = 0; i < kTaps; ++i) factors[i] = taps[channel * kTaps + i];
    [[unroll]] for (uint i = 0; i < kOld; ++i) inputs[i + 1] = fresh ? 0 : before[i * channels + channel];
    for (uint t = 0; t < rows; t += kAtOnce) {
        [[unroll]] for (uint n = 0; n < kAtOnce; ++n)
            next[n] = t + n < rows ? inValues[first + (t + n) * stride + channel] : 0;
        [[unroll]] for (uint n = 0; n < kAtOnce; ++n)
            if (t + n < rows) {
                [[unroll]] for (uint i = 0; i < kOld; ++i) inputs[i] = inputs[i + 1];
                inputs[kOld] = next[n];
                float sum = 0;
                [[unroll]] for (uint i = 0; i < kTaps; ++i) sum += factors[i] * inputs[i];
                outValues[first + (t + n) * stride + channel] = sum / (1 + exp(min(-sum, 80)));
            }
    }
    [[unroll]] for (uint i = 0; i < kOld; ++i) behind[i * channels + channel] = inputs[i + 1];
}
