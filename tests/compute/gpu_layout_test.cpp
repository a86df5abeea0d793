// The layout of weights on GPUs: it holds exactly what the formats' unpack() says, whole or packed in pieces.
#include "random_weights.h"

#include <compute/vulkan/gpu_layout.h>
#include <formats/half.h>
#include <gtest/gtest.h>
#include <nibble/error.h>

namespace nibble {
namespace {

class GpuLayoutOf : public testing::TestWithParam<const Format*> {};

/// Reads a slice as the header describes it, not as the packer writes it.
class SliceReader {
public:
    SliceReader(const GpuLayout& layout, const GpuSlice& slice, const std::byte* data)
        : m_layout(layout), m_slice(slice), m_data(data) {}

    CodeBlock block(int64_t row, int64_t index) const {
        const Format& f = *m_layout.format;
        const uint64_t at = uint64_t(row * m_layout.blocks() + index), groups = f.blockSize / f.groupSize;
        CodeBlock out;
        for (uint64_t i = 0; i < f.blockSize; ++i) {
            const uint64_t chunk = at * (f.blockSize / 32) + i / 32;
            uint8_t q = code(0, m_layout.lowBits, chunk, int(i % 32));
            if (m_layout.lowBits == 8) q ^= 0x80;
            if (m_layout.highBits > 0)
                q |= uint8_t(code(m_slice.high, m_layout.highBits, chunk, int(i % 32)) << m_layout.lowBits);
            out.q[i] = q;
        }
        for (uint64_t g = 0; g < groups; ++g) {
            const uint8_t scale = byte(m_slice.scales + at * groups + g);
            const uint8_t min = byte(m_slice.mins + at * groups + g);
            out.scale[g] = !m_layout.hasScales ? 1 : m_layout.scaleMinNibbles ? int8_t(scale & 15) : int8_t(scale);
            out.min[g] = !m_layout.hasMinBytes      ? uint8_t(m_layout.hasMins)
                         : m_layout.scaleMinNibbles ? scale >> 4
                                                    : min;
        }
        out.d = m_layout.exponents ? std::ldexp(1.0f, byte(m_slice.d + at) - 128) : half(m_slice.d + at * 2);
        if (m_layout.hasMins) out.dmin = half(m_slice.dmin + at * 2);
        return out;
    }

private:
    uint8_t byte(uint64_t at) const { return at < m_slice.bytes ? uint8_t(m_data[at]) : 0; }
    float half(uint64_t at) const { return f16ToF32(uint16_t(byte(at) | byte(at + 1) << 8)); }
    uint8_t code(uint64_t plane, int bits, uint64_t chunk, int column) const {
        const int s = column / 4;
        const uint64_t word = plane + (chunk * uint64_t(bits) + uint64_t(s % bits)) * 4;
        return uint8_t(byte(word + uint64_t(column % 4)) >> (s / bits * bits) & ((1 << bits) - 1));
    }

