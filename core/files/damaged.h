// How readers say that a file is damaged. Private to core/files and core/models.
#pragma once

#include <filesystem>
#include <nibble/error.h>
#include <string>
#include <string_view>

namespace nibble {

/// Error{BadFile}: "The file x.gguf is damaged." with "x.gguf: FIELD FACT" as detail. `field` may hold text from the
/// file.
[[noreturn]] void throwDamaged(std::string_view file, std::string_view field, std::string_view fact);
/// Error{Unsupported}: "The file x.gguf uses WHAT, which Nibble cannot read yet." with "x.gguf: FIELD" as detail.
[[noreturn]] void throwUnsupportedFile(std::string_view file, std::string_view field, std::string_view what);

/// The name under which messages speak of a path.
std::string shownFileName(const std::filesystem::path& path);

} // namespace nibble
