// JSON from outside: limited in size and depth, duplicate names refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace nibble {

inline constexpr int kMaxJsonDepth = 64;

/// Throws Error{BadFile} naming `origin` (a file name for messages) and the place, where `text` is not sound JSON, is
/// nested deeper than kMaxJsonDepth or has a name twice in one object.
nlohmann::json parseJson(std::string_view text, const std::string& origin);
/// Reads and parses a file of at most maxBytes whose outermost value must be an object. Throws Error{NotFound, Io,
/// BadFile}.
nlohmann::json readJsonObject(const std::filesystem::path& path, uint64_t maxBytes);

} // namespace nibble
