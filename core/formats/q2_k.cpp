// Q2_K: 256 weights in 84 bytes (2.625 bits each): 16 bytes of a group's scale (low half) and min (high half), 64 bytes
// of codes, f16 d, f16 dmin. Groups of 16.
//     w = d * scale * q - dmin * min
// Each 32 bytes of codes hold 128 weights: bits 2k of byte l belong to weight 32 * k + l.
#include <formats/affine.h>
#include <formats/affine_search.h>

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

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    for (int g = 0; g < 16; ++g) block[g] = uint8_t(code.scale[g] | code.min[g] << 4);
    packPairs(code.q, block + 16);
    storeU16(block + 80, f32ToF16(code.d));
    storeU16(block + 82, f32ToF16(code.dmin));
}

constexpr Search kSearch = {Weighting::Magnitude, 15};

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
                      .pack = pack,
                      .decode = decodeAffine<kQ2_K>,
                      .encode = encodeBlocks<kQ2_K, searchAffineScaledBlock<3, 16, 16, 15>, kSearch, pack>};

} // namespace nibble
