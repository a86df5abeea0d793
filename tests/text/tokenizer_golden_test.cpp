// Tokenizers against the ids of Hugging Face's own (goldens/tokenizers).

#include <base/text.h>
#include <ctime>
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
        path =
            test::goldenDir(std::string("tokenizers/ggml-vocab-") + GetParam() + ".gguf"); // only some may be passed on
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

TEST_P(TokenizerGolden, EncodesDecodesAndStreams) {
    ASSERT_GE(cases.size(), 40u);
    ASSERT_EQ(cases.size(), expected.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        SCOPED_TRACE("case " + std::to_string(i) + ": " + cases[i]);
        const std::vector<int32_t> ids = tokenizer->encode(cases[i], false);
        EXPECT_EQ(ids, numbers(expected[i]));
        EXPECT_EQ(tokenizer->encode(cases[i], true), ids);
        EXPECT_EQ(tokenizer->decode(ids), cases[i]);

        StreamDecoder decoder(*tokenizer);
        std::string streamed;
        for (const int32_t id : ids) {
            const std::string text = decoder.push(id);
            EXPECT_TRUE(isUtf8(text));
            streamed += text;
        }
        EXPECT_EQ(streamed + decoder.flush(), cases[i]);
    }
}

// Figures for a person to read (CPU seconds: the machine may be busy); they fail only where they are absurd.
TEST_P(TokenizerGolden, SpeedIsSane) {
    const auto cpuSeconds = [](auto&& work) {
        const std::clock_t start = std::clock();
        work();
        return double(std::clock() - start) / CLOCKS_PER_SEC;
    };
    const double load = cpuSeconds([&] { tokenizerFromGguf(file->metadata()); });
    std::string text;
    while (text.size() < 500'000)
        text += "The quick brown fox, " + std::to_string(text.size()) + " years old, jumps.\n";
    const double encode = cpuSeconds([&] { tokenizer->encode(text, false); });
    std::printf("%s: %d tokens loaded in %.2f s, %.1f MB/s\n", GetParam(), tokenizer->vocabSize(), load,
                double(text.size()) / 1e6 / encode);
    EXPECT_LT(load, 20);
    EXPECT_LT(encode, 20);
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, TokenizerGolden,
                         testing::Values("llama-bpe", "gpt-2", "qwen2", "llama-spm", "phi-3", "deepseek-llm",
                                         "starcoder"),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

} // namespace
} // namespace nibble
