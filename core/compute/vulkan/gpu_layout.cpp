#include <algorithm>
#include <cassert>
#include <cmath>
#include <compute/plane_words.h>
#include <compute/vulkan/gpu_layout.h>
#include <cstring>
#include <formats/half.h>
#include <nibble/error.h>
#include <optional>

namespace nibble {

namespace {

constexpr uint64_t kPlaneAlignment = 16, kSliceAlignment = 256;

uint64_t aligned(uint64_t bytes, uint64_t to) { return (bytes + to - 1) / to * to; }

/// Bytes of one row in each plane, in the order of the slice; 0: no such plane.
std::array<uint64_t, 6> rowBytes(const GpuLayout& l) {
    if (!l.quantized()) return {l.format->rowBytes(l.cols)};
    const uint64_t cols = uint64_t(l.cols), blocks = uint64_t(l.blocks()), groups = uint64_t(l.groups());
    return {cols * uint64_t(l.lowBits) / 8, cols * uint64_t(l.highBits) / 8,
            l.hasScales ? groups : 0,       l.hasMinBytes && !l.scaleMinNibbles ? groups : 0,
            blocks * (l.exponents ? 1 : 2), l.hasMins ? blocks * 2 : 0};
}

/// Places the planes of `rows` rows.
GpuSlice placePlanes(const GpuLayout& layout, int64_t row0, int64_t rows) {
    std::array<uint64_t, 7> at{};
    const auto perRow = rowBytes(layout);
    for (std::size_t i = 0; i < perRow.size(); ++i)
        at[i + 1] = at[i] + aligned(perRow[i] * uint64_t(rows), kPlaneAlignment);
    GpuSlice s;
    s.row0 = row0;
    s.rows = rows;
    s.high = uint32_t(at[1]);
    s.scales = uint32_t(at[2]);
    s.mins = uint32_t(at[3]);
    s.d = uint32_t(at[4]);
    s.dmin = uint32_t(at[5]);
    s.bytes = at[6];
    return s;
}

std::array<uint64_t, 6> planes(const GpuSlice& s) { return {0, s.high, s.scales, s.mins, s.d, s.dmin}; }

/// Puts the words of a block's chunks one after the other.
auto wordsInto(std::byte* out) {
    return [out](int chunk, const auto& words) {
        std::memcpy(out + std::size_t(chunk) * sizeof words, words.data(), sizeof words);
    };
}

uint16_t halfOf(float f) {
    const uint16_t h = f32ToF16(f);
    assert(f16ToF32(h) == f || f != f);
    return h;
}

/// Writes what `code` holds as block `at` of a piece, counted over its rows.
void packBlock(const GpuLayout& l, const GpuSlice& piece, uint64_t at, const CodeBlock& code, std::byte* out) {
    const Format& f = *l.format;
    const uint64_t chunk = at * (f.blockSize / 32), groups = f.blockSize / f.groupSize;
    splitPlanes(l.lowBits, l.highBits, code.q, int(f.blockSize / 32), wordsInto(out + chunk * uint64_t(l.lowBits) * 4),
                wordsInto(out + piece.high + chunk * uint64_t(l.highBits) * 4));
    std::byte *scales = out + piece.scales + at * groups, *mins = out + piece.mins + at * groups;
    for (uint64_t g = 0; g < groups; ++g) {
        if (l.scaleMinNibbles)
            scales[g] = std::byte(code.scale[g] | code.min[g] << 4);
        else if (l.hasScales)
            scales[g] = std::byte(code.scale[g]);
        if (l.hasMinBytes && !l.scaleMinNibbles) mins[g] = std::byte(code.min[g]);
    }
    if (l.exponents) {
        out[piece.d + at] = std::byte(std::ilogb(code.d) + 128);
    } else {
        const uint16_t d = halfOf(code.d);
        std::memcpy(out + piece.d + at * 2, &d, 2);
    }
    if (l.hasMins) {
        const uint16_t dmin = halfOf(code.dmin);
        std::memcpy(out + piece.dmin + at * 2, &dmin, 2);
    }
}

} // namespace

GpuLayout gpuLayout(const Format& f, int64_t rows, int64_t cols, uint64_t maxRange, int64_t planes) {
    assert(cols % f.blockSize == 0);
    GpuLayout l;
    l.format = &f;
    l.rows = rows * planes;
    l.planeRows = rows;
    l.cols = cols;
    if (l.quantized()) {
        assert(cols % 32 == 0);
        l.lowBits = f.codeBits == 8 ? 8 : f.codeBits >= 4 ? 4 : 2;
        l.highBits = f.codeBits - l.lowBits;
        // What a block holds beside its codes says how wide its scales are.
        const int64_t groups = f.blockSize / f.groupSize;
        const int64_t otherBytes = f.blockBytes - f.blockSize * f.codeBits / 8;
        l.exponents = otherBytes == 1;
        const int64_t scaleBytes = otherBytes - (l.exponents ? 1 : f.hasMin ? 4 : 2);
        l.hasScales = f.hasScale;
        l.hasMins = f.hasMin;
        l.hasMinBytes = f.hasMin && scaleBytes > 0;
        l.scaleMinNibbles = l.hasScales && l.hasMinBytes && scaleBytes <= groups;
    }
    uint64_t perRow = 0;
    for (uint64_t bytes : rowBytes(l)) perRow += bytes;
    const uint64_t limit = std::min(maxRange, kLargestSlice) - rowBytes(l).size() * kPlaneAlignment;
    const int64_t together = std::max<int64_t>(1, planes > 1 ? rows : std::min(rows, kSliceRows));
    if (uint64_t(together) > limit / perRow)
        throw Error(ErrorKind::Unsupported, "This graphics card cannot address a piece of this model in one go.",
                    std::to_string(uint64_t(together) * perRow) + " bytes, at most " + std::to_string(limit),
                    "Run the model on the processor.");
    const int64_t most = int64_t(limit / perRow) / together * together;
    for (int64_t row = 0; row < l.rows; row += most) {
        GpuSlice slice = placePlanes(l, row, std::min(most, l.rows - row));
        assert(slice.bytes <= std::min(maxRange, kLargestSlice));
        slice.offset = aligned(l.bytes, kSliceAlignment);
        l.bytes = slice.offset + slice.bytes;
        l.slices.push_back(slice);
    }
    return l;
}

GpuPiece gpuPiece(const GpuLayout& layout, const GpuSlice& slice, int64_t begin, int64_t end) {
    assert(0 <= begin && begin < end && end <= slice.rows);
    GpuPiece piece;
    piece.slice = placePlanes(layout, slice.row0 + begin, end - begin);
    const auto perRow = rowBytes(layout), from = planes(piece.slice), to = planes(slice);
    for (std::size_t i = 0; i < perRow.size(); ++i)
        if (perRow[i] > 0)
            piece.copies[std::size_t(piece.copyCount++)] = {from[i], to[i] + uint64_t(begin) * perRow[i],
                                                            uint64_t(end - begin) * perRow[i]};
    return piece;
}

void packRows(const GpuLayout& layout, const GpuSlice& slice, int64_t begin, int64_t end, const WeightRows& weights,
              std::byte* out) {
    const Format& f = *layout.format;
    const int64_t blocks = layout.quantized() ? layout.blocks() : 0; // no division per block
    CodeBlock code;
    std::optional<RowCursor> cursor;
    for (int64_t r = begin; r < end; ++r) {
        const int64_t row = slice.row0 + r, plane = row / layout.planeRows, plane0 = plane * layout.planeRows;
        if (!cursor || row == plane0)
            cursor.emplace(weights, std::min(layout.planeRows, slice.row0 + end - plane0), int(plane));
        const std::byte* from = cursor->row(row - plane0);
        if (!layout.quantized()) {
            std::memcpy(out + uint64_t(r) * weights.rowBytes(), from, weights.rowBytes());
            continue;
        }
        for (int64_t b = 0; b < blocks; ++b, from += f.blockBytes) {
            f.unpack(from, code);
            packBlock(layout, slice, uint64_t(r * blocks + b), code, out);
        }
    }
}

std::array<uint32_t, kAffineConstants> affineConstants(const GpuLayout& l) {
    const Format& f = *l.format;
    assert(l.quantized());
    std::array<uint32_t, kAffineConstants> c{};
    c[0] = uint32_t(l.lowBits);
    c[1] = uint32_t(l.highBits);
    c[2] = f.groupSize;
    c[3] = f.blockSize / 32;
    c[4] = f.table ? 0 : uint32_t(int32_t(f.offset) - (f.codeBits == 8 ? 128 : 0)); // codes of 8 bits are signed here
    const bool flags[] = {f.table != nullptr, l.hasScales, l.hasMins, l.hasMinBytes, l.scaleMinNibbles, l.exponents};
    for (std::size_t i = 0; i < std::size(flags); ++i) c[kAffineTraits] |= uint32_t(flags[i]) << i;
    if (f.table) std::memcpy(&c[6], f.table, 16);
    return c;
}

} // namespace nibble
