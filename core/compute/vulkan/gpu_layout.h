// The one layout in which GPUs keep quantized weights, whatever their format: the affine code of formats/format.h in
// planes, read by shaders/include/affine.glsl.
//
// A matrix is cut into slices of whole rows that fit one storage buffer range. A slice is a run of planes, each of them
// 16-byte aligned, in the order of GpuSlice's members; a plane holds its rows one after the other without padding.
//   codes   per 32 columns as many 32-bit words as the plane has bits: the codes of columns 4s .. 4s + 3 are the bytes
//           of (word[s % bits] >> (s / bits * bits)) & mask, the bit order of the CPU's panels. Codes of 3, 5 and 6
//           bits are a plane of their low 2 or 4 bits and one of the bits above; codes of 8 bits are signed bytes.
//   scales, mins   a byte per group, or one byte scale | min << 4 where the format has only 4 bits each
//   d, dmin        f16 per block, or one exponent byte (value + 128) for powers of two
// So 32 weights of 4 bits are one uvec4, no shader needs 8- or 16-bit storage, and a new format needs no shader.
// Lossless: the planes hold exactly what Format::unpack says. Float matrices keep the rows of the file.
// Rejected: superblocks with their scales beside the codes (one page less to open, but a decoder per block size).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <formats/format.h>
#include <formats/weight_rows.h>
#include <vector>

namespace nibble {

/// Rows [row0, row0 + rows), `bytes` bytes at `offset` of the matrix, a multiple of 256 as ranges of buffers need it.
/// Planes by byte offset in the slice; one that the format lacks has the offset of the next.
struct GpuSlice {
    int64_t row0 = 0, rows = 0;
    uint64_t offset = 0, bytes = 0;
    uint32_t high = 0, scales = 0, mins = 0, d = 0, dmin = 0;
};

struct GpuLayout {
    const Format* format = nullptr;
    int64_t rows = 0, cols = 0;    // rows: of all planes
    int64_t planeRows = 0;         // of an expert's matrix; a slice has whole ones
    int lowBits = 0, highBits = 0; // of the two planes of codes; highBits 0: one plane
    bool hasScales = false;        // bytes of scales are stored (else every scale is 1)
    bool hasMins = false;          // dmin is stored
    bool hasMinBytes = false;      // mins are stored, too (else every min is 1)
    bool scaleMinNibbles = false;  // scales and mins share a byte
    bool exponents = false;        // d is a power of two, one byte
    std::vector<GpuSlice> slices;
    uint64_t bytes = 0; // of all slices, with the gaps between them

    bool quantized() const { return format->codeBits > 0; }
    int64_t blocks() const { return cols / format->blockSize; } // of a row
    int64_t groups() const { return quantized() ? cols / format->groupSize : 0; }
};

constexpr int64_t kSliceRows = 64; // every slice but the last has a multiple of these
constexpr uint64_t kLargestSlice = uint64_t(1) << 30;

/// The layout of a (rows, cols) matrix in slices of at most `maxRange` bytes. cols is a multiple of the block;
/// quantized ones also of 32. `planes` > 1: of as many matrices, those of experts, one after the other. Throws
/// Error{Unsupported} where one of them, or kSliceRows of a dense one, have more than maxRange bytes.
GpuLayout gpuLayout(const Format& format, int64_t rows, int64_t cols, uint64_t maxRange = kLargestSlice,
                    int64_t planes = 1);

/// A run of bytes of a packed piece and its place in the slice.
struct GpuCopy {
    uint64_t from = 0, to = 0, bytes = 0;
};
/// Rows [begin, end) of a slice as a slice of their own: what packRows() writes and how it is copied into the whole.
struct GpuPiece {
    GpuSlice slice; // row0 counts in the matrix
    std::array<GpuCopy, 6> copies;
    int copyCount = 0;
};
GpuPiece gpuPiece(const GpuLayout& layout, const GpuSlice& slice, int64_t begin, int64_t end);

/// Packs rows [begin, end) of `slice` (or of a piece) to their places in `out` (slice.bytes). `weights` is the whole
/// matrix, with all its planes. Never reads `out`.
void packRows(const GpuLayout& layout, const GpuSlice& slice, int64_t begin, int64_t end, const WeightRows& weights,
              std::byte* out);
/// All of its rows.
inline void packRows(const GpuLayout& layout, const GpuSlice& slice, const WeightRows& weights, std::byte* out) {
    packRows(layout, slice, 0, slice.rows, weights, out);
}

/// The specialization constants of shaders/include/affine.glsl, ids 0 and up.
constexpr int kAffineConstants = 10, kAffineTraits = 5;
constexpr uint32_t kSharedTableTrait = 64; // products may add it to the traits of a format with a table
std::array<uint32_t, kAffineConstants> affineConstants(const GpuLayout& layout);

} // namespace nibble
