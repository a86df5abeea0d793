// Q8_0: 32 weights in 34 bytes (8.5 bits each): f16 d, i8 q[32].
//     w = d * q
// Codes in the common form are q + 128. Nearly lossless; -128 is legal in a file though encoders avoid it.
#include <formats/affine.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    for (int j = 0; j < 32; ++j) out.q[j] = block[2 + j] ^ 0x80; // two's complement to offset 128
}

} // namespace

const Format kQ8_0 = {.id = FormatId::Q8_0,
                      .name = "Q8_0",
                      .blockSize = 32,
                      .blockBytes = 34,
                      .codeBits = 8,
                      .groupSize = 32,
                      .offset = 128,
                      .hasScale = false,
                      .hasMin = false,
                      .table = nullptr,
                      .unpack = unpack,
                      .decode = decodeAffine<kQ8_0>,
                      .encode = nullptr};

} // namespace nibble
