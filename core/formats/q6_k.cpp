// Q6_K: 256 weights in 210 bytes (6.5625 bits each): 128 bytes of the codes' low four bits, 64 bytes of their high two,
// i8 scale[16], f16 d. Groups of 16.
//     w = d * scale * (q - 32)
// Per 128 weights: byte l of 64 low bytes holds weights l and l + 64, byte l of 32 high bytes weights l, l + 32, l +
// 64, l + 96.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block + 208);
    std::memcpy(out.scale, block + 192, 16);
    for (int half = 0; half < 2; ++half) {
        const uint8_t *low = block + 64 * half, *high = block + 128 + 32 * half;
        uint8_t* q = out.q + 128 * half;
        for (int l = 0; l < 32; ++l) {
            q[l] = uint8_t((low[l] & 15) | (high[l] & 3) << 4);
            q[l + 32] = uint8_t((low[l + 32] & 15) | (high[l] >> 2 & 3) << 4);
            q[l + 64] = uint8_t(low[l] >> 4 | (high[l] >> 4 & 3) << 4);
            q[l + 96] = uint8_t(low[l + 32] >> 4 | high[l] >> 6 << 4);
        }
    }
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    for (int half = 0; half < 2; ++half) {
        const uint8_t* q = code.q + 128 * half;
        uint8_t *low = block + 64 * half, *high = block + 128 + 32 * half;
        for (int l = 0; l < 32; ++l) {
            low[l] = uint8_t((q[l] & 15) | (q[l + 64] & 15) << 4);
            low[l + 32] = uint8_t((q[l + 32] & 15) | (q[l + 96] & 15) << 4);
            high[l] = uint8_t(q[l] >> 4 | q[l + 32] >> 4 << 2 | q[l + 64] >> 4 << 4 | q[l + 96] >> 4 << 6);
        }
    }
    std::memcpy(block + 192, code.scale, 16);
    storeU16(block + 208, f32ToF16(code.d));
}

constexpr Search kSearch = {Weighting::Square, 6, 0.008f};

} // namespace

const Format kQ6_K = {.id = FormatId::Q6_K,
                      .name = "Q6_K",
                      .blockSize = 256,
                      .blockBytes = 210,
                      .codeBits = 6,
                      .groupSize = 16,
                      .offset = 32,
                      .hasScale = true,
                      .hasMin = false,
                      .table = nullptr,
                      .unpack = unpack,
                      .pack = pack,
                      .decode = decodeAffine<kQ6_K>,
                      .encode =
                          encodeBlocks<kQ6_K, searchScaledBlock<WholeNumbers<-32, 31>, 16, 16, -128>, kSearch, pack>};

} // namespace nibble
