// Q5_K: 256 weights in 176 bytes (5.5 bits each): f16 d, f16 dmin, 12 bytes of eight 6-bit scales and eight 6-bit mins
// (k_scales.h), 32 bytes of the codes' high bits, 128 bytes of their low four bits. Groups of 32.
//     w = d * scale * q - dmin * min
// Low bits as in Q4_K; bit 4 of weight 32 * g + l is bit g of byte l.
#include <formats/affine.h>
#include <formats/affine_search.h>
#include <formats/k_scales.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.dmin = loadF16(block + 2);
    unpackScalesAndMins(block + 4, out);
    const uint8_t* high = block + 16;
    for (int half = 0; half < 4; ++half) {
        const uint8_t* from = block + 48 + 32 * half;
        uint8_t* q = out.q + 64 * half;
        for (int l = 0; l < 32; ++l) {
            q[l] = uint8_t((from[l] & 15) | (high[l] >> (2 * half) & 1) << 4);
            q[l + 32] = uint8_t(from[l] >> 4 | (high[l] >> (2 * half + 1) & 1) << 4);
        }
    }
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    storeU16(block + 2, f32ToF16(code.dmin));
    packScalesAndMins(code, block + 4);
    for (int l = 0; l < 32; ++l) {
        unsigned high = 0;
        for (int g = 0; g < 8; ++g) high |= unsigned(code.q[32 * g + l] >> 4) << g;
        block[16 + l] = uint8_t(high);
    }
    for (int half = 0; half < 4; ++half)
        for (int l = 0; l < 32; ++l)
            block[48 + 32 * half + l] = uint8_t((code.q[64 * half + l] & 15) | (code.q[64 * half + 32 + l] & 15) << 4);
}

constexpr Search kSearch = {Weighting::Magnitude, 7};

} // namespace

const Format kQ5_K = {.id = FormatId::Q5_K,
                      .name = "Q5_K",
                      .blockSize = 256,
                      .blockBytes = 176,
                      .codeBits = 5,
                      .groupSize = 32,
                      .offset = 0,
                      .hasScale = true,
                      .hasMin = true,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ5_K>,
                      .encode = encodeBlocks<kQ5_K, searchAffineScaledBlock<31, 8, 32, 63>, kSearch, pack>};

} // namespace nibble
