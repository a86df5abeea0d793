// What the JSON files of a Hugging Face folder say about its tokenizer.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <text/bpe_tokenizer.h>

namespace nibble {

struct FolderTokenizer {
    std::unique_ptr<BpeTokenizer> tokenizer;
    nlohmann::json description; // HfTokenizer::describe(), with the pre-tokenizer that is used
    nlohmann::json config;      // tokenizer_config.json, or {}
    int32_t eos = -1, padding = -1, unknown = -1;
};

/// Throws Error{NotFound, BadFile, Unsupported} naming file and field.
FolderTokenizer readFolderTokenizer(const std::filesystem::path& folder);
/// A JSON object file of the folder, {} where there is none.
nlohmann::json readOptionalJson(const std::filesystem::path& path);

inline constexpr uint64_t kMaxTokenizerBytes = 256ull << 20; // the largest known have about 35 MB

} // namespace nibble
