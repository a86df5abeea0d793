// Every format's decoding against PyPI gguf's (tests/goldens/formats), and what the table promises about each.
#include <cmath>
#include <cstring>
#include <formats/format.h>
#include <formats/half.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <vector>

namespace nibble {
namespace {

struct Golden {
    uint32_t blocks = 0, blockBytes = 0, blockSize = 0;
    std::vector<uint8_t> bytes;
    std::vector<float> weights;
};

Golden readGolden(const Format& f) {
    std::string name = f.name;
    for (char& c : name) c = char(std::tolower(c));
    std::ifstream in(test::goldenDir("formats") / (name + ".bin"), std::ios::binary);
    Golden golden;
    in.read(reinterpret_cast<char*>(&golden), 12);
    golden.bytes.resize(std::size_t(golden.blocks) * golden.blockBytes);
    golden.weights.resize(std::size_t(golden.blocks) * golden.blockSize);
    in.read(reinterpret_cast<char*>(golden.bytes.data()), std::streamsize(golden.bytes.size()));
    in.read(reinterpret_cast<char*>(golden.weights.data()), std::streamsize(golden.weights.size() * sizeof(float)));
    EXPECT_TRUE(in.good()) << "tests/goldens/formats/" << name << ".bin";
    return golden;
}

class EachFormat : public testing::TestWithParam<const Format*> {};
INSTANTIATE_TEST_SUITE_P(Formats, EachFormat, testing::ValuesIn(formats().begin(), formats().end()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST_P(EachFormat, DecodesAsGgufDoes) {
    const Format& f = *GetParam();
    const Golden golden = readGolden(f);
    ASSERT_EQ(golden.blockBytes, f.blockBytes);
    ASSERT_EQ(golden.blockSize, f.blockSize);
    std::vector<float> decoded(golden.weights.size());
    f.decode(golden.bytes.data(), decoded.data(), int64_t(decoded.size()));
    for (std::size_t i = 0; i < decoded.size(); ++i)
        ASSERT_EQ(std::bit_cast<uint32_t>(decoded[i] + 0.f), std::bit_cast<uint32_t>(golden.weights[i] + 0.f))
            << "weight " << i << ": " << decoded[i] << " instead of " << golden.weights[i];
}

TEST_P(EachFormat, DecodesTheAffineCode) {
    const Format& f = *GetParam();
    if (f.codeBits == 0) return; // a float format has none
    std::mt19937 random(1);
    std::vector<uint8_t> block(f.blockBytes + 1);
    std::vector<float> decoded(f.blockSize);
    for (int round = 0; round < 200; ++round) {
        for (uint8_t& byte : block) byte = uint8_t(random());
        const uint8_t* at = block.data() + 1; // blocks lie at odd addresses, too
        CodeBlock code;
        f.unpack(at, code);
        f.decode(at, decoded.data(), f.blockSize);
        if (!std::isfinite(code.d) || !std::isfinite(code.dmin)) continue;
        for (uint32_t i = 0; i < f.blockSize; ++i) {
            const uint32_t g = i / f.groupSize;
            ASSERT_LT(code.q[i], 1u << f.codeBits);
            const int t = f.table ? f.table[code.q[i]] : code.q[i] - f.offset;
            const double w = double(code.d) * code.scale[g] * t - double(code.dmin) * code.min[g];
            const double terms =
                std::abs(double(code.d) * code.scale[g] * t) + std::abs(double(code.dmin) * code.min[g]);
            if (terms > 3e38) continue; // MXFP4's largest exponents leave f32
            ASSERT_NEAR(decoded[i], w, 1e-6 * terms) << i;
        }
        ASSERT_TRUE(f.hasScale || code.scale[0] == 1);
        ASSERT_TRUE(f.hasMin || code.dmin == 0);
    }
}

TEST(Table, IsSoundAndFindsFormats) {
    std::set<std::string> names;
    uint32_t last = 0;
    for (const Format* f : formats()) {
        EXPECT_TRUE(names.insert(f->name).second);
        EXPECT_GE(uint32_t(f->id), last); // in the order of the id
        last = uint32_t(f->id);
        EXPECT_EQ(findFormat(uint32_t(f->id)), f);
        EXPECT_EQ(findFormat(f->name), f);
        EXPECT_EQ(&format(f->id), f);
        EXPECT_EQ(ggufTypeName(uint32_t(f->id)), f->name);
        EXPECT_TRUE(f->decode);
        if (f->codeBits == 0) {
            EXPECT_FALSE(f->unpack);
            continue;
        }
        EXPECT_TRUE(f->unpack);
        EXPECT_TRUE(f->groupSize == 16 || f->groupSize == 32);
        EXPECT_EQ(f->blockSize % f->groupSize, 0u);
        EXPECT_LE(f->blockSize / f->groupSize, 16u);
    }
    EXPECT_EQ(findFormat("q4_k"), &format(FormatId::Q4_K));
    EXPECT_EQ(findFormat("Q4"), nullptr);
    EXPECT_EQ(findFormat(16u), nullptr);
    EXPECT_EQ(ggufTypeName(16), "IQ2_XXS");
    EXPECT_EQ(ggufTypeName(40), "NVFP4");
    EXPECT_EQ(ggufTypeName(4'000'000'000u), "an unknown type");
    EXPECT_DOUBLE_EQ(format(FormatId::Q4_K).bitsPerWeight(), 4.5);
    EXPECT_EQ(format(FormatId::Q6_K).rowBytes(512), 420u);
}

TEST(Half, RoundTripsEveryValue) {
    for (uint32_t h = 0; h < 0x10000; ++h) {
        const float f = f16ToF32(uint16_t(h));
        if ((h & 0x7c00) == 0x7c00 && (h & 0x3ff)) {
            EXPECT_TRUE(std::isnan(f));
            EXPECT_TRUE(std::isnan(f16ToF32(f32ToF16(f))));
            continue;
        }
        const int exponent = int(h >> 10 & 31), mantissa = int(h & 0x3ff);
        const double magnitude = exponent == 31  ? INFINITY
                                 : exponent == 0 ? std::ldexp(mantissa, -24)
                                                 : std::ldexp(1024 + mantissa, exponent - 25);
        ASSERT_EQ(f, float(h & 0x8000 ? -magnitude : magnitude)) << h;
        ASSERT_EQ(f32ToF16(f), h);
        const float b = bf16ToF32(uint16_t(h));
        if (!std::isnan(b))
            ASSERT_EQ(f32ToBf16(b), h);
        else
            ASSERT_TRUE(std::isnan(bf16ToF32(f32ToBf16(b))));
    }
}

TEST(Half, DecodesInBulkAsOneByOne) {
    std::vector<uint16_t> halves(0x10000 + 3); // not a multiple of eight
    for (std::size_t h = 0; h < halves.size(); ++h) halves[h] = uint16_t(h);
    std::vector<float> bulk(halves.size());
    format(FormatId::F16).decode(halves.data(), bulk.data(), int64_t(bulk.size()));
    for (std::size_t h = 0; h < halves.size(); ++h)
        ASSERT_EQ(std::bit_cast<uint32_t>(bulk[h]), std::bit_cast<uint32_t>(f16ToF32(halves[h]))) << h;
}

TEST(Half, RoundsToNearestEven) {
    for (uint32_t h = 0; h < 0x7bff; ++h) { // every pair of neighbours: below, at and above the middle
        const float low = f16ToF32(uint16_t(h)), high = f16ToF32(uint16_t(h + 1)), middle = (low + high) / 2;
        ASSERT_EQ(f32ToF16(middle), h % 2 ? h + 1 : h);
        ASSERT_EQ(f32ToF16(std::nextafter(middle, 0.f)), h);
        ASSERT_EQ(f32ToF16(-std::nextafter(middle, 1e9f)), (h + 1) | 0x8000);
    }
    EXPECT_EQ(f32ToF16(65519.f), 0x7bff);
    EXPECT_EQ(f32ToF16(65520.f), 0x7c00);
    EXPECT_EQ(f16Saturate(1e9f), 0x7bff);
    EXPECT_EQ(f16Saturate(-INFINITY), 0xfbff);
    EXPECT_EQ(f16Saturate(NAN), 0);
    EXPECT_EQ(f32ToBf16(1.00390625f), 0x3f80); // 1 + 2^-8: halfway, to even
    EXPECT_EQ(f32ToBf16(1.01171875f), 0x3f82); // 1 + 3 * 2^-8
}

} // namespace
} // namespace nibble
