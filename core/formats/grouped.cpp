#include <formats/grouped.h>

#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

template<int Bits, int N>
void unpack(const void* src, CodeBlock& out) {
    const auto* block = static_cast<const uint8_t*>(src);
    out.d = loadF16(block);
    out.scale[0] = 1;
    for (int j = 0; j < N; ++j) out.q[j] = Bits == 8 ? block[2 + j] : block[2 + j / 2] >> (4 * (j % 2)) & 15;
}

template<int Bits, int N>
void pack(const CodeBlock& code, void* dst) {
    auto* block = static_cast<uint8_t*>(dst);
    storeU16(block, f32ToF16(code.d));
    if (Bits == 8) std::memcpy(block + 2, code.q, N);
    for (int j = 0; Bits == 4 && j < N; j += 2) block[2 + j / 2] = uint8_t(code.q[j] | code.q[j + 1] << 4);
}

template<int Bits, int N>
struct Grouped {
    static constexpr int kHalf = 1 << (Bits - 1);
    // As Q4_0 and Q8_0 search: models cannot tell what more would find in 8 bits.
    static constexpr Search kSearch = {Weighting::Flat, Bits == 8 ? 0 : 8, 0.025f};
    static const Format kFormat;
};

template<int Bits, int N>
const Format Grouped<Bits, N>::kFormat = {
    .id = Bits == 8 ? FormatId::Q8_0 : FormatId::Q4_0,
    .name = Bits == 8 ? "8 bit" : "4 bit",
    .blockSize = N,
    .blockBytes = 2 + N* Bits / 8,
    .codeBits = Bits,
    .groupSize = N,
    .offset = kHalf,
    .hasScale = false,
    .hasMin = false,
    .table = nullptr,
    .unpack = unpack<Bits, N>,
    .pack = pack<Bits, N>,
    .decode = decodeAffine<kFormat>,
    .encode = encodeBlocks<kFormat, searchBlock<WholeNumbers<-kHalf, kHalf - 1>, N>, kSearch, pack<Bits, N>>};

} // namespace

const Format* groupedFormat(int bits, int64_t group) {
    static constexpr const Format* kAll[] = {&Grouped<4, 32>::kFormat,  &Grouped<4, 64>::kFormat,
                                             &Grouped<4, 128>::kFormat, &Grouped<8, 32>::kFormat,
                                             &Grouped<8, 64>::kFormat,  &Grouped<8, 128>::kFormat};
    for (const Format* format : kAll)
        if (format->codeBits == bits && format->blockSize == group) return format;
    return nullptr;
}

} // namespace nibble
