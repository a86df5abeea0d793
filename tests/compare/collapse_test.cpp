// When a file must not be used, and that it is said of a real one that is broken.
#include <cmath>
#include <compare/collapse.h>
#include <compare/comparison.h>
#include <files/gguf.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/json.h>
#include <nibble/passport.h>
#include <nibble/quantize.h>
#include <process.h>

using namespace nibble;

TEST(Collapse, EachSignSpeaksForItself) {
    EXPECT_EQ(collapseOf({}), "");
    EXPECT_EQ(collapseOf({.logPerplexityRatio = std::log(1.24)}), "");
    EXPECT_NE(collapseOf({.logPerplexityRatio = std::log(2.5)}).find("2.5 times"), std::string::npos);
    EXPECT_NE(collapseOf({.logPerplexityRatio = NAN}), "");
    EXPECT_NE(collapseOf({.notNumbers = true}).find("not numbers"), std::string::npos);
    EXPECT_EQ(collapseOf({.continued = 2, .originalLoops = 0, .smallerLoops = 1}), "");
    EXPECT_EQ(collapseOf({.continued = 2, .originalLoops = 1, .smallerLoops = 2}), "") << "the original does it, too";
    EXPECT_NE(collapseOf({.continued = 2, .originalLoops = 0, .smallerLoops = 2}).find("repeats"), std::string::npos);
    EXPECT_EQ(collapseOf({.continued = 0}), "");
}

TEST(Collapse, CirclesAreFoundWhateverTheirLength) {
    std::vector<int32_t> text;
    for (int32_t i = 0; i < 64; ++i) text.push_back(i * i % 61);
    EXPECT_FALSE(endsInACircle(text));
    for (int32_t period = 1; period <= 9; ++period) {
        std::vector<int32_t> circle = {90, 91, 92, 93, 94, 95, 96, 97};
        for (int32_t i = 0; i < 48; ++i) circle.push_back(100 + i % period);
        EXPECT_EQ(endsInACircle(circle), period <= 8) << period;
        circle.back() = 5;
        EXPECT_FALSE(endsInACircle(circle));
    }
    EXPECT_FALSE(endsInACircle(std::vector<int32_t>(39, 1))) << "too short to say";
    EXPECT_FALSE(endsInACircle({}));
}

namespace {

class CollapsedFile : public testing::Test {
protected:
    void SetUp() override {
        original = test::goldenDir("models/llama");
        if (original.empty()) GTEST_SKIP() << "the golden models are not here";
    }
    /// The original as one file, with the weights of its last norm all `value`.
    std::filesystem::path withNorm(float value) const {
        QuantizeOptions options;
        options.source = original;
        options.output = folder / "whole.gguf";
        options.recipe = "F16";
        options.overwrite = true;
        const GgufFile file(quantizeModel(options).output);
        const std::filesystem::path path = folder / "broken.gguf";
        std::vector<GgufWriter::Declaration> tensors;
        for (const GgufTensor& t : file.tensors()) tensors.push_back({t.name, FormatId(t.type), t.shape});
        GgufWriter writer(path, file.metadata(), tensors);
        for (const GgufTensor& t : file.tensors()) {
            const std::vector<float> norm(t.bytes / sizeof(float), value);
            writer.write(t.name == "output_norm.weight" ? std::as_bytes(std::span(norm)) : std::span(t.data, t.bytes));
        }
        writer.commit();
        return path;
    }
    CompareReport compared(const std::filesystem::path& a, const std::filesystem::path& b, MemoryOrder order) const {
        CompareOptions options;
        options.original = a;
        options.smaller = b;
        options.chunkTokens = 64;
        options.chunks = 2;
        options.speed = false;
        options.threads = 2;
        return compareInOrder(options, order);
    }

    test::TempFolder folder;
    std::filesystem::path original;
};

} // namespace

TEST_F(CollapsedFile, ValuesThatAreNotNumbers) {
    const std::filesystem::path broken = withNorm(NAN);
    for (const MemoryOrder order : {MemoryOrder::Together, MemoryOrder::OneAfterTheOther}) {
        const CompareReport report = compared(original, broken, order);
        EXPECT_NE(report.warning.find("not numbers"), std::string::npos) << report.warning;
        EXPECT_EQ(report.sentence, report.warning);
        EXPECT_EQ(report.verdict, "broken");
        EXPECT_EQ(report.drift, 100);
        EXPECT_EQ(toJson(compareReportFrom(nlohmann::json::parse(toJson(report).dump()))), toJson(report))
            << "no value that JSON cannot hold";
        EXPECT_THROW(writePassport(broken, original, report), Error);
        EXPECT_THROW(compared(broken, original, order), Error) << "nothing can be said of a broken original";
    }
}

TEST_F(CollapsedFile, ALargePerplexity) {
    const CompareReport report = compared(original, withNorm(40), MemoryOrder::Together);
    EXPECT_NE(report.warning.find("times as much"), std::string::npos) << report.warning;
    EXPECT_EQ(report.verdict, "broken");
    EXPECT_GT(report.tokensScored, 0);
    EXPECT_EQ(compared(original, original, MemoryOrder::Together).warning, "");
}
