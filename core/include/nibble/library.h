// The folder where models live.
#pragma once

#include <filesystem>
#include <nibble/inspect.h>
#include <optional>
#include <string>
#include <vector>

namespace nibble {

/// $NIBBLE_MODELS, or the "Nibble/models" folder in the user's data folder ($XDG_DATA_HOME).
std::filesystem::path defaultModelFolder();

struct LibraryEntry {
    std::filesystem::path path; // a .gguf (first shard) or a Hugging Face folder
    std::string problem;        // why it cannot be opened, in plain words; empty where it can
    /// Where it can be opened: as inspectModel(), without tensors, and of the metadata only what kPassportPrefix
    /// begins.
    std::optional<ModelInfo> info;
};
/// The models in a folder and in folders up to two levels below, sorted by path. Split files are listed once; files
/// that only go with another model (a picture encoder, a vocabulary, an importance matrix) have a problem that says so.
/// Never throws for a single bad file; a missing folder is empty.
std::vector<LibraryEntry> listModels(const std::filesystem::path& folder);

} // namespace nibble
