// Q2_K: 256 weights in 84 bytes (2.625 bits each): 16 bytes of a group's scale (low half) and min (high half), 64 bytes
// of codes, f16 d, f16 dmin. Groups of 16.
//     w = d * scale * q - dmin * min
// Each 32 bytes of codes hold 128 weights: bits 2k of byte l belong to weight 32 * k + l.
#include <formats/affine.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block + 80);
    out.dmin = loadF16(block + 82);
    for (int g = 0; g < 16; ++g) {
        out.scale[g] = block[g] & 15;
        out.min[g] = block[g] >> 4;
    }
    unpackPairs(block + 16, out.q);
}

} // namespace

const Format kQ2_K = {.id = FormatId::Q2_K,
                      .name = "Q2_K",
                      .blockSize = 256,
                      .blockBytes = 84,
                      .codeBits = 2,
                      .groupSize = 16,
                      .offset = 0,
                      .hasScale = true,
                      .hasMin = true,
                      .table = nullptr,
                      .unpack = unpack,
                      .decode = decodeAffine<kQ2_K>,
                      .encode = nullptr};

} // namespace nibble
