// The one layout in which the CPU backend keeps quantized weights, whatever their format.
//
// Eight rows form a panel; a panel is a few planes, one after the other, and panels follow each other 64-byte aligned.
//   codes   per 32 columns eight vectors R0..R7 of 32 bytes: byte 4 * row + j of R_s is the code of column 4 * s + j. A
//   plane
//           of w bits keeps w vectors of them: vector v holds R_s for every s % w == v, R_s shifted left by (s / w) *
//           w. Codes of 3, 5 and 6 bits are a plane of their low 2 or 4 bits and one of the 1 or 2 bits above.
//   scales, mins   per group eight bytes, one a row; a single byte scale | min << 4 where the format has only 4 bits
//   each d, dmin        per block eight f16; a format with one byte beside its codes (MXFP4) has powers of two, kept as
//   exponents
// So one vector load serves eight rows, an activation is broadcast once for all of them, and a new format needs no
// kernel. Lossless: the planes hold exactly what Format::unpack says. Rows are padded with zeros to a multiple of
// eight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <formats/format.h>
#include <formats/weight_rows.h>

namespace nibble {

constexpr int kPanelRows = 8;

struct PackedLayout {
    const Format* format = nullptr;
    int64_t cols = 0, rows = 0;
    int lowBits = 0, highBits = 0; // of the two planes of codes; highBits 0: one plane
    bool hasScales = false;        // bytes of scales are stored
    bool hasMins = false;          // dmin is stored
    bool hasMinBytes = false;      // mins are stored, too (else every min is 1)
    bool scaleMinNibbles = false;  // scales and mins share a byte
    bool exponents = false;        // d is a power of two, one byte
    int64_t groups = 0;            // of a block, that have scales or mins of their own
    // Byte offsets of the planes in a panel, and the panel's size.
    uint64_t high = 0, scales = 0, mins = 0, d = 0, dmin = 0, panelBytes = 0;

    int64_t panels() const { return (rows + kPanelRows - 1) / kPanelRows; }
    uint64_t bytes() const { return uint64_t(panels()) * panelBytes; }
};

/// The layout of a quantized format. Needs only the format's traits. cols is a multiple of the block.
PackedLayout packedLayout(const Format& format, int64_t rows, int64_t cols);

/// Packs panels [begin, end) of a plane of `rows` into `packed` (layout.bytes(), 64-byte aligned).
void packPanels(const PackedLayout& layout, const WeightRows& rows, std::byte* packed, int64_t begin, int64_t end,
                int plane = 0);

/// The codes of columns [32 * chunk, 32 * chunk + 32) of a panel's row.
void unpackCodes(const PackedLayout& layout, const std::byte* panel, int row, int64_t chunk, uint8_t codes[32]);
/// d, dmin of a row's block, scale and min of its group, as unpack() of the format gave them.
float blockScale(const PackedLayout& layout, const std::byte* panel, int row, int64_t block);
float blockMin(const PackedLayout& layout, const std::byte* panel, int row, int64_t block);
int groupScale(const PackedLayout& layout, const std::byte* panel, int row, int64_t group);
int groupMin(const PackedLayout& layout, const std::byte* panel, int row, int64_t group);

/// Decodes one row; bit for bit what Format::decode gives for the unpacked row where d * scale is exact in f32.
void decodePackedRow(const PackedLayout& layout, const std::byte* packed, int64_t row, float* out);

} // namespace nibble
