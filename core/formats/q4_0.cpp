// Q4_0: 32 weights in 18 bytes (4.5 bits each): f16 d, 16 bytes of two codes (weight j low, j + 16 high).
//     w = d * (q - 8)
// d may be negative: the end of the range with nine steps then lies on the positive side.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

constexpr Search kSearch = {Weighting::Flat, 8, 0.025f};

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
                      .unpack = unpackScaledNibbles,
                      .pack = packScaledNibbles,
                      .decode = decodeAffine<kQ4_0>,
                      .encode = encodeBlocks<kQ4_0, searchBlock<WholeNumbers<-8, 7>, 32>, kSearch, packScaledNibbles>};

} // namespace nibble