    const GpuLayout& m_layout;
    const GpuSlice& m_slice;
    const std::byte* m_data;
};

void expectEqual(const Format& f, const CodeBlock& got, const CodeBlock& expected) {
    const std::size_t groups = f.blockSize / f.groupSize;
    EXPECT_EQ(std::memcmp(&got.d, &expected.d, sizeof got.d), 0) << got.d << " " << expected.d;
    EXPECT_EQ(got.dmin, expected.dmin);
    EXPECT_EQ(std::memcmp(got.q, expected.q, f.blockSize), 0);
    for (std::size_t g = 0; g < groups; ++g) {
        EXPECT_EQ(got.scale[g], expected.scale[g]);
        EXPECT_EQ(got.min[g], f.hasMin ? expected.min[g] : 0);
    }
}

void checkBlocks(const GpuLayout& layout, const WeightRows& w, const std::byte* packed) {
    const Format& f = *layout.format;
    for (const GpuSlice& slice : layout.slices) {
        const SliceReader reader(layout, slice, packed + slice.offset);
        for (int64_t r = 0; r < slice.rows; ++r)
            for (int64_t b = 0; b < layout.blocks(); ++b) {
                SCOPED_TRACE(testing::Message() << f.name << " row " << slice.row0 + r << " block " << b);
                CodeBlock expected;
                f.unpack(w.row(slice.row0 + r) + b * f.blockBytes, expected);
                expectEqual(f, reader.block(r, b), expected);
                if (testing::Test::HasFailure()) return;
            }
    }
}

std::vector<std::byte> packWhole(const GpuLayout& layout, const WeightRows& w) {
    std::vector<std::byte> packed(layout.bytes);
    for (const GpuSlice& slice : layout.slices) packRows(layout, slice, w, packed.data() + slice.offset);
    return packed;
}

/// As an upload through a small staging buffer does it.
std::vector<std::byte> packInPieces(const GpuLayout& layout, const WeightRows& w, int64_t rowsAtOnce) {
    std::vector<std::byte> packed(layout.bytes);
    for (const GpuSlice& slice : layout.slices)
        for (int64_t r = 0; r < slice.rows; r += rowsAtOnce) {
            const GpuPiece piece = gpuPiece(layout, slice, r, std::min(slice.rows, r + rowsAtOnce));
            std::vector<std::byte> staging(piece.slice.bytes, std::byte(0xee));
            packRows(layout, piece.slice, w, staging.data());
            for (int i = 0; i < piece.copyCount; ++i) {
                const GpuCopy& copy = piece.copies[std::size_t(i)];
                EXPECT_LE(copy.to + copy.bytes, slice.bytes);
                std::memcpy(packed.data() + slice.offset + copy.to, staging.data() + copy.from, copy.bytes);
            }
        }
    return packed;
}

TEST_P(GpuLayoutOf, HoldsWhatTheFormatUnpacks) {
    Random random(1);
    const Format& f = *GetParam();
    for (int64_t cols : {int64_t(f.blockSize), int64_t(3 * f.blockSize)}) {
        const WeightRows w = randomWeights(random, f, 37, cols);
        const GpuLayout layout = gpuLayout(f, w.rows, cols);
        ASSERT_EQ(layout.slices.size(), 1u);
        checkBlocks(layout, w, packWhole(layout, w).data());
    }
}

TEST_P(GpuLayoutOf, HoldsExtremeBlocks) {
    const Format& f = *GetParam();
    for (uint8_t fill : {0x00, 0xff, 0x80, 0x7f}) {
        std::vector<std::byte> block(f.blockBytes, std::byte(fill));
        CodeBlock code;
        f.unpack(block.data(), code);
        if (!std::isfinite(code.d) || !std::isfinite(code.dmin)) continue;
        WeightRows w;
        w.format = f.id;
        w.rows = 1;
        w.cols = f.blockSize;
        w.planes = {block.data()};
        const GpuLayout layout = gpuLayout(f, 1, w.cols);
        checkBlocks(layout, w, packWhole(layout, w).data());
    }
}

TEST_P(GpuLayoutOf, IsCutIntoSlicesThatFitARange) {
    Random random(2);
    const Format& f = *GetParam();
    const WeightRows w = randomWeights(random, f, 200, 2 * 256);
    const uint64_t range = w.rowBytes() * 64 + w.rowBytes() * 8;
    const GpuLayout layout = gpuLayout(f, w.rows, w.cols, range);
    ASSERT_EQ(layout.slices.size(), 4u);
    int64_t row = 0;
    uint64_t offset = 0;
    for (const GpuSlice& slice : layout.slices) {
        EXPECT_EQ(slice.row0, row);
        EXPECT_GE(slice.offset, offset);
        EXPECT_EQ(slice.offset % 256, 0u);
        EXPECT_LE(slice.bytes, range);
        for (uint64_t at : {uint64_t(slice.high), uint64_t(slice.scales), uint64_t(slice.mins), uint64_t(slice.d),
                            uint64_t(slice.dmin)})
            EXPECT_EQ(at % 16, 0u);
        row += slice.rows;
        offset = slice.offset + slice.bytes;
    }
    EXPECT_EQ(row, w.rows);
    EXPECT_EQ(offset, layout.bytes);
    const std::vector<std::byte> packed = packWhole(layout, w);
    checkBlocks(layout, w, packed.data());
    EXPECT_EQ(packInPieces(layout, w, 64), packed);
    EXPECT_EQ(packInPieces(layout, w, 7), packed);
}

TEST_P(GpuLayoutOf, IsHardlyLargerThanTheFile) {
    const Format& f = *GetParam();
    EXPECT_LE(double(gpuLayout(f, 4096, 4096).bytes), 1.04 * double(f.rowBytes(4096)) * 4096);
}

std::vector<const Format*> formatsThatAre(bool quantized) {
    std::vector<const Format*> list;
    for (const Format* f : formats())
        if ((f->codeBits > 0) == quantized) list.push_back(f);
    return list;
}

INSTANTIATE_TEST_SUITE_P(All, GpuLayoutOf, testing::ValuesIn(formatsThatAre(true)),
                         [](const auto& param) { return std::string(param.param->name); });

TEST(GpuLayout, KeepsFloatRows) {
    Random random(3);
    for (const Format* f : formatsThatAre(false)) {
        const WeightRows w = randomWeights(random, *f, 150, 37);
        const GpuLayout layout = gpuLayout(*f, w.rows, w.cols, 70 * w.rowBytes() + 100);
        ASSERT_EQ(layout.slices.size(), 3u) << f->name;
        const std::vector<std::byte> packed = packWhole(layout, w);
        for (const GpuSlice& slice : layout.slices)
            EXPECT_EQ(std::memcmp(packed.data() + slice.offset, w.row(slice.row0), uint64_t(slice.rows) * w.rowBytes()),
                      0);
        EXPECT_EQ(packInPieces(layout, w, 11), packed) << f->name;
    }
}

/// Experts lie one after the other, and no slice cuts one.
TEST(GpuLayout, KeepsExpertsWhole) {
    Random random(5);
    for (const FormatId id : {FormatId::Q4_K, FormatId::BF16}) {
        constexpr int64_t kRows = 20, kExperts = 5;
        WeightRows all = randomWeights(random, format(id), kRows * kExperts, 256), experts = all;
        experts.rows = kRows;
        for (int64_t e = 1; e < kExperts; ++e) experts.planes.push_back(all.row(e * kRows));
        const uint64_t range = all.rowBytes() * kRows * 5 / 2 + 200;
        const GpuLayout layout = gpuLayout(format(id), kRows, all.cols, range, kExperts);
        ASSERT_EQ(layout.slices.size(), 3u);
        for (const GpuSlice& slice : layout.slices) {
            EXPECT_EQ(slice.row0 % kRows, 0);
            EXPECT_EQ(slice.rows % kRows, 0);
            EXPECT_LE(slice.bytes, range);
        }
        const std::vector<std::byte> packed = packWhole(layout, experts);
        for (const GpuSlice& slice : layout.slices) {
            std::vector<std::byte> same(slice.bytes);
            GpuLayout flat = layout; // the same rows as one plane
            flat.planeRows = flat.rows;
            packRows(flat, slice, all, same.data());
            EXPECT_EQ(std::memcmp(same.data(), packed.data() + slice.offset, slice.bytes), 0);
        }
        EXPECT_EQ(packInPieces(layout, experts, 7), packed);
        EXPECT_THROW(gpuLayout(format(id), kRows, all.cols, all.rowBytes() * kRows / 2, kExperts), Error);
    }
}

/// A matrix of Hugging Face's rotary order is packed row by row as presented.
TEST(GpuLayout, FollowsTheOrderOfRows) {
    Random random(4);
    WeightRows w = randomWeights(random, format(FormatId::Q4_0), 32, 64);
    w.ropeHeads = 2;
    const GpuLayout layout = gpuLayout(format(w.format), w.rows, w.cols);
    checkBlocks(layout, w, packWhole(layout, w).data());
}

} // namespace
} // namespace nibble
