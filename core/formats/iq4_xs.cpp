// IQ4_XS: 256 weights in 136 bytes (4.25 bits each): f16 d, u16 of the scales' high two bits (group g in bits 2g), 4
// bytes of their low four bits (two groups a byte), 128 bytes of codes (a group: 16 bytes as in IQ4_NL). Groups of 32.
//     w = d * (scale - 32) * T[q],  T = kIq4Values
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    const unsigned high = loadU16(block + 2);
    for (int g = 0; g < 8; ++g) {
        const int low = block[4 + g / 2] >> (4 * (g % 2)) & 15;
        out.scale[g] = int8_t((low | (high >> (2 * g) & 3) << 4) - 32);
        unpackNibbles(block + 8 + 16 * g, out.q + 32 * g);
    }
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    std::memset(block + 2, 0, 6);
    unsigned high = 0;
    for (int g = 0; g < 8; ++g) {
        const int stored = code.scale[g] + 32;
        high |= unsigned(stored >> 4) << (2 * g);
        block[4 + g / 2] |= uint8_t((stored & 15) << (4 * (g % 2)));
        packNibbles(code.q + 32 * g, block + 8 + 16 * g);
    }
    storeU16(block + 2, uint16_t(high));
}

constexpr Search kSearch = {Weighting::Magnitude, 16, 0.02f};

} // namespace

const Format kIQ4_XS = {.id = FormatId::IQ4_XS,
                        .name = "IQ4_XS",
                        .blockSize = 256,
                        .blockBytes = 136,
                        .codeBits = 4,
                        .groupSize = 32,
                        .offset = 0,
                        .hasScale = true,
                        .hasMin = false,
                        .table = kIq4Values,
                        .unpack = unpack,
                        .pack = pack,
                        .decode = decodeAffine<kIQ4_XS>,
                        .encode = encodeBlocks<kIQ4_XS, searchScaledBlock<Iq4Values, 8, 32, -32>, kSearch, pack>};

} // namespace nibble
