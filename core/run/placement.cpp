#include <run/placement.h>

#include <algorithm>
#include <base/text.h>
#include <base/thread_pool.h>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <nibble/error.h>

namespace nibble {
namespace {

/// The number in "gpu3".
std::size_t gpuIndex(const std::string& device) {
    std::size_t index = 0;
    const char* end = device.data() + device.size();
    const bool named = device.starts_with("gpu");
    const auto parsed = std::from_chars(device.data() + (named ? 3 : 0), end, index);
    if (!named || parsed.ec != std::errc() || parsed.ptr != end)
        throw Error(ErrorKind::BadRequest, "There is no device \"" + printable(device, 40) + "\".", {},
                    "Known are cpu, gpu0, gpu1 and so on: see `nibble-cli devices`.");
    return index;
}

/// The device to use; null with the reason.
const VulkanDevice* findGpu(const VulkanDevices& all, const std::string& device, std::size_t& index,
                            std::string& reason) {
    if (all.devices.empty()) {
        reason = all.whyNone;
        return nullptr;
    }
    if (!device.empty()) {
        index = gpuIndex(device);
        if (index >= all.devices.size()) {
            reason = "This computer has no graphics card " + device + ".";
            return nullptr;
        }
        if (!all.devices[index].usable) reason = all.devices[index].whyNot;
        return all.devices[index].usable ? &all.devices[index] : nullptr;
    }
    // Drivers lie about what they can do. Until each device has to pass a self-test, none is used without being asked
    // for.
    const VulkanDevice& best = all.devices.front();
    reason = best.usable ? best.name + " is used only where it is chosen: Nibble has not been proven on real cards yet."
                         : best.whyNot;
    return nullptr;
}

/// For tests: NIBBLE_VULKAN_FAULT="allocation 3" or "submission 12" lets that call of the card fail.
VulkanFaults injectedFaults() {
    VulkanFaults faults;
    const char* text = std::getenv("NIBBLE_VULKAN_FAULT");
    if (!text) return faults;
    std::sscanf(text, "allocation %d", &faults.allocation);
    std::sscanf(text, "submission %d", &faults.submission);
    return faults;
}

uint64_t gpuBytes(const ModelSource& source, const SessionShape& shape, const Placement& placement) {
    const std::unique_ptr<Backend> backend = makeDryBackend(placement);
    placeModel(*backend, source, shape.contextLength, shape.kv, shape.maxRows, shape.maxLogitRows);
    return backend->deviceMemory().total();
}

/// The most layers whose memory the card has; bytes only grow with the layers.
int32_t mostLayers(const ModelSource& source, const SessionShape& shape, Placement placement) {
    const uint64_t budget = gpuBudget(placement.gpu);
    int32_t fits = 0, tooMany = placement.layers + 1;
    while (tooMany - fits > 1) {
        placement.gpuLayers = fits == 0 && tooMany > placement.layers ? placement.layers : (fits + tooMany) / 2;
        (gpuBytes(source, shape, placement) <= budget ? fits : tooMany) = placement.gpuLayers;
    }
    return fits;
}

} // namespace

uint64_t gpuBudget(const VulkanDevice& device) {
    const uint64_t kept = std::max<uint64_t>(device.memoryBytes / 10, 512ull << 20);
    return device.availableBytes - std::min(device.availableBytes, kept);
}

Placement choosePlacement(const ModelSource& source, const SessionShape& shape, const DeviceChoice& choice,
                          CpuLevel level, int threads) {
    Placement placement;
    placement.level = level;
    placement.threads = threads;
    placement.layers = int32_t(planOf(source).layers.size());
    if (choice.device == "cpu" || choice.gpuLayers == 0) return placement;

    const std::string device = choice.device.empty() && choice.gpuLayers > 0 ? "gpu0" : choice.device;
    if (!device.empty()) gpuIndex(device); // a wrong name is an error even without any card
    const VulkanDevices all = vulkanDevices();
    std::size_t index = 0;
    const VulkanDevice* gpu = findGpu(all, device, index, placement.reason);
    if (!gpu) return placement;

    placement.gpu = *gpu;
    placement.gpuLayers =
        choice.gpuLayers > 0 ? std::min(choice.gpuLayers, placement.layers) : mostLayers(source, shape, placement);
    if (placement.gpuLayers > 0) placement.device = "gpu" + std::to_string(index);
    if (choice.gpuLayers < 0 && placement.gpuLayers < placement.layers)
        placement.reason = nibble::format("%s has %s of free memory: room for %d of %d layers.", gpu->name.c_str(),
                                          humanBytes(gpuBudget(*gpu)).c_str(), placement.gpuLayers, placement.layers);
    return placement;
}

std::unique_ptr<Backend> makeBackend(const Placement& placement, ThreadPool& pool) {
    if (placement.onlyCpu()) return makeCpuBackend(pool, placement.level);
    VulkanOptions options;
    options.uuid = placement.gpu.uuid;
    options.faults = injectedFaults();
    std::unique_ptr<Backend> gpu = makeVulkanBackend(pool, options);
    if (placement.onlyGpu()) return gpu;
    return makeSplitBackend(makeCpuBackend(pool, placement.level), std::move(gpu),
                            placement.layers - placement.gpuLayers);
}

std::unique_ptr<Backend> makeDryBackend(const Placement& placement) {
    if (placement.onlyCpu()) return makeDryBackend(placement.level, placement.threads);
    std::unique_ptr<Backend> gpu = makeDryVulkanBackend(placement.gpu.limits);
    if (placement.onlyGpu()) return gpu;
    return makeSplitBackend(makeDryBackend(placement.level, placement.threads), std::move(gpu),
                            placement.layers - placement.gpuLayers);
}

} // namespace nibble
