// Putting models into the model folder: what downloads and packs share.
#pragma once

#include <cstdint>
#include <filesystem>

namespace nibble {

/// Throws Error{Io}.
void makeFolder(const std::filesystem::path& folder);
/// Throws Error{NoSpace} where the disk of `folder` cannot take so many bytes more.
void checkDisk(const std::filesystem::path& folder, uint64_t missing);
/// Moves a file or folder to a place on the same disk where nothing is yet, in one step. Throws Error{BadRequest, Io}.
void putInPlace(const std::filesystem::path& from, const std::filesystem::path& target);

} // namespace nibble
