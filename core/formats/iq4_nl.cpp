// IQ4_NL: 32 weights in 18 bytes (4.5 bits each): f16 d, 16 bytes of two codes (weight j low, j + 16 high).
//     w = d * T[q],  T = kIq4Values
// The better Q4_0 for weights that crowd around zero.
#include <formats/affine.h>
#include <formats/symmetric_search.h>

namespace nibble {

namespace {

constexpr Search kSearch = {Weighting::Flat, 16, 0.02f};

} // namespace

const Format kIQ4_NL = {.id = FormatId::IQ4_NL,
                        .name = "IQ4_NL",
                        .blockSize = 32,
                        .blockBytes = 18,
                        .codeBits = 4,
                        .groupSize = 32,
                        .offset = 0,
                        .hasScale = false,
                        .hasMin = false,
                        .table = kIq4Values,
                        .unpack = unpackScaledNibbles,
                        .pack = packScaledNibbles,
                        .decode = decodeAffine<kIQ4_NL>,
                        .encode = encodeBlocks<kIQ4_NL, searchBlock<Iq4Values, 32>, kSearch, packScaledNibbles>};

} // namespace nibble
