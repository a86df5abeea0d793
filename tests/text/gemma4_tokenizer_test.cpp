// Gemma 4's tokenizer: merges on text whose spaces are marks, from a GGUF file and from a folder.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>
#include <text/chat_template.h>
#include <text/tokenizer.h>
#include <unistd.h>

namespace nibble {
namespace {

using nlohmann::ordered_json;

const std::vector<std::string> kMerges = {"h e", "l l", "he ll", "hell o", "▁ hello", "▁ ▁", "\n \n"};

/// <pad> 0, <eos> 1, <bos> 2, <unk> 3, bytes 4 .. 259, letters, what the merges make, <turn|> and two blanks.
std::vector<std::string> tokens() {
    std::vector<std::string> all = {"<pad>", "<eos>", "<bos>", "<unk>"};
    char byte[8];
    for (int b = 0; b < 256; ++b) {
        std::snprintf(byte, sizeof byte, "<0x%02X>", b);
        all.push_back(byte);
    }
    for (const char* letter : {"h", "e", "l", "o", "▁", "\n"}) all.push_back(letter);                   // 260 ...
    for (std::string made : {"he", "ll", "hell", "hello", "▁hello", "▁▁", "\n\n"}) all.push_back(made); // 266 ...
    all.push_back("<turn|>");                                                                           // 273
    return all;
}

GgufMetadata gguf() {
    std::vector<int32_t> types(274, 1);
    for (const int control : {0, 1, 2, 273}) types[std::size_t(control)] = 3;
    types[3] = 2;
    for (std::size_t b = 4; b < 260; ++b) types[b] = 6;
    GgufMetadata m;
    m.origin = "made.gguf";
    m.set("tokenizer.ggml.model", std::string("gemma4"));
    m.set("tokenizer.ggml.tokens", tokens());
    m.set("tokenizer.ggml.token_type", types);
    m.set("tokenizer.ggml.merges", kMerges);
    m.set("tokenizer.ggml.bos_token_id", uint32_t(2));
    m.set("tokenizer.ggml.eos_token_id", uint32_t(1));
    m.set("tokenizer.ggml.unknown_token_id", uint32_t(3));
    return m;
}

std::string folderJson() {
    ordered_json vocab, added = ordered_json::array(), merges = ordered_json::array();
    const std::vector<std::string> all = tokens();
    for (std::size_t i = 0; i < all.size(); ++i) vocab[all[i]] = i;
    for (const std::size_t id : {0, 1, 2, 3, 273})
        added.push_back({{"id", id},
                         {"content", all[id]},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    for (const std::string& merge : kMerges) {
        const std::size_t space = merge.find(' ', 1);
        merges.push_back({merge.substr(0, space), merge.substr(space + 1)});
    }
    return ordered_json{
        {"version", "1.0"},
        {"added_tokens", added},
        {"normalizer", {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}},
        {"pre_tokenizer",
         {{"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithPrevious"}, {"invert", false}}},
        {"post_processor", nullptr},
        {"decoder",
         {{"type", "Sequence"},
          {"decoders",
           {{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
            {{"type", "ByteFallback"}},
            {{"type", "Fuse"}}}}}},
        {"model",
         {{"type", "BPE"},
          {"unk_token", "<unk>"},
          {"fuse_unk", true},
          {"byte_fallback", true},
          {"vocab", vocab},
          {"merges", merges}}}}
        .dump();
}

constexpr const char* kTexts[] = {"hello",  " hello",       "hello  hello", "ü\n€",    "\n\n\nhello",
                                  " \n lo", "<turn|>hello", "he\tllo ",     "▁ hello", ""};

TEST(Gemma4Tokenizer, MergesAsTheFileListsAndFallsBackToBytes) {
    const auto tokenizer = tokenizerFromGguf(gguf());
    using Ids = std::vector<int32_t>;
    EXPECT_EQ(tokenizer->encode("hello hello", false), (Ids{269, 270}));
    EXPECT_EQ(tokenizer->encode("\n\n  ü", false), (Ids{272, 271, 4 + 0xC3, 4 + 0xBC}));
    EXPECT_EQ(tokenizer->encode("<turn|>", true), Ids{273});
    EXPECT_NE(tokenizer->encode("<turn|>", false), Ids{273});
    EXPECT_TRUE(tokenizer->addBos());
    EXPECT_EQ(tokenizer->bos(), 2);
    EXPECT_TRUE(tokenizer->isEndOfTurn(273));
    for (const char* text : {"hello", " hello", "hello  hello ", "ü\n€ \n\n"})
        EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, false)), text);
}

TEST(Gemma4Tokenizer, EqualsThatOfTheFolder) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("nibble-gemma4-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "tokenizer.json") << folderJson();
    std::ofstream(folder / "tokenizer_config.json") << R"({"bos_token":"<bos>","eos_token":"<eos>"})";
    std::ofstream(folder / "generation_config.json") << R"({"eos_token_id":[1,273]})";
    const auto original = tokenizerFromFolder(folder);
    GgufMetadata written;
    written.origin = "written.gguf";
    written.set("general.architecture", std::string("gemma4"));
    addTokenizerKeys(folder, 280, written);
    std::filesystem::remove_all(folder);
    EXPECT_EQ(written.string("tokenizer.ggml.model"), "gemma4");
    EXPECT_EQ(*written.strings("tokenizer.ggml.merges"), kMerges);
    const auto copy = tokenizerFromGguf(written), file = tokenizerFromGguf(gguf());
    for (const char* text : kTexts)
        for (const bool parseControl : {false, true}) {
            EXPECT_EQ(copy->encode(text, parseControl), original->encode(text, parseControl)) << text;
            EXPECT_EQ(file->encode(text, parseControl), original->encode(text, parseControl)) << text;
        }
    EXPECT_TRUE(copy->isEndOfTurn(273));
}

TEST(Gemma4Tokenizer, NamesWhatIsMissing) {
    GgufMetadata m = gguf();
    m.remove("tokenizer.ggml.merges");
    try {
        tokenizerFromGguf(m);
        ADD_FAILURE() << "accepted without merges";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadFile);
        EXPECT_NE(error.detail.find("tokenizer.ggml.merges"), std::string::npos);
    }
}

} // namespace
} // namespace nibble
