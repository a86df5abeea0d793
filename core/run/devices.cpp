#include <nibble/devices.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <compute/vulkan/vulkan.h>
#include <run/memory_state.h>
#include <run/placement.h>
#include <run/processor_speed.h>

namespace nibble {
namespace {

/// Kept back for the desktop: what is "available" now is needed a little later by the other programs that are open.
uint64_t desktopShare(uint64_t total) { return std::clamp<uint64_t>(total / 32, 128ull << 20, 1ull << 30); }

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

DeviceInfo infoOf(const VulkanDevice& card, std::size_t index) {
    DeviceInfo device;
    device.id = "gpu" + std::to_string(index);
    device.name = card.name;
    device.kind = kindOf(card.type);
    device.driver = card.driver;
    device.memoryBytes = card.memoryBytes;
    device.availableBytes = gpuBudget(card);
    device.usable = card.usable;
    device.whyNot = card.whyNot;
    return device;
}

CardReport reportOf(const DeviceInfo& device, const VulkanDevice& card, const CardVerdict& verdict) {
    CardReport report;
    report.device = device;
    report.tested = true;
    if (verdict.usable && card.type == VulkanDeviceType::Software)
        report.conclusion = "Computes rightly, but on the processor: used only where it is chosen.";
    else
        report.worthUsing = worthUsing(card, verdict, report.conclusion);
    if (report.worthUsing) report.conclusion = "Used for models, as far as they fit: it is faster than the processor.";
    report.integerDot = verdict.test.integerDot;
    report.matrixUnits = verdict.test.matrixUnits;
    for (const KernelCheck& c : verdict.test.checks) report.checks.push_back({c.what, c.error, c.problem});
    report.cardBytesPerSecond = verdict.test.card.weightBytes;
    report.uploadBytesPerSecond = verdict.test.card.uploadBytes;
    report.cardMacsPerSecond = verdict.test.card.macs;
    report.processorBytesPerSecond = verdict.test.processor.weightBytes;
    report.processorMacsPerSecond = verdict.test.processor.macs;
    return report;
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
    for (const VulkanDevice& card : vulkanDevices().devices) {
        DeviceInfo device = infoOf(card, devices.size() - 1);
        device.usable = mayUse(card, knownVerdict(card), device.whyNot);
        devices.push_back(std::move(device));
    }
    return devices;
}

std::vector<CardReport> examineCards(bool again, std::string& whyNone, const ProgressFn& progress,
                                     std::stop_token stop) {
    const VulkanDevices all = vulkanDevices();
    whyNone = all.whyNone;
    std::vector<CardReport> reports;
    for (const VulkanDevice& card : all.devices) {
        const DeviceInfo device = infoOf(card, reports.size());
        if (!card.usable) {
            CardReport report;
            report.device = device;
            report.conclusion = card.whyNot;
            reports.push_back(std::move(report));
            continue;
        }
        auto verdict = again ? std::nullopt : knownVerdict(card);
        if (!verdict) verdict = testInHelper(card, progress, stop);
        reports.push_back(reportOf(device, card, *verdict));
    }
    return reports;
}

std::vector<std::string> fastPaths() {
    std::string levels;
    for (CpuLevel level : kCpuLevels)
        if (cpuBuiltFor(level)) levels += (levels.empty() ? "" : ", ") + std::string(cpuLevelName(level));
    return {"processor: " + levels + "; used here: " + cpuLevelName(bestCpuLevel()),
            "graphics cards (Vulkan): " + vulkanKernels()};
}

} // namespace nibble
