#include <nibble/devices.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <compute/vulkan/vulkan.h>
#include <fstream>
#include <run/memory_state.h>
#include <run/placement.h>

namespace nibble {
namespace {

/// Kept back for the desktop: what is "available" now is needed a little later by the other programs that are open.
uint64_t desktopShare(uint64_t total) { return std::clamp<uint64_t>(total / 32, 128ull << 20, 1ull << 30); }

std::string processorName() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(": ");
        if (colon != std::string::npos && line.starts_with("model name")) return line.substr(colon + 2);
    }
    return "Processor"; // ARM kernels do not say
}

const char* kindOf(VulkanDeviceType type) {
    switch (type) {
    case VulkanDeviceType::Discrete:
        return "graphics card";
    case VulkanDeviceType::Integrated:
        return "integrated graphics";
    case VulkanDeviceType::Virtual:
        return "virtual graphics card";
    case VulkanDeviceType::Software:
        break;
    }
    return "software";
}

} // namespace

uint64_t memoryForModels(const MemoryState& memory) {
    return memory.available - std::min(memory.available, desktopShare(memory.total));
}

std::vector<DeviceInfo> listDevices() {
    const MemoryState memory = readMemoryState();

    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = processorName();
    cpu.kind = "processor";
    cpu.driver = cpuLevelName(bestCpuLevel());
    cpu.memoryBytes = memory.total;
    cpu.availableBytes = memoryForModels(memory);
    cpu.threads = ThreadPool::physicalCores();

    std::vector<DeviceInfo> devices{cpu};
    for (const VulkanDevice& gpu : vulkanDevices().devices) {
        DeviceInfo device;
        device.id = "gpu" + std::to_string(devices.size() - 1);
        device.name = gpu.name;
        device.kind = kindOf(gpu.type);
        device.driver = gpu.driver;
        device.memoryBytes = gpu.memoryBytes;
        device.availableBytes = gpuBudget(gpu);
        device.usable = gpu.usable;
        device.whyNot = gpu.whyNot;
        devices.push_back(std::move(device));
    }
    return devices;
}

} // namespace nibble
