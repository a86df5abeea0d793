// Where the references made by other engines lie.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

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

} // namespace nibble::test
