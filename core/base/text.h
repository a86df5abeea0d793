// Small helpers for text shown to people and for paths.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nibble/human.h>
#include <string>
#include <string_view>

namespace nibble {

/// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* fmt, ...);
/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool isUtf8(std::string_view text);
/// `text` with every malformed byte replaced by U+FFFD, cut to at most `maxBytes` with "..." appended: for error
/// messages.
std::string printable(std::string_view text, std::size_t maxBytes = 200);
/// The whole file as text; throws Error{NotFound, Io, BadFile} (larger than maxBytes) naming the path.
std::string readTextFile(const std::filesystem::path& path, uint64_t maxBytes);
/// Where Nibble keeps what it can make again: $XDG_CACHE_HOME/nibble or ~/.cache/nibble; empty where there is no home.
std::filesystem::path cacheFolder();

} // namespace nibble
