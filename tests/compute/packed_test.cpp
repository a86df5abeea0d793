// The packed layout, and products with packed weights, for every format of the table and every level that runs here.
#include "random_weights.h"

#include <compute/cpu/kernels.h>
#include <gtest/gtest.h>

namespace nibble {
namespace {

std::vector<const Format*> quantizedFormats() {
    std::vector<const Format*> list;
    for (const Format* f : formats())
        if (f->codeBits > 0) list.push_back(f);
    return list;
}

class PackedFormat : public testing::TestWithParam<const Format*> {};

std::vector<std::byte> pack(const PackedLayout& layout, const WeightRows& w) {
    std::vector<std::byte> packed(layout.bytes());
    packPanels(layout, w, packed.data(), 0, layout.panels());
    return packed;
}

TEST_P(PackedFormat, DecodesBitForBitAsTheFormat) {
    Random random(1);
    const Format& f = *GetParam();
    const int64_t cols = 3 * 256, rows = 19;
    const WeightRows w = randomWeights(random, f, rows, cols);
    const PackedLayout layout = packedLayout(f, rows, cols);
    const std::vector<std::byte> packed = pack(layout, w);
    std::vector<float> expected(cols), got(cols);
    for (int64_t r = 0; r < rows; ++r) {
        w.decodeRow(r, expected.data());
        decodePackedRow(layout, packed.data(), r, got.data());
        ASSERT_EQ(std::memcmp(got.data(), expected.data(), cols * sizeof(float)), 0) << f.name << " row " << r;
    }
}

TEST_P(PackedFormat, IsHardlyLargerThanTheFile) {
    const Format& f = *GetParam();
    const PackedLayout layout = packedLayout(f, 4096, 4096);
    EXPECT_LE(double(layout.bytes()), 1.04 * double(f.rowBytes(4096)) * 4096) << f.name;
}

TEST_P(PackedFormat, PacksExtremeBlocks) {
    const Format& f = *GetParam();
    for (uint8_t fill : {0x00, 0xff, 0x80}) {
        std::vector<std::byte> block(f.blockBytes, std::byte(fill));
        CodeBlock code;
        f.unpack(block.data(), code);
        if (!std::isfinite(code.d) || !std::isfinite(code.dmin)) continue;
        WeightRows w;
        w.format = f.id;
        w.rows = 1;
        w.cols = f.blockSize;
        w.planes = {block.data()};
        const PackedLayout layout = packedLayout(f, 1, w.cols);
        std::vector<float> expected(f.blockSize), got(f.blockSize);
        w.decodeRow(0, expected.data());
        decodePackedRow(layout, pack(layout, w).data(), 0, got.data());
        EXPECT_EQ(std::memcmp(got.data(), expected.data(), f.blockSize * sizeof(float)), 0)
            << f.name << " " << int(fill);
    }
}

/// Quantized activations of `tokens` rows, with memory.
struct Activations {
    std::vector<int8_t> codes;
    std::vector<float> scales, sums32, sums16;
    QuantizedRows rows;

