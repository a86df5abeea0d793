// Passports in the files of tiny models: written whole, read back, and found out where weights were altered.
#include <compare/comparison.h>
#include <cstring>
#include <files/gguf.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nibble/passport.h>
#include <nibble/quantize.h>
#include <process.h>

using namespace nibble;

namespace {

class PassportTest : public testing::Test {
protected:
    void SetUp() override {
        original = test::goldenDir("models/llama");
        if (original.empty()) GTEST_SKIP() << "the golden models are not here";
        smaller = quantized(original, "Q4_0");
    }
    std::filesystem::path quantized(const std::filesystem::path& source, const char* recipe) {
        QuantizeOptions options;
        options.source = source;
        options.output = folder / (std::string(recipe) + ".gguf");
        options.recipe = recipe;
        options.threads = 2;
        options.allowRequantize = true;
        return quantizeModel(options).output;
    }
    CompareReport measured(const std::filesystem::path& model) const {
        CompareOptions options;
        options.original = original;
        options.smaller = model;
        options.chunkTokens = 64;
        options.chunks = 2;
        options.speed = false;
        options.threads = 2;
        return compareModels(options);
    }
    /// The file with one byte in the middle, that of a weight, changed.
    void alter(const std::filesystem::path& path) const {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto middle = std::streamoff(std::filesystem::file_size(path) / 2);
        file.seekg(middle);
        const char byte = char(file.get());
        file.seekp(middle);
        file.put(char(byte ^ 1));
    }
    /// The file with another value under a key.
    void setKey(const std::filesystem::path& path, const char* key, const GgufValue& value) const {
        const GgufFile file(path);
        GgufMetadata metadata = file.metadata();
        metadata.set(key, value);
        std::vector<GgufWriter::Declaration> tensors;
        for (const GgufTensor& t : file.tensors()) tensors.push_back({t.name, FormatId(t.type), t.shape});
        GgufWriter writer(path, metadata, tensors);
        for (const GgufTensor& t : file.tensors()) writer.write({t.data, t.bytes});
        writer.commit();
    }

    test::TempFolder folder;
    std::filesystem::path original, smaller;
};

} // namespace

TEST_F(PassportTest, IsReadBackAndHolds) {
    EXPECT_FALSE(readPassport(smaller));
    EXPECT_THROW(passportHolds(smaller), Error);
    std::filesystem::copy(smaller, folder / "before.gguf");
    const CompareReport report = measured(smaller);
    double last = 0;
    const Passport written = writePassport(smaller, original, report, [&](const Progress& p) { last = p.fraction; });
    EXPECT_EQ(last, 1);
    const Passport read = readPassport(smaller).value();
    EXPECT_EQ(read.weightsHash, written.weightsHash);
    EXPECT_EQ(read.weightsHash.size(), 64u);
    EXPECT_NE(read.weightsHash, read.sourceHash);
    EXPECT_EQ(read.text, "Nibble's sample text");
    EXPECT_EQ(read.textHash, report.textHash);
    EXPECT_EQ(read.tokens, report.tokensScored);
    EXPECT_EQ(read.wordAgreement, report.wordAgreement.value);
    EXPECT_EQ(read.agreementLow, report.agreementLow);
    EXPECT_EQ(read.agreementHigh, report.agreementHigh);
    EXPECT_EQ(read.meanDivergence, report.meanDivergence.value);
    EXPECT_EQ(read.logPerplexityRatio, report.logPerplexityRatio.value);
    EXPECT_EQ(read.drift, report.drift);
    EXPECT_EQ(read.verdict, report.verdict);
    EXPECT_EQ(read.measuredAt, report.measuredAt);
    EXPECT_TRUE(passportHolds(smaller));
    // The model itself is as it was.
    const GgufFile before(folder / "before.gguf"), after(smaller);
    ASSERT_EQ(before.tensors().size(), after.tensors().size());
    for (std::size_t i = 0; i < before.tensors().size(); ++i) {
        ASSERT_EQ(before.tensors()[i].bytes, after.tensors()[i].bytes);
        EXPECT_EQ(std::memcmp(before.tensors()[i].data, after.tensors()[i].data, before.tensors()[i].bytes), 0);
    }
    EXPECT_EQ(after.metadata().entries().size(), before.metadata().entries().size() + 14);
    EXPECT_TRUE(inspectModel(smaller).supported);
}

TEST_F(PassportTest, AlteredWeightsAreFoundAndOtherKeysMayChange) {
    writePassport(smaller, original, measured(smaller));
    setKey(smaller, "general.name", std::string("Renamed"));
    EXPECT_TRUE(passportHolds(smaller));
    alter(smaller);
    EXPECT_FALSE(passportHolds(smaller));
    writePassport(smaller, original, measured(smaller)); // a new one, for what it is now
    EXPECT_TRUE(passportHolds(smaller));
}

TEST_F(PassportTest, TheSourcesHashTellsOriginalsApart) {
    const std::string hash = writePassport(smaller, original, measured(smaller)).sourceHash;
    const std::filesystem::path another = quantized(original, "Q8_0");
    EXPECT_EQ(writePassport(another, original, measured(another)).sourceHash, hash);
    original = another; // with a passport of its own, which is no part of its weights
    EXPECT_EQ(writePassport(smaller, original, measured(smaller)).sourceHash, readPassport(another)->weightsHash);
}

TEST_F(PassportTest, AModelMadeFromOneWithAPassportHasNone) {
    writePassport(smaller, original, measured(smaller));
    EXPECT_FALSE(readPassport(quantized(smaller, "Q2_K")));
    EXPECT_TRUE(passportHolds(quantized(smaller, "AS-IS"))) << "the same weights";
}

TEST_F(PassportTest, NothingIsWrittenWhereSomethingIsWrong) {
    const auto size = std::filesystem::file_size(smaller);
    const CompareReport report = measured(smaller);
    CompareReport unmeasured = report;
    unmeasured.tokensScored = 0;
    EXPECT_THROW(writePassport(smaller, original, unmeasured), Error);
    CompareReport another = report;
    another.smaller.fileBytes += 1;
    EXPECT_THROW(writePassport(smaller, original, another), Error);
    EXPECT_THROW(writePassport(original, original, report), Error) << "a folder";
    std::stop_source source;
    EXPECT_THROW(writePassport(
                     smaller, original, report, [&](const Progress&) { source.request_stop(); }, source.get_token()),
                 Error);
    EXPECT_EQ(std::filesystem::file_size(smaller), size);
    EXPECT_FALSE(readPassport(smaller));
}

TEST_F(PassportTest, DamagedOnesAreRefused) {
    writePassport(smaller, original, measured(smaller));
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, GgufValue>>{{"nibble.passport.drift", int32_t(101)},
                                                                  {"nibble.passport.word_agreement", 1.5},
                                                                  {"nibble.passport.tokens", std::string("many")},
                                                                  {"nibble.passport.verdict", int32_t(3)}}) {
        std::filesystem::copy(smaller, folder / "damaged.gguf", std::filesystem::copy_options::overwrite_existing);
        setKey(folder / "damaged.gguf", key, value);
        try {
            readPassport(folder / "damaged.gguf");
            FAIL() << key;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::BadFile) << key;
            EXPECT_NE((error.message + error.detail).find(key), std::string::npos) << error.detail;
        }
    }
}
