// IQ4_NL: 32 weights in 18 bytes (4.5 bits each): f16 d, 16 bytes of two codes (weight j low, j + 16 high).
//     w = d * T[q],  T = kIq4Values
// The better Q4_0 for weights that crowd around zero.
#include <formats/affine.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    unpackNibbles(block + 2, out.q);
}

} // namespace

const Format kIQ4_NL = {.id = FormatId::IQ4_NL,
                        .name = "IQ4_NL",
                        .blockSize = 32,
                        .blockBytes = 18,
                        .codeBits = 4,
                        .groupSize = 32,
                        .offset = 0,
                        .hasScale = false,
                        .hasMin = false,
                        .table = kIq4Values,
                        .unpack = unpack,
                        .decode = decodeAffine<kIQ4_NL>,
                        .encode = nullptr};

} // namespace nibble