    Activations(const Kernels& kernels, const std::vector<float>& x, int64_t tokens, int64_t cols, int terms = 1)
        : codes(std::size_t(tokens * cols * terms)), scales(codes.size() / 32), sums32(codes.size() / 32),
          sums16(codes.size() / 16) {
        rows = {cols, codes.data(), scales.data(), sums32.data(), sums16.data(), {}, terms};
        for (int64_t t = 0; t < tokens; ++t) kernels.quantizeRow(x.data() + t * cols, t, rows);
    }
    float valueOfLine(int64_t line, int64_t i) const {
        return rows.scalesOf(line)[i / 32] * float(rows.codesOf(line)[i]);
    }
    double value(int64_t token, int64_t i) const {
        double sum = 0;
        for (int64_t line = token * rows.terms; line < (token + 1) * rows.terms; ++line)
            sum += double(valueOfLine(line, i));
        return sum;
    }
};

void checkProduct(CpuLevel level, const Format& f, int64_t rows, int64_t cols, int64_t tokens, int terms = 1) {
    SCOPED_TRACE(testing::Message() << cpuLevelName(level) << " " << f.name << " " << rows << " x " << cols << ", "
                                    << tokens << " tokens, " << terms << " terms");
    Random random(uint32_t(rows * 1000 + cols + tokens));
    const WeightRows w = randomWeights(random, f, rows, cols);
    const PackedLayout layout = packedLayout(f, rows, cols);
    const std::vector<std::byte> packed = pack(layout, w);
    const Kernels& kernels = kernelsOf(level);
    const std::vector<float> x = randomFloats(random, std::size_t(tokens * cols));
    const Activations activations(kernels, x, tokens, cols, terms);
    const std::vector<float> bias = randomFloats(random, std::size_t(rows));
    std::vector<float> out = randomFloats(random, std::size_t(tokens * (rows + 3))); // is its own residual

    std::vector<double> expected;
    std::vector<float> row(std::size_t(cols), 0.f);
    std::vector<std::vector<float>> decoded;
    for (int64_t r = 0; r < rows; ++r) {
        w.decodeRow(r, row.data());
        decoded.push_back(row);
    }
    for (int64_t t = 0; t < tokens; ++t)
        for (int64_t r = 0; r < rows + 3; ++r) {
            double sum = out[std::size_t(t * (rows + 3) + r)];
            if (r < rows) sum += bias[std::size_t(r)];
            for (int64_t i = 0; r < rows && i < cols; ++i)
                sum += double(decoded[std::size_t(r)][std::size_t(i)]) * activations.value(t, i);
            expected.push_back(sum);
        }

    ProductTarget target;
    target.out = out.data();
    target.outStride = rows + 3;
    target.bias = bias.data();
    target.residual = out.data();
    target.residualStride = rows + 3;
    std::vector<float> scratch(kMatmulScratch / sizeof(float) + 16);
    // Two calls, as two threads would make them.
    float* aligned = reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(scratch.data()) + 63) / 64 * 64);
    const int64_t middle = layout.panels() / 2;
    kernels.packedProduct(layout, packed.data(), 0, middle, activations.rows, tokens, target, aligned);
    kernels.packedProduct(layout, packed.data(), middle, layout.panels(), activations.rows, tokens, target, aligned);
    EXPECT_LT(nmse(out, expected), 1e-11);
}

TEST_P(PackedFormat, HasItsOwnKernelOnEveryLevel) {
    const PackedLayout layout = packedLayout(*GetParam(), 8, 256);
    for (CpuLevel level : supportedLevels())
        EXPECT_TRUE(kernelsOf(level).hasPackedProduct(layout)) << cpuLevelName(level);
}

TEST_P(PackedFormat, ProductsEqualTheDecodedWeightsTimesTheQuantizedInput) {
    const Format& f = *GetParam();
    const int64_t block = f.blockSize;
    for (CpuLevel level : supportedLevels()) {
        for (int64_t rows = 1; rows <= 17; ++rows) checkProduct(level, f, rows, block, 1 + rows % 3);
        for (int64_t tokens : {1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 70}) checkProduct(level, f, 21, 2 * block, tokens);
        for (int64_t cols : {32, 64, 96, 576, 768, 800, 1024, 1536, 2048})
            if (cols % block == 0) {
                checkProduct(level, f, 24, cols, 1);
                checkProduct(level, f, 35, cols, 6);
            }
        for (int64_t tokens : {1, 2, 5, 33, 70}) checkProduct(level, f, 21, 4 * block, tokens, 2);
    }
}

INSTANTIATE_TEST_SUITE_P(All, PackedFormat, testing::ValuesIn(quantizedFormats()),
                         [](const auto& param) { return std::string(param.param->name); });

