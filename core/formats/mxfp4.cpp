// MXFP4 (OCP microscaling): 32 weights in 17 bytes (4.25 bits each): u8 exponent e, 16 bytes of two codes (weight j
// low, j + 16 high).
//     w = 2^(e - 128) * T[q],  T = twice the e2m1 values, so that they are integers
// Read only: models are trained in it, nothing is gained by rounding to it. e = 255 (NaN in OCP's text) reads as 2^127,
// as every GGUF reader has it.
#include <formats/affine.h>

namespace nibble {

namespace {

constexpr int8_t kValues[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    const int e = block[0];
    out.d = std::bit_cast<float>(e < 2 ? 0x00200000u << e : uint32_t(e - 1) << 23); // 2^-128 and 2^-127 are subnormal
    out.scale[0] = 1;
    unpackNibbles(block + 1, out.q);
}

} // namespace

const Format kMXFP4 = {.id = FormatId::MXFP4,
                       .name = "MXFP4",
                       .blockSize = 32,
                       .blockBytes = 17,
                       .codeBits = 4,
                       .groupSize = 32,
                       .offset = 0,
                       .hasScale = false,
                       .hasMin = false,
                       .table = kValues,
                       .unpack = unpack,
                       .pack = nullptr,
                       .decode = decodeAffine<kMXFP4>,
                       .encode = nullptr};

} // namespace nibble
