// Activations for integer products: x ~ scale * q with q in -127..127 and one scale per chunk of 32 columns, as the CPU
// backend does it. Per chunk 32 bytes of codes and (scale, sums of the first and last 16 codes as two int16). With two
// terms each chunk is followed by what it left over, as a chunk like itself.
// Before including: #define QUANTIZED_BINDING to the binding of the codes; their factors follow; TERMS_CONSTANT to the
// id of a specialization constant.
#ifndef NIBBLE_QUANTIZE
#define NIBBLE_QUANTIZE

layout(constant_id = TERMS_CONSTANT) const uint kTerms = 1;
layout(set = 0, binding = QUANTIZED_BINDING, std430) writeonly buffer CodesOut { uvec4 codesOut[]; };
layout(set = 0, binding = QUANTIZED_BINDING + 1, std430) writeonly buffer FactorsOut { uvec2 factorsOut[]; };

const float kSmallestQuantized = 1e-30; // so that 127 / largest stays finite

/// Four codes as bytes.
uint packCodes(ivec4 q) { return uint(q.x & 255 | (q.y & 255) << 8 | (q.z & 255) << 16 | q.w << 24); }

/// Writes the codes and factors of chunk row * (cols / 32) + column / 32.
void storeQuantized(uint chunk, vec4 x[8]) {
    for (uint term = 0; term < kTerms; ++term) {
        vec4 most = vec4(0);
        for (int s = 0; s < 8; ++s) most = max(most, abs(x[s]));
        const float largest = max(max(most.x, most.y), max(most.z, most.w));
        const float factor = largest >= kSmallestQuantized ? 127 / largest : 0, scale = largest / 127;
        uvec4 words[2];
        ivec2 sums;
        for (int half_ = 0; half_ < 2; ++half_) {
            ivec4 sum = ivec4(0);
            for (int s = 0; s < 4; ++s) {
                const ivec4 q = clamp(ivec4(roundEven(x[half_ * 4 + s] * factor)), -127, 127);
                words[half_][s] = packCodes(q);
                sum += q;
                x[half_ * 4 + s] -= scale * vec4(q); // left to the next term
            }
            sums[half_] = sum.x + sum.y + sum.z + sum.w;
        }
        const uint at = chunk * kTerms + term;
        codesOut[2 * at] = words[0];
        codesOut[2 * at + 1] = words[1];
        factorsOut[at] = uvec2(floatBitsToUint(scale), uint(sums.x & 0xffff | sums.y << 16));
    }
}

#endif
