#include <nibble/devices.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <fstream>
#include <run/memory_state.h>

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

} // namespace

std::vector<DeviceInfo> listDevices() {
    const MemoryState memory = readMemoryState();
    const uint64_t kept = desktopShare(memory.total);

    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = processorName();
    cpu.kind = "processor";
    cpu.driver = cpuLevelName(bestCpuLevel());
    cpu.memoryBytes = memory.total;
    cpu.availableBytes = memory.available - std::min(memory.available, kept);
    cpu.threads = ThreadPool::physicalCores();
    return {cpu};
}

} // namespace nibble
