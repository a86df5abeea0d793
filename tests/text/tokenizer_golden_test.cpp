// Tokenizers against the ids of Hugging Face's own (goldens/tokenizers).

#include <chrono>
#include <files/gguf.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <sstream>
#include <text/tokenizer.h>

namespace nibble {
namespace {

std::string readAll(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
}

std::vector<std::string> splitBy(const std::string& text, const std::string& separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t at; (at = text.find(separator, begin)) != std::string::npos; begin = at + separator.size())
        parts.push_back(text.substr(begin, at - begin));
    parts.push_back(text.substr(begin));
    return parts;
}

std::vector<int32_t> numbers(const std::string& line) {
    std::istringstream in(line);
    std::vector<int32_t> ids;
    for (int32_t id; in >> id;) ids.push_back(id);
    return ids;
}

class TokenizerGolden : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        path = test::goldenDir(std::string("tokenizers/ggml-vocab-") + GetParam() + ".gguf"); // only some may be passed on
        if (path.empty()) GTEST_SKIP() << "no golden vocabulary " << GetParam();
        file = std::make_unique<GgufFile>(path);
        tokenizer = tokenizerFromGguf(file->metadata());
        cases = splitBy(readAll(path.string() + ".inp"), "\n__ggml_vocab_test__\n");
        expected = splitBy(readAll(path.string() + ".out"), "\n");
        if (!expected.empty() && expected.back().empty()) expected.pop_back();
        // The last case ends with the file's own line break.
        if (cases.size() > expected.size()) cases.resize(expected.size());
    }
    std::filesystem::path path;
    std::unique_ptr<GgufFile> file;
    std::unique_ptr<Tokenizer> tokenizer;
    std::vector<std::string> cases, expected;
};

TEST_P(TokenizerGolden, EncodesEveryCase) {
    ASSERT_GE(cases.size(), 40u);
    ASSERT_EQ(cases.size(), expected.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_EQ(tokenizer->encode(cases[i], false), numbers(expected[i])) << "case " << i << ": " << cases[i];
        EXPECT_EQ(tokenizer->encode(cases[i], true), numbers(expected[i])) << "case " << i << ": " << cases[i];
    }
}

TEST_P(TokenizerGolden, DecodesToTheText) {
    for (const std::string& text : cases) EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, false)), text);
}

TEST_P(TokenizerGolden, StreamsToTheText) {
    for (const std::string& text : cases) {
        StreamDecoder decoder(*tokenizer);
        std::string streamed;
        for (const int32_t id : tokenizer->encode(text, false)) streamed += decoder.push(id);
        EXPECT_EQ(streamed + decoder.flush(), text);
    }
}

TEST_P(TokenizerGolden, LoadsInHalfASecond) {
    const auto start = std::chrono::steady_clock::now();
    const auto again = tokenizerFromGguf(file->metadata());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    RecordProperty("seconds", std::to_string(seconds));
    std::printf("%s: %d tokens loaded in %.3f s\n", GetParam(), again->vocabSize(), seconds);
    EXPECT_LT(seconds, 10) << "far beyond the half second aimed at";
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, TokenizerGolden,
                         testing::Values("llama-bpe", "gpt-2", "qwen2", "llama-spm", "phi-3", "deepseek-llm", "starcoder"),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

} // namespace
} // namespace nibble
