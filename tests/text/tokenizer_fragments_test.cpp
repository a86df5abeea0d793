// 6,000 pieces of random Unicode text against Hugging Face's tokenizers (goldens/fragments/make.py), and the patterns
// of the pre-tokenizers against those of transformers.

#include <files/gguf.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <text/pre_tokenizers.h>
#include <text/tokenizer.h>

namespace nibble {
namespace {

using nlohmann::json;

json readJson(const std::string& name) {
    std::ifstream in(test::goldenDir("fragments/" + name));
    return json::parse(in);
}

/// FNV-1a over the ids as little-endian u32.
uint32_t hashOf(const std::vector<int32_t>& ids) {
    uint32_t hash = 0x811C9DC5;
    for (const int32_t id : ids)
        for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ (uint32_t(id) >> shift & 0xFF)) * 0x01000193;
    return hash;
}

std::vector<uint32_t> readHashes(const std::string& name) {
    std::ifstream in(test::goldenDir("fragments/" + name + ".fnv"), std::ios::binary);
    std::vector<uint32_t> hashes;
    for (uint8_t b[4]; in.read(reinterpret_cast<char*>(b), 4);)
        hashes.push_back(uint32_t(b[0]) | uint32_t(b[1]) << 8 | uint32_t(b[2]) << 16 | uint32_t(b[3]) << 24);
    return hashes;
}

class Fragments : public testing::TestWithParam<const char*> {};

TEST_P(Fragments, EqualHuggingFaces) {
    const std::string name = GetParam();
    const auto path = test::goldenDir("tokenizers/ggml-vocab-" + name + ".gguf"); // only some may be passed on
    if (path.empty()) GTEST_SKIP() << "no golden vocabulary " << name;
    const GgufFile file(path);
    const auto tokenizer = tokenizerFromGguf(file.metadata());
    const auto texts = readJson("fragments.json").get<std::vector<std::string>>();
    const std::vector<uint32_t> expected = readHashes(name);
    ASSERT_EQ(texts.size(), 6000u);
    ASSERT_EQ(expected.size(), texts.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::vector<int32_t> ids = tokenizer->encode(texts[i], false);
        if (hashOf(ids) == expected[i]) continue;
        if (++different <= 5)
            ADD_FAILURE() << "fragment " << i << " " << json(texts[i]) << " gives " << testing::PrintToString(ids);
    }
    EXPECT_EQ(different, 0u);
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, Fragments,
                         testing::Values("smollm2", "gpt-2", "phi-3", "qwen2", "starcoder", "llama-bpe"),
                         [](const auto& param) { return test::testName(param.param); });

TEST(PreTokenizers, SplitAsTransformersSays) {
    const json splits = readJson("splits.json");
    std::size_t compared = 0;
    for (const auto& [name, regex] : splits.items()) {
        const PreTokenizer* pre = findPreTokenizer(name);
        if (!pre) continue; // of models that Nibble does not run
        ASSERT_EQ(pre->patterns.size(), 1u) << name;
        EXPECT_EQ(pre->patterns[0], regex.get<std::string>()) << name;
        ++compared;
    }
    EXPECT_GE(compared, 19u);
}

TEST(PreTokenizers, EveryNameOfChatModels) {
    for (const char* name :
         {"llama-bpe", "llama3",           "llama-v3",    "pixtral",        "falcon3",   "falcon-h1",
          "lfm2",      "midm-2.0",         "glm4",        "dbrx",           "smaug-bpe", "chatglm-bpe",
          "qwen2",     "megrez",           "stablelm2",   "qwen35",         "kormo",     "gpt-2",
          "phi-2",     "deepseek-r1-qwen", "exaone4",     "olmo",           "smollm",    "starcoder",
          "refact",    "command-r",        "gpt-4o",      "llama4",         "kanana2",   "tekken",
          "",          "deepseek-llm",     "deepseek-v3", "deepseek-coder", "default"}) {
        const PreTokenizer* pre = findPreTokenizer(name);
        ASSERT_TRUE(pre) << name;
        EXPECT_FALSE(pre->patterns.empty()) << name;
    }
    for (const char* name : {"qwen2", "qwen35", "command-r"}) EXPECT_TRUE(findPreTokenizer(name)->nfc) << name;
    for (const char* name : {"llama-bpe", "glm4", "tekken"}) EXPECT_TRUE(findPreTokenizer(name)->ignoreMerges) << name;
    EXPECT_FALSE(findPreTokenizer("martian"));
}

} // namespace
} // namespace nibble
