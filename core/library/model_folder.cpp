// Finding the models in a folder.
#include <algorithm>
#include <cstdlib>
#include <library/split_name.h>
#include <nibble/error.h>
#include <nibble/library.h>
#include <nibble/passport.h>
#include <set>

namespace nibble {

namespace fs = std::filesystem;

namespace {

constexpr int kDepth = 2;                  // author/model/file
constexpr std::size_t kMostEntries = 5000; // somebody may point at their whole disk

fs::path dataHome() {
    const char* data = std::getenv("XDG_DATA_HOME");
    if (data && *data == '/') return data; // the XDG specification: a relative path is ignored
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / ".local" / "share";
}

/// Whether this file is listed: of a split model only its first part, or, where that is missing, the first one there.
bool isListed(const fs::path& file, const std::set<std::string>& names) {
    const std::string name = file.filename().string();
    const std::size_t suffix = splitSuffix(name);
    if (suffix == std::string::npos) return true;
    const auto same = [&](const std::string& other) {
        return splitSuffix(other) == suffix && other.compare(0, suffix, name, 0, suffix) == 0 &&
               other.compare(suffix + 6, std::string::npos, name, suffix + 6, std::string::npos) == 0;
    };
    return *std::find_if(names.begin(), names.end(), same) == name; // names are sorted
}

/// What a file is that belongs to a model without being one; empty for a model.
std::string helperKind(const ModelInfo& info, std::string_view name) {
    const auto isType = [&](std::string_view type) {
        return std::any_of(info.metadata.begin(), info.metadata.end(),
                           [&](const auto& entry) { return entry.first == "general.type" && entry.second == type; });
    };
    if (info.architecture == "clip" || isType("mmproj") || name.starts_with("mmproj"))
        return "This file lets another model see pictures; it is not a model by itself.";
    if (isType("imatrix")) return "This file holds statistics for making a model smaller; it is not a model.";
    if (isType("adapter")) return "This file changes another model (an adapter); it is not a model by itself.";
    if (info.tensors.empty()) return "This file holds a vocabulary only; it is not a model.";
    return {};
}

LibraryEntry describe(const fs::path& path) {
    LibraryEntry entry{path, {}, {}};
    try {
        ModelInfo info = inspectModel(path);
        entry.problem = helperKind(info, path.filename().string());
        info.tensors.clear();
        std::erase_if(info.metadata, [](const auto& pair) { return !pair.first.starts_with(kPassportPrefix); });
        if (entry.problem.empty()) entry.info = std::move(info);
    } catch (const Error& error) {
        entry.problem = error.message;
    } catch (const std::exception& error) {
        entry.problem = std::string("This model cannot be read: ") + error.what();
    }
    return entry;
}

bool isModelFolder(const fs::path& folder, const std::set<std::string>& files) {
    std::error_code ignored;
    return files.contains("config.json") && fs::is_regular_file(folder / "config.json", ignored) &&
           std::any_of(files.begin(), files.end(), [](const std::string& name) {
               return name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json") ||
                      name == "pytorch_model.bin" || name == "pytorch_model.bin.index.json";
           });
}

/// `seen`: folders by their real path, so that links in circles show nothing twice.
void collect(const fs::path& folder, int depth, std::set<fs::path>& seen, std::vector<fs::path>& found) {
    std::error_code error;
    if (!seen.insert(fs::canonical(folder, error)).second || error) return;
    std::set<std::string> files;
    std::vector<fs::path> folders;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        if (name.starts_with(".")) continue;
        if (it->is_directory(ignored))
            folders.push_back(it->path());
        else if (it->is_regular_file(ignored))
            files.insert(name);
        if (files.size() + folders.size() >= kMostEntries) break;
    }
    if (isModelFolder(folder, files)) found.push_back(folder);
    for (const std::string& name : files)
        if (name.ends_with(".gguf") && isListed(folder / name, files)) found.push_back(folder / name);
    if (depth == kDepth) return;
    std::sort(folders.begin(), folders.end());
    for (const fs::path& below : folders)
        if (found.size() < kMostEntries) collect(below, depth + 1, seen, found);
}

} // namespace

fs::path defaultModelFolder() {
    const char* chosen = std::getenv("NIBBLE_MODELS");
    return chosen && *chosen ? fs::path(chosen) : dataHome() / "Nibble" / "models";
}

std::vector<LibraryEntry> listModels(const fs::path& folder) {
    std::vector<fs::path> found;
    std::set<fs::path> seen;
    collect(folder, 0, seen, found);
    std::sort(found.begin(), found.end());
    std::vector<LibraryEntry> entries;
    for (const fs::path& path : found) entries.push_back(describe(path));
    return entries;
}

} // namespace nibble
