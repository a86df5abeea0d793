// Q4_0: 32 weights in 18 bytes (4.5 bits each): f16 d, 16 bytes of two codes (weight j low, j + 16 high).
//     w = d * (q - 8)
// d may be negative: the end of the range with nine steps then lies on the positive side.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    unpackNibbles(block + 2, out.q);
}

void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    packNibbles(code.q, block + 2);
}

constexpr Search kSearch = {Weighting::Flat, 8, 0.025f};

NIBBLE_AVX2_CLONE void encode(const float* src, void* dst, int64_t n, const float* importance) {
    auto* block = static_cast<uint8_t*>(dst);
    CodeBlock code;
    for (int64_t i = 0; i < n; i += 32, block += 18) {
        searchBlock<WholeNumbers<-8, 7>, 32>(src + i, at(importance, i), kSearch, code);
        pack(code, block);
    }
}

} // namespace

const Format kQ4_0 = {.id = FormatId::Q4_0,
                      .name = "Q4_0",
                      .blockSize = 32,
                      .blockBytes = 18,
                      .codeBits = 4,
                      .groupSize = 32,
                      .offset = 8,
                      .hasScale = false,
                      .hasMin = false,
                      .table = nullptr,
                      .unpack = unpack,
                      .decode = decodeAffine<kQ4_0>,
                      .encode = encode};

} // namespace nibble
