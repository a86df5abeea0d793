// The folder where models live.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nibble {

/// $NIBBLE_MODELS, or the "Nibble/models" folder in the user's data folder ($XDG_DATA_HOME).
std::filesystem::path defaultModelFolder();

struct LibraryEntry {
    std::filesystem::path path; // a .gguf (first shard) or a Hugging Face folder
    std::string problem;        // why it cannot be opened, in plain words; empty where it can
};
/// The models in a folder, two levels deep, sorted by name. Never throws for a single bad file; a missing folder is empty.
std::vector<LibraryEntry> listModels(const std::filesystem::path& folder);

} // namespace nibble
