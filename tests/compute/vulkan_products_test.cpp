// Matrix products on Vulkan against the weights as their formats decode them, times the inputs as the CPU quantizes
// them.
#include "random_weights.h"
#include "vulkan_fixture.h"

#include <compute/cpu/kernels.h>
#include <compute/vulkan/record_products.h>
#include <formats/half.h>

namespace nibble {
namespace {

/// As devices of several kinds would have it. All run on any device, but the software tuning, which has to know the
/// subgroup size.
ProductTuning tuningOf(std::string_view kind, const PhysicalDevice& device) {
    if (kind == "nvidia") return productTuning({0x10de, 32});
    if (kind == "amd") return productTuning({0x1002, 64});
    return productTuning({0, device.subgroupSize, device.info.type == VulkanDeviceType::Software});
}

/// What multiplies.
enum class Units { Plain, IntegerDot, Matrix };
constexpr const char* kUnitNames[] = {"", ", integer dot", ", matrix units"};

struct Case {
    int64_t rows, cols, tokens;
    const char* tuning = "software";
    bool bias = false, residual = false;
    int64_t sliceRows = 1 << 20; // about
    int terms = 1;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.rows << " x " << c.cols << ", " << c.tokens << " tokens, " << c.tuning << (c.bias ? ", bias" : "")
               << (c.residual ? ", residual" : "") << ", " << c.terms << " terms";
}

class VulkanProducts : public VulkanTest {
protected:
    Range uploadWeight(const GpuLayout& layout, const WeightRows& w) {
        std::vector<std::byte> packed(layout.bytes);
        for (const GpuSlice& slice : layout.slices) packRows(layout, slice, w, packed.data() + slice.offset);
        Range range = upload(packed);
        range.constant = true;
        return range;
    }

    void check(const Format& f, const Case& c, Units units) {
        SCOPED_TRACE(testing::Message() << f.name << " " << c << kUnitNames[int(units)]);
        Random random(uint32_t(c.rows * 1000 + c.cols + c.tokens));
        const WeightRows w = randomWeights(random, f, c.rows, c.cols);
        const GpuLayout layout = gpuLayout(f, c.rows, c.cols, w.rowBytes() * uint64_t(c.sliceRows) + 4096);
        // Rows of inputs and results are wider than the matrix, and start somewhere.
        const uint32_t inStride = uint32_t(c.cols) + 4, outStride = uint32_t(c.rows) + 3, first = 8;
        const std::vector<float> x = randomFloats(random, first + std::size_t(c.tokens) * inStride);
        const std::vector<float> bias = randomFloats(random, std::size_t(c.rows));
        const std::vector<float> before = randomFloats(random, first + std::size_t(c.tokens) * outStride);

        ProductTuning tuning = tuningOf(c.tuning, gpu->physical());
        tuning.terms = c.terms;
        tuning.integerDot = units == Units::IntegerDot;
        tuning.matrixLanes = units == Units::Matrix ? gpu->physical().matrixLanes : 0;
        const auto tokens = uint32_t(c.tokens);
        const GpuRows in{upload(x), first, inStride, tokens}, out{upload(before), first, outStride, tokens};
        Range scratch;
        if (layout.quantized()) {
            const HalvesPlan halves = planHalves(c.tokens, c.cols, c.terms);
            scratch = upload(std::vector<std::byte>(halves.at + halves.bytes));
        }
        GpuProduct product{&layout, uploadWeight(layout, w), out, {}, {}};
        if (c.bias) product.bias = upload(bias);
        if (c.residual) product.residual = out;
        recorder->begin(false);
        recordProducts(*recorder, tuning, in, c.cols, scratch, false, std::span(&product, 1));
        recorder->finish();

        std::vector<double> expected(before.begin(), before.end());
        const std::vector<float> used = layout.quantized() ? quantizedInput(x, first, inStride, c) : x;
        std::vector<float> row(std::size_t(c.cols), 0.f);
        for (int64_t r = 0; r < c.rows; ++r) {
            w.decodeRow(r, row.data());
            for (int64_t t = 0; t < c.tokens; ++t) {
                double& value = expected[std::size_t(first + t * outStride + r)];
                if (!c.residual) value = 0;
                if (c.bias) value += double(bias[std::size_t(r)]);
                for (int64_t i = 0; i < c.cols; ++i)
                    value += double(row[std::size_t(i)]) * double(used[std::size_t(first + t * inStride + i)]);
            }
        }
        // Matrix units multiply in f16. Devices may divide less exactly than the processor: an input on the edge
        // between two codes may fall the other way, which the second term makes good again.
        const double limit = units == Units::Matrix ? 1e-6 : c.terms == 1 ? 1e-8 : 1e-10;
        EXPECT_LT(nmse(download(out.range, before.size()), expected), limit);
    }

