#include <algorithm>
#include <cassert>
#include <cmath>
#include <compute/cpu/pack.h>
#include <compute/plane_words.h>
#include <cstring>
#include <formats/half.h>

namespace nibble {

namespace {

constexpr int kVectorBytes = 32; // of 8 rows x 4 columns

uint64_t planeBytes(int64_t cols, int bits) { return uint64_t(cols) * kPanelRows * uint64_t(bits) / 8; }

/// Where the bits of code (row, column) of a 32-column chunk lie in a plane of `bits`.
struct CodePlace {
    int byte, shift;
};
CodePlace codePlace(int bits, int row, int column) {
    const int s = column / 4;
    return {s % bits * kVectorBytes + row * 4 + column % 4, s / bits * bits};
}

uint8_t exponentByte(float powerOfTwo) { return uint8_t(std::ilogb(powerOfTwo) + 128); }

uint16_t halfOf(float f) {
    const uint16_t h = f32ToF16(f);
    assert(f16ToF32(h) == f || f != f);
    return h;
}

template<class T>
void put(std::byte* panel, uint64_t offset, int64_t index, T value) {
    std::memcpy(panel + offset + uint64_t(index) * sizeof(T), &value, sizeof(T));
}
template<class T>
T get(const std::byte* panel, uint64_t offset, int64_t index) {
    T value;
    std::memcpy(&value, panel + offset + uint64_t(index) * sizeof(T), sizeof(T));
    return value;
}

void packCodes(const PackedLayout& layout, std::byte* panel, int row, int64_t block, const CodeBlock& in) {
    const int64_t column = block * layout.format->blockSize;
    const auto into = [row](std::byte* plane) {
        return [out = plane + row * 4](int chunk, const auto& words) {
            for (std::size_t i = 0; i < words.size(); ++i)
                std::memcpy(out + (std::size_t(chunk) * words.size() + i) * kVectorBytes, &words[i], sizeof words[i]);
        };
    };
    splitPlanes(layout.lowBits, layout.highBits, in.q, int(layout.format->blockSize / 32),
                into(panel + planeBytes(column, layout.lowBits)),
                into(panel + layout.high + planeBytes(column, layout.highBits)));
}

void packScales(const PackedLayout& layout, std::byte* panel, int row, int64_t block, const CodeBlock& in) {
    const int64_t lane = block * kPanelRows + row;
    if (layout.exponents)
        put(panel, layout.d, lane, exponentByte(in.d));
    else
        put(panel, layout.d, lane, halfOf(in.d));
    if (layout.hasMins) put(panel, layout.dmin, lane, halfOf(in.dmin));
    for (int64_t g = 0; g < layout.groups; ++g) {
        const int64_t at = (block * layout.groups + g) * kPanelRows + row;
        if (layout.scaleMinNibbles)
            put(panel, layout.scales, at, uint8_t(in.scale[g] | in.min[g] << 4));
        else if (layout.hasScales)
            put(panel, layout.scales, at, in.scale[g]);
        if (layout.hasMinBytes && !layout.scaleMinNibbles) put(panel, layout.mins, at, in.min[g]);
    }
}

} // namespace

PackedLayout packedLayout(const Format& f, int64_t rows, int64_t cols) {
    assert(f.codeBits > 0 && cols % 32 == 0 && cols % f.blockSize == 0);
    PackedLayout p;
    p.format = &f;
    p.rows = rows;
    p.cols = cols;
    p.lowBits = f.codeBits == 8 ? 8 : f.codeBits >= 4 ? 4 : 2;
    p.highBits = f.codeBits - p.lowBits;
    // What a block holds beside its codes says how wide its scales are.
    const int64_t groups = f.blockSize / f.groupSize;
    const int64_t otherBytes = f.blockBytes - f.blockSize * f.codeBits / 8;
    p.exponents = otherBytes == 1;
    const int64_t scaleBytes = otherBytes - (p.exponents ? 1 : f.hasMin ? 4 : 2);
    p.hasMins = f.hasMin;
    p.hasScales = f.hasScale;
    p.hasMinBytes = f.hasMin && scaleBytes > 0;
    p.groups = p.hasScales || p.hasMinBytes ? groups : 0;
    p.scaleMinNibbles = p.hasScales && p.hasMinBytes && scaleBytes * 8 <= groups * 2 * 4;

    uint64_t at = planeBytes(cols, p.lowBits);
    const auto plane = [&at](bool present, uint64_t bytes) {
        const uint64_t offset = at;
        if (present) at += bytes;
        return offset;
    };
    const uint64_t blocks = uint64_t(cols) / f.blockSize, perGroup = blocks * uint64_t(groups) * kPanelRows;
    p.high = plane(p.highBits > 0, planeBytes(cols, p.highBits));
    p.scales = plane(p.hasScales, perGroup);
    p.mins = plane(p.hasMinBytes && !p.scaleMinNibbles, perGroup);
    p.d = plane(true, blocks * kPanelRows * (p.exponents ? 1 : 2));
    p.dmin = plane(p.hasMins, blocks * kPanelRows * 2);
    p.panelBytes = (at + 63) / 64 * 64;
    return p;
}

void packPanels(const PackedLayout& layout, const WeightRows& rows, std::byte* packed, int64_t begin, int64_t end,
                int plane) {
    const Format& f = *layout.format;
    const int64_t blocks = layout.cols / f.blockSize;
    CodeBlock block;
    RowCursor cursor(rows, std::min(layout.rows, end * kPanelRows), plane);
    for (int64_t p = begin; p < end; ++p) {
        std::byte* panel = packed + uint64_t(p) * layout.panelBytes;
        if ((p + 1) * kPanelRows > layout.rows) std::memset(panel, 0, layout.panelBytes); // rows that are not there
        for (int row = 0; row < kPanelRows && p * kPanelRows + row < layout.rows; ++row) {
            const std::byte* src = cursor.row(p * kPanelRows + row);
            for (int64_t b = 0; b < blocks; ++b, src += f.blockBytes) {
                f.unpack(src, block);
                packCodes(layout, panel, row, b, block);
                packScales(layout, panel, row, b, block);
            }
        }
    }
}

void unpackCodes(const PackedLayout& layout, const std::byte* panel, int row, int64_t chunk, uint8_t codes[32]) {
    const std::byte* low = panel + planeBytes(chunk * 32, layout.lowBits);
    const std::byte* high = panel + layout.high + planeBytes(chunk * 32, layout.highBits);
    const int lowMask = (1 << layout.lowBits) - 1, highMask = (1 << layout.highBits) - 1;
    const int flip = layout.lowBits == 8 ? 0x80 : 0;
    for (int column = 0; column < 32; ++column) {
        const CodePlace l = codePlace(layout.lowBits, row, column);
        int q = ((int(low[l.byte]) >> l.shift) & lowMask) ^ flip;
        if (layout.highBits > 0) {
            const CodePlace h = codePlace(layout.highBits, row, column);
            q |= ((int(high[h.byte]) >> h.shift) & highMask) << layout.lowBits;
        }
        codes[column] = uint8_t(q);
    }
}

float blockScale(const PackedLayout& layout, const std::byte* panel, int row, int64_t block) {
    const int64_t lane = block * kPanelRows + row;
    if (layout.exponents) return std::ldexp(1.0f, get<uint8_t>(panel, layout.d, lane) - 128);
    return f16ToF32(get<uint16_t>(panel, layout.d, lane));
}

float blockMin(const PackedLayout& layout, const std::byte* panel, int row, int64_t block) {
    return layout.hasMins ? f16ToF32(get<uint16_t>(panel, layout.dmin, block * kPanelRows + row)) : 0;
}

int groupScale(const PackedLayout& layout, const std::byte* panel, int row, int64_t group) {
    if (!layout.hasScales) return 1;
    const int64_t lane = group * kPanelRows + row;
    if (layout.scaleMinNibbles) return get<uint8_t>(panel, layout.scales, lane) & 15;
    return get<int8_t>(panel, layout.scales, lane);
}

int groupMin(const PackedLayout& layout, const std::byte* panel, int row, int64_t group) {
    if (!layout.hasMinBytes) return 1;
    const int64_t lane = group * kPanelRows + row;
    if (layout.scaleMinNibbles) return get<uint8_t>(panel, layout.scales, lane) >> 4;
    return get<uint8_t>(panel, layout.mins, lane);
}

void decodePackedRow(const PackedLayout& layout, const std::byte* packed, int64_t row, float* out) {
    const Format& f = *layout.format;
    const std::byte* panel = packed + uint64_t(row / kPanelRows) * layout.panelBytes;
    const int lane = int(row % kPanelRows);
    uint8_t codes[32];
    for (int64_t chunk = 0; chunk < layout.cols / 32; ++chunk) {
        unpackCodes(layout, panel, lane, chunk, codes);
        for (int g = 0; g < 32 / f.groupSize; ++g) {
            const int64_t column = chunk * 32 + g * f.groupSize, group = column / f.groupSize;
            const int64_t block = column / f.blockSize;
            const float scale = blockScale(layout, panel, lane, block) * float(groupScale(layout, panel, lane, group));
            const float min = blockMin(layout, panel, lane, block) * float(groupMin(layout, panel, lane, group));
            for (int i = 0; i < f.groupSize; ++i) {
                const float value = scale * float(codeValue(f, codes[g * f.groupSize + i]));
                out[column + i] = layout.hasMins ? value - min : value;
            }
        }
    }
}

} // namespace nibble
