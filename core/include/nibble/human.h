// Sizes and durations as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace nibble {

/// "1.2 GB", "734 MB", "12 kB": decimal units, as the file manager shows them.
std::string humanBytes(uint64_t bytes);
/// "2 min 5 s", "14 s", "under a second".
std::string humanSeconds(double seconds);

} // namespace nibble