    /// x with the rows of a case as the CPU's integer products see them.
    static std::vector<float> quantizedInput(const std::vector<float>& x, uint32_t first, uint32_t stride,
                                             const Case& c) {
        std::vector<int8_t> codes(std::size_t(c.cols * c.terms), int8_t(0));
        std::vector<float> scales(codes.size() / 32), sums32(codes.size() / 32), sums16(codes.size() / 16);
        const QuantizedRows rows{c.cols, codes.data(), scales.data(), sums32.data(), sums16.data(), {}, c.terms};
        std::vector<float> result = x;
        for (int64_t t = 0; t < c.tokens; ++t) {
            float* row = result.data() + first + t * stride;
            scalarKernels().quantizeRow(row, 0, rows);
            std::fill_n(row, c.cols, 0.f);
            for (int64_t i = 0; i < c.cols * c.terms; ++i)
                row[i % c.cols] += scales[std::size_t(i / 32)] * float(codes[std::size_t(i)]);
        }
        return result;
    }

    void checkAll(const Format& f, std::initializer_list<Case> cases) {
        for (const Case& c : cases)
            for (Units units : {Units::Plain, Units::IntegerDot, Units::Matrix}) {
                const bool offered = units == Units::Plain || (units == Units::IntegerDot && gpu->integerDot()) ||
                                     (units == Units::Matrix && gpu->matrixUnits() && c.tokens > kMatvecTokens);
                if (offered && c.cols % f.blockSize == 0 && (units == Units::Plain || f.codeBits > 0))
                    check(f, c, units);
            }
    }
};

class VulkanFormatProducts : public VulkanProducts, public testing::WithParamInterface<const Format*> {};

// Compiling a kernel costs llvmpipe far more than running it: few kernels, many shapes.
TEST_P(VulkanFormatProducts, OfFewTokens) {
    checkAll(*GetParam(), {{1, 256, 1},
                           {7, 32 * 11, 1},
                           {65, 1280, 1, "software", true, true},
                           {150, 512, 1, "software", false, true, 64},
                           {65, 512, 7, "amd", true, false},
                           {129, 32 * 5, 8, "amd", false, true},
                           {65, 1280, 1, "software", true, true, 1 << 20, 2}});
}

TEST_P(VulkanFormatProducts, OfManyTokens) {
    checkAll(*GetParam(), {{7, 32 * 9, 9, "nvidia", true, false},
                           {65, 512, 17, "nvidia", false, true},
                           {129, 1280, 32, "nvidia", true, true, 64},
                           {65, 1280, 17, "nvidia", true, true, 1 << 20, 2}});
}

INSTANTIATE_TEST_SUITE_P(All, VulkanFormatProducts, testing::ValuesIn(formats().begin(), formats().end()),
                         [](const auto& param) { return std::string(param.param->name); });

/// The kernels that devices of any kind would choose.
TEST_F(VulkanProducts, InTheShapesOfEveryDevice) {
    for (FormatId id : {FormatId::F16, FormatId::Q4_0, FormatId::Q6_K})
        for (const char* tuning : {"nvidia", "amd", "software"})
            checkAll(format(id), {{65, 512, 1, tuning},
                                  {70, 256, 2, tuning, true, true},
                                  {66, 256, 4, tuning},
                                  {64, 256, 33, tuning},
                                  {129, 768, 65, tuning, true, true, 64},
                                  {70, 768, 3, tuning, true, true, 64, 2},
                                  {70, 768, 33, tuning, false, true, 64, 2}});
}

TEST_F(VulkanProducts, OfFloatRowsOfAnyWidth) {
    for (FormatId id : {FormatId::F32, FormatId::F16, FormatId::BF16})
        for (int64_t cols : {1, 37, 66})
            checkAll(format(id), {{33, cols, 1}, {20, cols, 5, "nvidia", true, true}, {33, cols, 9}});
}

/// Kernels write all rows of a batch: none beyond, whatever the vocabulary.
TEST_F(VulkanProducts, OfManyRows) {
    check(format(FormatId::Q4_0), {150000, 64, 1, "nvidia"}, Units::Plain);
    check(format(FormatId::Q4_0), {150000, 32, 3, "software", false, false, 70000}, Units::Plain);
}

TEST(VulkanProductTuning, SharesDispatchesWhereTheDeviceGainsByIt) {
    const GpuLayout q4 = gpuLayout(format(FormatId::Q4_0), 64, 64), f16 = gpuLayout(format(FormatId::F16), 64, 64);
    const auto most = [](const ProductDevice& device, const GpuLayout& weight, int terms) {
        ProductTuning tuning = productTuning(device);
        tuning.terms = terms;
        const ProductPart part{&weight, {}};
        int64_t tokens = 0;
        while (mayGoTogether(tuning, part, part, tokens + 1)) ++tokens;
        return tokens;
    };
    EXPECT_EQ(most({0x1002, 64}, q4, 2), kMatvecTokens);
    EXPECT_EQ(most({0x8086, 32}, q4, 1), 1) << "Intel";
    EXPECT_EQ(most({0x8086, 32}, q4, 2), 0);
    EXPECT_EQ(most({0x8086, 32}, f16, 2), 1);
    ProductDevice without{0x1002, 64};
    without.bufferArrays = false;
    EXPECT_EQ(most(without, f16, 1), 0);
}

/// Some of the same format, some not, one cut into slices, one with a residual: the same bits as one at a time.
class VulkanProductsTogether : public VulkanProducts {
protected:
    struct Matrix {
        FormatId format;
        int64_t rows;
        bool bias = false, residual = false, sliced = false;
    };

