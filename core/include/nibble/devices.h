// What a model can run on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nibble {

struct DeviceInfo {
    std::string id;              // "cpu", "gpu0"
    std::string name;            // "AMD EPYC", "NVIDIA GeForce RTX 4070"
    std::string kind;            // "processor", "graphics card", "integrated graphics", "software"
    std::string driver;          // instruction set for the CPU, driver and version for a GPU
    uint64_t memoryBytes = 0;    // installed
    uint64_t availableBytes = 0; // free now, with what the desktop needs kept back
    int32_t threads = 0;         // CPU: physical cores that Nibble uses by default
    bool usable = true;
    std::string whyNot; // plain words where not usable
};

/// What a model shall run on.
struct DeviceChoice {
    std::string device;     // an id; "": automatic
    int32_t gpuLayers = -1; // layers on the graphics card, counted from the last; 0: none, -1: automatic
};

/// The CPU first. Never throws.
std::vector<DeviceInfo> listDevices();

} // namespace nibble
