// What /proc/cpuinfo says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nibble {

struct Processor {
    std::string name;  // empty where not stated
    int32_t cores = 0; // physical ones; 0 where not stated (many ARM kernels)
};

/// `root`: "/"; tests pass a folder that looks like it.
Processor readProcessor(const std::filesystem::path& root = "/");

} // namespace nibble