    void check(std::initializer_list<Matrix> matrices, int64_t cols, uint32_t tokens, const ProductTuning& wanted,
               int64_t dispatches) {
        SCOPED_TRACE(testing::Message() << cols << " columns, " << tokens << " tokens, first "
                                        << format(matrices.begin()->format).name << ", " << wanted.terms << " terms"
                                        << (wanted.integerDot ? ", integer dot" : ""));
        Random random(uint32_t(cols) + tokens);
        const GpuRows in{upload(randomFloats(random, 4 + tokens * std::size_t(cols))), 4, uint32_t(cols), tokens};
        const int64_t room = (cols + 31) / 32 * 32; // float rows may have any width
        const Range scratch = upload(std::vector<std::byte>(planHalves(tokens, room, 2).at));
        std::vector<GpuLayout> layouts;
        std::vector<GpuProduct> products;
        layouts.reserve(matrices.size());
        for (const Matrix& m : matrices) {
            const WeightRows w = randomWeights(random, format(m.format), m.rows, cols);
            layouts.push_back(
                gpuLayout(format(m.format), m.rows, cols, m.sliced ? w.rowBytes() * 64 + 4096 : kLargestSlice));
            EXPECT_EQ(layouts.back().slices.size() > 1, m.sliced);
            products.push_back({&layouts.back(), uploadWeight(layouts.back(), w), {}, {}, {}});
            if (m.bias) products.back().bias = upload(randomFloats(random, std::size_t(m.rows)));
        }
        std::vector<std::vector<float>> results[2];
        for (const bool together : {false, true}) {
            Random again(5);
            std::size_t i = 0;
            for (const Matrix& m : matrices) {
                GpuProduct& p = products[i++];
                const auto stride = uint32_t(m.rows) + 3; // what lies between is not written
                p.out = {upload(randomFloats(again, 8 + std::size_t(tokens) * stride)), 8, stride, tokens};
                if (m.residual) p.residual = p.out;
            }
            ProductTuning tuning = wanted;
            if (!together) tuning.mostShared = 0;
            const int64_t before = recorder->counts().dispatches;
            recorder->begin(false);
            recordProducts(*recorder, tuning, in, cols, scratch, false, products);
            recorder->finish();
            if (together) {
                EXPECT_EQ(recorder->counts().dispatches - before, dispatches);
            }
            for (const GpuProduct& p : products)
                results[together].push_back(download(p.out.range, p.out.range.bytes / 4));
        }
        for (std::size_t i = 0; i < products.size(); ++i) EXPECT_EQ(results[1][i], results[0][i]) << "product " << i;
    }
};

TEST_F(VulkanProductsTogether, GiveWhatTheyGiveOneByOne) {
    using enum FormatId;
    for (const char* kind : {"software", "nvidia", "amd"})
        for (const bool dot : {false, true})
            for (const int terms : {1, 2}) {
                ProductTuning tuning = tuningOf(kind, gpu->physical());
                tuning.integerDot = dot && gpu->integerDot();
                tuning.terms = terms;
                check({{Q4_0, 65}, {Q4_0, 7, true}, {Q4_0, 130}}, 352, 1, tuning, 2);
                check({{Q4_K, 9, true}, {Q4_K, 70, true}, {Q6_K, 12, true}}, 512, 2, tuning, 3);
                check({{Q8_0, 1}, {Q8_0, 1, true}, {Q8_0, 33, false, true}, {F16, 20}, {F16, 3}}, 96, 8, tuning, 4);
            }
}

TEST_F(VulkanProductsTogether, InAsManyDispatchesAsTheirFormatsAndBuffersNeed) {
    using enum FormatId;
    const ProductTuning tuning = tuningOf("software", gpu->physical());
    check({{F32, 5}, {BF16, 6}, {F32, 7, true}, {BF16, 8, true}}, 37, 3, tuning, 2);
    check({{Q4_0, 20}, {Q4_0, 21}, {Q4_0, 22}, {Q4_0, 23}, {Q4_0, 24}}, 64, 1, tuning, 3);
    check({{Q5_1, 150, true, false, true}, {Q5_1, 20}, {Q5_1, 30}}, 512, 1, tuning, 5);
    check({{Q4_0, 20}, {Q4_0, 21}}, 64, 9, tuning, 3);
}

TEST_F(VulkanProducts, QuantizeTheirInputAsTheCpuDoes) {
    Random random(11);
    for (const uint32_t stride : {576u, 577u}) {
        const int64_t cols = 576, rows = 5;
        std::vector<float> x = randomFloats(random, stride * rows, 3);
        std::fill_n(x.begin() + 64, 32, 0.f);
        std::fill_n(x.begin() + 96, 32, 1e-31f);
        x[5] = 1e4f;
        const QuantizedInputPlan plan = planQuantizedInput(rows, cols);
        const Range in = upload(x), out = upload(std::vector<std::byte>(plan.bytes));
        const KernelCall call = planQuantizeRows({0, stride}, rows, cols);
        Range codesOut = out, factorsOut = out;
        codesOut.bytes = plan.codesBytes;
        factorsOut.offset += plan.factorsAt;
        factorsOut.bytes = plan.factorsBytes;
        recorder->begin(false);
        recorder->dispatchBytes(call.kernel, std::span(call.constants).first(call.constantCount),
                                std::array{in, codesOut, factorsOut},
                                std::as_bytes(std::span(call.push).first(call.pushCount)), {call.groupsX, 1, 1}, 0);
        recorder->finish();
        const auto bytes = download<int8_t>(out, plan.bytes);
        std::vector<int8_t> codes(std::size_t(cols), int8_t(0));
        std::vector<float> scales(18), sums32(18), sums16(36);
        for (int64_t r = 0; r < rows; ++r) {
            scalarKernels().quantizeRow(x.data() + r * stride, 0,
                                        {cols, codes.data(), scales.data(), sums32.data(), sums16.data()});
            int different = 0; // by one where the device divides less exactly
            for (int64_t i = 0; i < cols; ++i) {
                const int difference = std::abs(codes[std::size_t(i)] - bytes[std::size_t(r * cols + i)]);
                EXPECT_LE(difference, 1);
                different += difference;
            }
            EXPECT_LE(different, 3);
            for (int64_t g = 0; g < cols / 32; ++g) {
                struct {
                    float scale;
                    int16_t sums[2];
                } factors;
                std::memcpy(&factors, bytes.data() + plan.factorsAt + std::size_t(r * cols / 32 + g) * 8, 8);
                EXPECT_NEAR(factors.scale, scales[std::size_t(g)], 1e-6f * scales[std::size_t(g)]);
                for (int half = 0; half < 2; ++half) {
                    int sum = 0;
                    for (int64_t i = 0; i < 16; ++i) sum += bytes[std::size_t(r * cols + g * 32 + half * 16 + i)];
                    EXPECT_EQ(factors.sums[half], sum);
                }
            }
        }
    }
}

/// Halves are the codes times their scale, a sixteenth of it, each four columns in the order 0, 2, 1, 3.
TEST_F(VulkanProducts, MakeHalvesOfQuantizedInput) {
    Random random(12);
    const int64_t cols = 96, rows = 3;
    const QuantizedInputPlan plan = planQuantizedInput(rows, cols);
    const HalvesPlan halves = planHalves(rows, cols);
    std::vector<std::byte> input(halves.at + halves.bytes);
    std::vector<int8_t> codes(std::size_t(rows * cols));
    for (int8_t& code : codes) code = int8_t(int(random() % 255) - 127);
    std::memcpy(input.data(), codes.data(), codes.size());
    const auto scaleOf = [](int64_t chunk) { return std::ldexp(1.0f + 0.125f * float(chunk), int(chunk) - 4); };
    for (int64_t chunk = 0; chunk < rows * cols / 32; ++chunk) {
        const float scale = scaleOf(chunk);
        std::memcpy(input.data() + plan.factorsAt + std::size_t(chunk) * 8, &scale, 4);
    }
    const Range whole = upload(input);
    const auto part = [&](uint64_t offset, uint64_t bytes) {
        Range range = whole;
        range.offset += offset;
        range.bytes = bytes;
        return range;
    };
    const KernelCall call = planHalveRows(rows, cols);
    recorder->begin(false);
    recorder->dispatchBytes(
        call.kernel, {},
        std::array{part(0, plan.codesBytes), part(plan.factorsAt, plan.factorsBytes), part(halves.at, halves.bytes)},
        std::as_bytes(std::span(call.push).first(call.pushCount)), {call.groupsX, 1, 1}, 0);
    recorder->finish();
    const auto bytes = download<std::byte>(whole, halves.at + halves.bytes);
    constexpr int kOrder[] = {0, 2, 1, 3};
    for (int64_t i = 0; i < rows * cols; ++i) {
        uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + halves.at + std::size_t(i) * 2, 2);
        const float exact = float(codes[std::size_t(i / 4 * 4 + kOrder[i % 4])]) * scaleOf(i / 32) / 16;
        EXPECT_NEAR(f16ToF32(bits), exact, std::abs(exact) / 1024) << i;
    }
}

} // namespace
} // namespace nibble
