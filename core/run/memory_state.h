// How much memory this process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace nibble {

struct MemoryState {
    uint64_t total = 0;     // installed, or the limit of our control group (container, service) where that is lower
    uint64_t available = 0; // that could be taken now without swapping
};

/// From /proc/meminfo and the control groups (v1 and v2) below `root` ("/"; tests pass a folder that looks like it).
/// Zeros where nothing can be read.
MemoryState readMemoryState(const std::filesystem::path& root = "/");

} // namespace nibble
