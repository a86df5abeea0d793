// Decodes quantized weights of every format: the planes that core/compute/vulkan/gpu_layout.h describes.
//     weight = scale * (code - kOffset) - min      scale and min of the code's group
// A chunk is 32 columns of a row; chunk `at` = row * (cols / 32) + column / 32 within the slice. The format's traits
// are specialization constants 0..9 (affineConstants() in C++), so branches on them cost nothing.
// Before including: #define WEIGHTS_BINDING to the binding of the slice; SHARED_TABLE in kernels that call shareTable()
// first.
#ifndef NIBBLE_AFFINE
#define NIBBLE_AFFINE

layout(constant_id = 0) const uint kLowBits = 4;     // 2, 4 or 8
layout(constant_id = 1) const uint kHighBits = 0;    // 0, 1 or 2
layout(constant_id = 2) const uint kGroupSize = 32;  // 16 or 32
layout(constant_id = 3) const uint kBlockChunks = 1; // chunks of a block: 1 or 8
layout(constant_id = 4) const int kOffset = 8;
layout(constant_id = 5) const uint kTraits = 0;
layout(constant_id = 6) const uint kTable0 = 0; // 16 signed bytes
layout(constant_id = 7) const uint kTable1 = 0;
layout(constant_id = 8) const uint kTable2 = 0;
layout(constant_id = 9) const uint kTable3 = 0;

const bool kHasTable = (kTraits & 1) != 0;
const bool kHasScales = (kTraits & 2) != 0;
const bool kHasMins = (kTraits & 4) != 0;
const bool kHasMinBytes = (kTraits & 8) != 0;
const bool kScaleMinNibbles = (kTraits & 16) != 0;
const bool kExponents = (kTraits & 32) != 0;
const bool kSharedTable = (kTraits & 64) != 0; // only with a table

#include "weights.glsl"

/// Byte offsets of the planes in the slice (GpuSlice), part of a kernel's push constants.
struct Planes {
    uint high, scales, mins, d, dmin;
};

/// The codes of a chunk as signed bytes: word w of `first` holds columns 4w.., of `second` columns 16 + 4w...
struct Codes {
    uvec4 first, second;
};

/// Factors of a chunk's two halves.
struct Factors {
    vec2 scale, min;
};

uint tableValue(uint code) {
    const uint low = (code & 4) == 0 ? kTable0 : kTable1, high = (code & 4) == 0 ? kTable2 : kTable3;
    return bitfieldExtract((code & 8) == 0 ? low : high, int(code & 3) * 8, 8);
}

#ifdef SHARED_TABLE
shared uint tablePairs[1 + (kTraits >> 6 & 1) * 255]; // two values each, by two codes

/// Looking up in shared memory takes a fifth of the time of selecting. Ends with a barrier where there is a table.
void shareTable() {
    if (!kSharedTable) return;
    for (uint i = gl_LocalInvocationID.x; i < 256; i += gl_WorkGroupSize.x)
        tablePairs[i] = tableValue(i & 15) | tableValue(i >> 4) << 8;
    barrier();
}
#endif

uint tableValues(uint codes) {
#ifdef SHARED_TABLE
    if (kSharedTable) {
        const uint pairs = codes | codes >> 4;
        return tablePairs[pairs & 255] | tablePairs[pairs >> 16 & 255] << 16;
    }
#endif
    return tableValue(codes & 15) | tableValue(codes >> 8 & 15) << 8 | tableValue(codes >> 16 & 15) << 16 |
           tableValue(codes >> 24) << 24;
}

Codes pairsOfBits(uvec2 words) {
    return Codes(words.xyxy >> uvec4(0, 0, 2, 2) & 0x03030303u, words.xyxy >> uvec4(4, 4, 6, 6) & 0x03030303u);
}

