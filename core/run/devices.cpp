#include <nibble/devices.h>

#include <algorithm>
#include <compute/backend.h>
#include <fstream>
#include <run/memory_state.h>
#include <run/processor.h>
#include <set>
#include <thread>

namespace nibble {
namespace {

/// Kept back for the desktop: what is "available" now is needed a little later by the other programs that are open.
uint64_t desktopShare(uint64_t total) { return std::clamp<uint64_t>(total / 32, 128ull << 20, 1ull << 30); }

} // namespace

Processor readProcessor(const std::filesystem::path& root) {
    Processor result;
    std::set<std::pair<std::string, std::string>> cores; // socket and core
    std::string socket;
    std::ifstream in(root / "proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::string key = line.substr(0, line.find_first_of("\t:"));
        const std::string value = colon + 2 < line.size() ? line.substr(colon + 2) : "";
        if ((key == "model name" || key == "Model") && result.name.empty()) result.name = value;
        if (key == "physical id") socket = value;
        if (key == "core id") cores.insert({socket, value});
    }
    result.cores = int32_t(cores.size());
    return result;
}

std::vector<DeviceInfo> listDevices() {
    const MemoryState memory = readMemoryState();
    const Processor processor = readProcessor();
    const auto logical = int32_t(std::max(1u, std::thread::hardware_concurrency()));
    const uint64_t kept = desktopShare(memory.total);

    DeviceInfo cpu;
    cpu.id = "cpu";
    cpu.name = processor.name.empty() ? "Processor" : processor.name;
    cpu.kind = "processor";
    cpu.driver = cpuLevelName(bestCpuLevel());
    cpu.memoryBytes = memory.total;
    cpu.availableBytes = memory.available - std::min(memory.available, kept);
    cpu.threads = processor.cores > 0 ? std::min(processor.cores, logical) : logical;
    return {cpu};
}

} // namespace nibble
