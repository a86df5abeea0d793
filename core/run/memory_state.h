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

/// Bytes that a model on the processor may take now: what is available, less the desktop's share. Cheap, unlike
/// listDevices(), which asks every graphics driver.
uint64_t memoryForModels(const MemoryState& memory = readMemoryState());

} // namespace nibble
