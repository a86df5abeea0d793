// Activations for integer products: x ~ scale * q with q in -127..127 and one scale per chunk of 32 columns, as the CPU
// backend does it. Per chunk 32 bytes of codes and (scale, sums of the first and last 16 codes as two int16).
// One invocation a chunk: reads 128 bytes, writes 40; no invocation needs another.
#version 460

layout(local_size_x = 64) in;
layout(constant_id = 0) const uint kVector = 1; // 1: rows of x are 16-byte aligned

layout(set = 0, binding = 0, std430) readonly buffer Input1 { float x1[]; };
layout(set = 0, binding = 0, std430) readonly buffer Input4 { vec4 x4[]; };
layout(set = 0, binding = 1, std430) writeonly buffer CodesOut { uvec4 codes[]; };
layout(set = 0, binding = 2, std430) writeonly buffer FactorsOut { uvec2 factors[]; };
layout(push_constant) uniform Push { uint at, stride, chunks, rows; }; // of x in floats; chunks of a row

const float kSmallestQuantized = 1e-30; // so that 127 / largest stays finite

vec4 load4(uint at) {
    if (kVector == 1) return x4[at / 4];
    return vec4(x1[at], x1[at + 1], x1[at + 2], x1[at + 3]);
}
/// Four codes as bytes.
uint pack(ivec4 q) { return uint(q.x & 255 | (q.y & 255) << 8 | (q.z & 255) << 16 | q.w << 24); }

void main() {
    const uint i = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (i >= rows * chunks) return;
    const uint first = at + i / chunks * stride + i % chunks * 32;
    vec4 x[8], most = vec4(0);
    for (int s = 0; s < 8; ++s) {
        x[s] = load4(first + 4 * s);
        most = max(most, abs(x[s]));
    }
    const float largest = max(max(most.x, most.y), max(most.z, most.w));
    const float factor = largest >= kSmallestQuantized ? 127 / largest : 0;
    uvec4 words[2];
    ivec2 sums;
    for (int half_ = 0; half_ < 2; ++half_) {
        ivec4 sum = ivec4(0);
        for (int s = 0; s < 4; ++s) {
            const ivec4 q = clamp(ivec4(roundEven(x[half_ * 4 + s] * factor)), -127, 127);
            words[half_][s] = pack(q);
            sum += q;
        }
        sums[half_] = sum.x + sum.y + sum.z + sum.w;
    }
    codes[2 * i] = words[0];
    codes[2 * i + 1] = words[1];
    factors[i] = uvec2(floatBitsToUint(largest / 127), uint(sums.x & 0xffff | sums.y << 16));
}