/// The largest codes against the largest activations: where 16-bit sums would overflow if they could.
TEST(PackedProduct, SurvivesExtremeCodes) {
    for (const Format* f : quantizedFormats())
        for (CpuLevel level : supportedLevels())
            for (float sign : {1.f, -1.f})
                for (uint8_t code : {0, 1}) {
                    SCOPED_TRACE(testing::Message() << f->name << " " << cpuLevelName(level));
                    const int64_t cols = f->blockSize, rows = 8;
                    Random random(3);
                    const WeightRows w = randomWeights(random, *f, rows, cols);
                    const PackedLayout layout = packedLayout(*f, rows, cols);
                    std::vector<std::byte> packed = pack(layout, w);
                    // All code bits one (or zero) in every lane.
                    const uint64_t codeBytes = uint64_t(cols) * kPanelRows * uint64_t(f->codeBits) / 8;
                    std::memset(packed.data(), code ? 0xff : 0, codeBytes);
                    const std::vector<float> x(std::size_t(cols), sign * 3);
                    const Activations activations(kernelsOf(level), x, 1, cols);
                    std::vector<float> out(rows), row(std::size_t(cols), 0.f);
                    ProductTarget target;
                    target.out = out.data();
                    target.outStride = rows;
                    alignas(64) static float scratch[kMatmulScratch / sizeof(float)];
                    kernelsOf(level).packedProduct(layout, packed.data(), 0, 1, activations.rows, 1, target, scratch);
                    std::vector<double> expected;
                    for (int64_t r = 0; r < rows; ++r) {
                        decodePackedRow(layout, packed.data(), r, row.data());
                        double sum = 0;
                        for (int64_t i = 0; i < cols; ++i) sum += double(row[std::size_t(i)]) * activations.value(0, i);
                        expected.push_back(sum);
                    }
                    EXPECT_LT(nmse(out, expected), 1e-10);
                }
}

TEST(QuantizeRow, KeepsEveryValueWithinHalfAStep) {
    Random random(7);
    for (CpuLevel level : supportedLevels()) {
        const int64_t cols = 576;
        std::vector<float> x = randomFloats(random, std::size_t(3 * cols), 5);
        std::fill_n(x.begin() + 64, 32, 0.f);    // a group of zeros
        std::fill_n(x.begin() + 96, 32, 1e-30f); // and of nearly nothing
        x[0] = 1000;                             // an outlier
        const Activations a(kernelsOf(level), x, 3, cols);
        for (int64_t t = 0; t < 3; ++t)
            for (int64_t i = 0; i < cols; ++i) {
                const float scale = a.rows.scalesOf(t)[i / 32];
                EXPECT_LE(std::fabs(a.value(t, i) - double(x[std::size_t(t * cols + i)])), scale * 0.5001f)
                    << cpuLevelName(level);
                EXPECT_GE(a.rows.codesOf(t)[i], -127);
            }
        for (int64_t g = 0; g < 3 * cols / 16; ++g) {
            double sum = 0;
            for (int64_t i = 0; i < 16; ++i) sum += a.value(g * 16 / cols, (g * 16 + i) % cols);
            EXPECT_NEAR(a.sums16[std::size_t(g)], sum, 1e-4 * (1 + std::fabs(sum)));
        }
        for (int64_t g = 0; g < 3 * cols / 32; ++g)
            EXPECT_NEAR(a.sums32[std::size_t(g)], a.sums16[std::size_t(2 * g)] + a.sums16[std::size_t(2 * g + 1)],
                        1e-3);
    }
}

TEST(QuantizeRow, LeavesNextToNothingOverInTwoTerms) {
    Random random(8);
    for (CpuLevel level : supportedLevels()) {
        const int64_t cols = 576;
        std::vector<float> x = randomFloats(random, std::size_t(3 * cols), 5);
        std::fill_n(x.begin() + 64, 32, 0.f);
        x[0] = 1000;
        const Activations a(kernelsOf(level), x, 3, cols, 2);
        for (int64_t t = 0; t < 3; ++t)
            for (int64_t g = 0; g < cols / 32; ++g) {
                double largest = 0, most = 0;
                for (int64_t i = g * 32; i < (g + 1) * 32; ++i) {
                    const double value = x[std::size_t(t * cols + i)];
                    largest = std::max(largest, std::fabs(value));
                    most = std::max(most, std::fabs(a.value(t, i) - value));
                }
                EXPECT_LE(most, largest / (254 * 254) * 1.01) << cpuLevelName(level) << " " << t << " " << g;
            }
    }
}

} // namespace
} // namespace nibble