Codes loadCodes(Planes planes, uint at) {
    Codes codes;
    if (kLowBits == 8) {
        codes = Codes(weights4[2 * at], weights4[2 * at + 1]);
    } else if (kLowBits == 4) {
        const uvec4 words = weights4[at];
        codes = Codes(words & 0x0f0f0f0fu, words >> 4 & 0x0f0f0f0fu);
    } else {
        codes = pairsOfBits(weights2[at]);
    }
    if (kHighBits == 2) {
        const Codes above = pairsOfBits(weights2[planes.high / 8 + at]);
        codes = Codes(codes.first | above.first << kLowBits, codes.second | above.second << kLowBits);
    } else if (kHighBits == 1) {
        const uint bits = weights1[planes.high / 4 + at];
        codes = Codes(codes.first | (uvec4(bits) >> uvec4(0, 1, 2, 3) & 0x01010101u) << kLowBits,
                      codes.second | (uvec4(bits) >> uvec4(4, 5, 6, 7) & 0x01010101u) << kLowBits);
    }
    if (kHasTable)
        for (int w = 0; w < 4; ++w) {
            codes.first[w] = tableValues(codes.first[w]);
            codes.second[w] = tableValues(codes.second[w]);
        }
    return codes;
}

float loadHalf(uint plane, uint index) {
    return unpackHalf2x16(weights1[(plane >> 2) + (index >> 1)] >> ((index & 1) * 16)).x;
}
uint loadByte(uint plane, uint index) {
    return bitfieldExtract(weights1[(plane >> 2) + (index >> 2)], int(index & 3) * 8, 8);
}
/// The bytes of a chunk's two groups, or twice that of its only one.
uint loadGroupBytes(uint plane, uint at) {
    if (kGroupSize == 16) return weights1[(plane >> 2) + (at >> 1)] >> ((at & 1) * 16) & 0xffffu;
    return loadByte(plane, at) * 0x0101u;
}
/// 2^(exponent - 128); the two smallest are subnormal.
float powerOfTwo(uint exponent) {
    return uintBitsToFloat(exponent < 2 ? 0x00200000u << exponent : (exponent - 1) << 23);
}

Factors loadFactors(Planes planes, uint at) {
    const uint block = at / kBlockChunks;
    const float d = kExponents ? powerOfTwo(loadByte(planes.d, block)) : loadHalf(planes.d, block);
    Factors f = Factors(vec2(d), vec2(0));
    uint bytes = 0;
    if (kHasScales) {
        bytes = loadGroupBytes(planes.scales, at);
        if (kScaleMinNibbles)
            f.scale *= vec2(bytes & 15, bytes >> 8 & 15);
        else
            f.scale *= vec2(bitfieldExtract(int(bytes), 0, 8), bitfieldExtract(int(bytes), 8, 8));
    }
    if (kHasMins) {
        f.min = vec2(loadHalf(planes.dmin, block));
        if (kHasMinBytes) {
            bytes = kScaleMinNibbles ? bytes >> 4 & 0x0f0fu : loadGroupBytes(planes.mins, at);
            f.min *= vec2(bytes & 255, bytes >> 8);
        }
    }
    return f;
}

/// Whether weights are more than scale * code.
const bool kHasShift = kHasMins || kOffset != 0;
/// What is subtracted from scale * code.
vec2 shiftOf(Factors f) { return f.min + f.scale * float(kOffset); }

/// The weights of columns 4s .. 4s + 3 of a chunk, s = 0..7.
vec4 loadWeights(Planes planes, uint at, uint s) {
    const Codes codes = loadCodes(planes, at);
    const Factors f = loadFactors(planes, at);
    const uint half_ = s >> 2;
    const int word = int(half_ == 0 ? codes.first[s & 3] : codes.second[s & 3]);
    const ivec4 code = ivec4(bitfieldExtract(word, 0, 8), bitfieldExtract(word, 8, 8), bitfieldExtract(word, 16, 8),
                             bitfieldExtract(word, 24, 8));
    return f.scale[half_] * vec4(code - kOffset) - f.min[half_];
}

#endif
