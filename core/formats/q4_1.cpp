// Q4_1: 32 weights in 20 bytes (5 bits each): f16 d, f16 m, 16 bytes of two codes (weight j low, j + 16 high).
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
    unpackNibbles(block + 4, out.q);
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    storeU16(block + 2, f32ToF16(-code.dmin));
    packNibbles(code.q, block + 4);
}

constexpr Search kSearch = {Weighting::Flat, 9};

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
                      .pack = pack,
                      .decode = decodeAffine<kQ4_1>,
                      .encode = encodeBlocks<kQ4_1, searchAffineBlock<15, 32>, kSearch, pack>};

} // namespace nibble
