// Q8_0: 32 weights in 34 bytes (8.5 bits each): f16 d, i8 q[32].
//     w = d * q
// Codes in the common form are q + 128. Nearly lossless: the encoder puts the largest weight at 127 and searches no
// further, since models could not tell the difference. -128 is legal in a file.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    for (int j = 0; j < 32; ++j) out.q[j] = block[2 + j] ^ 0x80; // two's complement to offset 128
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    for (int j = 0; j < 32; ++j) block[2 + j] = code.q[j] ^ 0x80;
}

/// No search at all: the largest weight becomes 127 or -127.
NIBBLE_INLINE void scaleToLargest(const float* src, const float*, const Search&, CodeBlock& out) {
    alignas(32) float finite[32];
    loadFinite<32>(src, finite);
    const Lanes<32> x = loadLanes<32>(finite);
    out.d = f16ToF32(f16Saturate(std::fabs(signedExtreme(x)) / 127));
    codesAt<WholeNumbers<-128, 127>>(x, out.d, out.q);
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
                      .pack = pack,
                      .decode = decodeAffine<kQ8_0>,
                      .encode = encodeBlocks<kQ8_0, scaleToLargest, Search{}, pack>};

} // namespace nibble
