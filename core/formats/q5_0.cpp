// Q5_0: 32 weights in 22 bytes (5.5 bits each): f16 d, u32 with bit 4 of code j in bit j, 16 bytes of two low halves
// (weight j low, j + 16 high).
//     w = d * (q - 16)
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    unpackNibbles(block + 6, out.q);
    addFifthBits(loadU32(block + 2), out.q);
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    storeU32(block + 2, fifthBits(code.q));
    packNibbles(code.q, block + 6);
}

constexpr Search kSearch = {Weighting::Flat, 6, 0.015f};

} // namespace

const Format kQ5_0 = {.id = FormatId::Q5_0,
                      .name = "Q5_0",
                      .blockSize = 32,
                      .blockBytes = 22,
                      .codeBits = 5,
                      .groupSize = 32,
                      .offset = 16,
                      .hasScale = false,
                      .hasMin = false,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ5_0>,
                      .encode = encodeBlocks<kQ5_0, searchBlock<WholeNumbers<-16, 15>, 32>, kSearch, pack>};

} // namespace nibble
