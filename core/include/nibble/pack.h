// Offline model packs: a folder with models and a manifest (nibble-pack.json: names, licences, sizes, SHA-256), which
// an IT department puts on a share or a disk, and which is installed without a network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/progress.h>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

inline constexpr const char* kPackManifest = "nibble-pack.json";

struct PackedFile {
    std::string path; // in the pack, with "/"
    uint64_t bytes = 0;
    std::string sha256;
};
struct PackedModel {
    std::string name, license; // of the model; the licence as it states it, may be empty
    std::string place;         // the file or folder in the pack, and in the folder of models
    std::vector<PackedFile> files;
    uint64_t bytes() const;
};
struct Pack {
    std::string name;
    std::vector<PackedModel> models;
    uint64_t bytes() const;
};

/// Writes a new folder with copies of these models (.gguf or Hugging Face folders) and the manifest, whole or not at
/// all. Throws Error{BadRequest (it is there already, two models of one name), NotFound, BadFile, NoSpace, Io}.
Pack makePack(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& models,
              const ProgressFn& progress = {}, std::stop_token stop = {});
/// What a pack holds, by its manifest. Throws Error{NotFound (no pack), BadFile (the manifest makes no sense or is
/// hostile)}.
Pack readPack(const std::filesystem::path& folder);
/// Reads every file. Throws Error{BadFile, NotFound} naming the first that is not as the manifest says.
Pack checkPack(const std::filesystem::path& folder, const ProgressFn& progress = {}, std::stop_token stop = {});

struct PackReport {
    std::vector<std::filesystem::path> installed, present; // present: was there before, and is left as it is
};
/// Copies the models of a pack into `folder` ("" = defaultModelFolder()). Nothing appears before every file was found
/// to be as the manifest says. Throws as checkPack(), and Error{NoSpace, Io}.
PackReport installPack(const std::filesystem::path& pack, const std::filesystem::path& folder,
                       const ProgressFn& progress = {}, std::stop_token stop = {});

} // namespace nibble
