// Where the references made by other engines lie.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace nibble::test {

/// The folder or file `set` ("models/llama", "templates", "tokenizers/ggml-vocab-gpt-2.gguf", ...) of the goldens: in
/// the repository, in $NIBBLE_GOLDENS, or in
/// ../shared/goldens beside the repository. Empty where none of them has it (the test then skips and says so).
inline std::filesystem::path goldenDir(const std::string& set) {
    const char* env = std::getenv("NIBBLE_GOLDENS");
    const std::filesystem::path source = NIBBLE_SOURCE_DIR;
    for (const std::filesystem::path& root : {source / "tests" / "goldens", std::filesystem::path(env ? env : ""),
                                              source.parent_path() / "shared" / "goldens"}) {
        if (!root.empty() && std::filesystem::exists(root / set)) return root / set;
    }
    return {};
}

/// All golden models that Nibble runs, as goldenDir() takes them: folders "models/x" and files "gguf/x.gguf". A new one
/// is found here and tested wherever all are.
inline std::vector<std::string> goldenModels() {
    std::set<std::string> names;
    const char* env = std::getenv("NIBBLE_GOLDENS");
    const std::filesystem::path source = NIBBLE_SOURCE_DIR;
    for (const std::filesystem::path& root : {source / "tests" / "goldens", std::filesystem::path(env ? env : ""),
                                              source.parent_path() / "shared" / "goldens"})
        for (const std::string set : {"models", "gguf"}) {
            std::error_code ignored;
            for (const auto& item : std::filesystem::directory_iterator(root / set, ignored)) {
                const std::string name = item.path().stem().string();
                const bool isModel = set == "models" ? item.is_directory() : item.path().extension() == ".gguf";
                const bool isPacked = name.starts_with("gptq") || name.starts_with("awq"); // have tests of their own
                // The converter dropped the window of mistral_swa.gguf, of which its reference knows.
                if (isModel && !isPacked && name != "mistral_swa")
                    names.insert(set + "/" + item.path().filename().string());
            }
        }
    return {names.begin(), names.end()};
}

/// "gguf/phi3_longrope.gguf" as the name of a test.
inline std::string testName(std::string name) {
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
}

} // namespace nibble::test
