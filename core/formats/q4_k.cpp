// Q4_K: 256 weights in 144 bytes (4.5 bits each): f16 d, f16 dmin, 12 bytes of eight 6-bit scales and eight 6-bit mins
// (k_scales.h), 128 bytes of codes. Groups of 32.
//     w = d * scale * q - dmin * min
// Each 32 bytes of codes hold 64 weights: the low halves the first 32, the high halves the next.
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
    for (int half = 0; half < 4; ++half) {
        const uint8_t* from = block + 16 + 32 * half;
        uint8_t* q = out.q + 64 * half;
        for (int l = 0; l < 32; ++l) {
            q[l] = from[l] & 15;
            q[l + 32] = from[l] >> 4;
        }
    }
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    storeU16(block + 2, f32ToF16(code.dmin));
    packScalesAndMins(code, block + 4);
    for (int half = 0; half < 4; ++half)
        for (int l = 0; l < 32; ++l)
            block[16 + 32 * half + l] = uint8_t(code.q[64 * half + l] | code.q[64 * half + 32 + l] << 4);
}

constexpr Search kSearch = {Weighting::Magnitude, 7};

} // namespace

const Format kQ4_K = {.id = FormatId::Q4_K,
                      .name = "Q4_K",
                      .blockSize = 256,
                      .blockBytes = 144,
                      .codeBits = 4,
                      .groupSize = 32,
                      .offset = 0,
                      .hasScale = true,
                      .hasMin = true,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ4_K>,
                      .encode = encodeBlocks<kQ4_K, searchAffineScaledBlock<15, 8, 32, 63>, kSearch, pack>};

} // namespace nibble
