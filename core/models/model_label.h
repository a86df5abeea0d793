// Names and labels under which a model is shown. Private to core/models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/inspect.h>
#include <optional>
#include <string>

namespace nibble {

/// Number of weights of a tensor.
uint64_t parametersOf(const TensorSummary& tensor);
/// "135M", "1.7B".
std::string sizeLabelOf(uint64_t parameters);
/// The folder's name; for a snapshot in the Hugging Face cache the model's.
std::string folderModelName(const std::filesystem::path& folder);
/// `license:` of the YAML at the top of README.md, or "".
std::string folderLicense(const std::filesystem::path& folder);
bool folderHasChatTemplate(const std::filesystem::path& folder);

/// "Q4_K_M" for general.file_type 15 (llama_ftype), with the tensor format that most of its matrices have.
struct FileTypeName {
    uint32_t fileType;
    const char *name, *format, *fallback; // fallback: where rows are no multiple of the format's block
};
const FileTypeName* findFileType(uint32_t fileType);

} // namespace nibble
