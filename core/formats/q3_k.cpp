// Q3_K: 256 weights in 110 bytes (3.4375 bits each): 32 bytes of the codes' high bits, 64 bytes of their low two bits,
// 12 bytes of sixteen 6-bit scales, f16 d. Groups of 16.
//     w = d * (scale - 32) * (q - 4)
// Low bits as in Q2_K; the high bit of weight 32 * k + l is bit k of byte l. Scale g has its low four bits in half g /
// 8 of byte g % 8 and its high two in bits 2 * (g / 4) of byte 8 + g % 4.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block + 108);
    const uint8_t* scales = block + 96;
    for (int g = 0; g < 16; ++g) {
        const int low = scales[g % 8] >> (4 * (g / 8)) & 15, high = scales[8 + g % 4] >> (2 * (g / 4)) & 3;
        out.scale[g] = int8_t((low | high << 4) - 32);
    }
    unpackPairs(block + 32, out.q);
    for (int k = 0; k < 8; ++k)
        for (int l = 0; l < 32; ++l) out.q[32 * k + l] |= uint8_t((block[l] >> k & 1) << 2);
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    for (int l = 0; l < 32; ++l) {
        unsigned high = 0;
        for (int k = 0; k < 8; ++k) high |= unsigned(code.q[32 * k + l] >> 2) << k;
        block[l] = uint8_t(high);
    }
    packPairs(code.q, block + 32);
    uint8_t* scales = block + 96;
    std::memset(scales, 0, 12);
    for (int g = 0; g < 16; ++g) {
        const int stored = code.scale[g] + 32;
        scales[g % 8] |= uint8_t((stored & 15) << (4 * (g / 8)));
        scales[8 + g % 4] |= uint8_t((stored >> 4) << (2 * (g / 4)));
    }
    storeU16(block + 108, f32ToF16(code.d));
}

constexpr Search kSearch = {Weighting::Magnitude, 10, 0.05f};

} // namespace

const Format kQ3_K = {.id = FormatId::Q3_K,
                      .name = "Q3_K",
                      .blockSize = 256,
                      .blockBytes = 110,
                      .codeBits = 3,
                      .groupSize = 16,
                      .offset = 4,
                      .hasScale = true,
                      .hasMin = false,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ3_K>,
                      .encode =
                          encodeBlocks<kQ3_K, searchScaledBlock<WholeNumbers<-4, 3>, 16, 16, -32>, kSearch, pack>};

} // namespace nibble
