// Q4_1: 32 weights in 20 bytes (5 bits each): f16 d, f16 m, 16 bytes of two codes (weight j low, j + 16 high).
//     w = d * q + m
// In the common form dmin = -m with every min 1.
#include <formats/affine.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.dmin = -loadF16(block + 2);
    out.scale[0] = 1;
    out.min[0] = 1;
    unpackNibbles(block + 4, out.q);
}

} // namespace

const Format kQ4_1 = {.id = FormatId::Q4_1,
                      .name = "Q4_1",
                      .blockSize = 32,
                      .blockBytes = 20,
                      .codeBits = 4,
                      .groupSize = 32,
                      .offset = 0,
                      .hasScale = false,
                      .hasMin = true,
                      .table = nullptr,
                      .unpack = unpack,
                      .decode = decodeAffine<kQ4_1>,
                      .encode = nullptr};

} // namespace nibble
