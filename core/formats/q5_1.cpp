// Q5_1: 32 weights in 24 bytes (6 bits each): f16 d, f16 m, u32 with bit 4 of code j in bit j, 16 bytes of two low
// halves (weight j low, j + 16 high).
//     w = d * q + m
// In the common form dmin = -m with every min 1.
#include <formats/affine.h>
#include <formats/affine_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.dmin = -loadF16(block + 2);
    out.scale[0] = 1;
    out.min[0] = 1;
    unpackNibbles(block + 8, out.q);
    addFifthBits(loadU32(block + 4), out.q);
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    storeU16(block + 2, f32ToF16(-code.dmin));
    storeU32(block + 4, fifthBits(code.q));
    packNibbles(code.q, block + 8);
}

constexpr Search kSearch = {Weighting::Flat, 7};

} // namespace

const Format kQ5_1 = {.id = FormatId::Q5_1,
                      .name = "Q5_1",
                      .blockSize = 32,
                      .blockBytes = 24,
                      .codeBits = 5,
                      .groupSize = 32,
                      .offset = 0,
                      .hasScale = false,
                      .hasMin = true,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ5_1>,
                      .encode = encodeBlocks<kQ5_1, searchAffineBlock<31, 32>, kSearch, pack>};

} // namespace nibble
