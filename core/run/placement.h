// Where the parts of a session run: the processor, a graphics card, or both. Chosen once, from the same dry run that is
// the estimate; loading and estimating ask the same function.
#pragma once

#include <compute/vulkan/vulkan.h>
#include <nibble/devices.h>
#include <run/estimate.h>

namespace nibble {

class ThreadPool;

struct Placement {
    CpuLevel level = CpuLevel::Scalar;
    int threads = 0;
    int32_t layers = 0,
            gpuLayers = 0;      // the last gpuLayers layers and the output are on the card; all: the embedding too
    VulkanDevice gpu;           // of gpuLayers > 0
    std::string device = "cpu"; // its id
    std::string reason;         // in plain words why it is not (all) on a graphics card; may be empty

    bool onlyCpu() const { return gpuLayers == 0; }
    bool onlyGpu() const { return gpuLayers > 0 && gpuLayers == layers; }
};

/// Automatic (choice.device empty): the processor, with the reason why not a card that is there. choice.gpuLayers -1:
/// as many layers as fit on the card. A card that is asked for but cannot be used leaves all on the processor, with the
/// reason. Throws Error{BadRequest} for a device id of no known form.
Placement choosePlacement(const ModelSource& source, const SessionShape& shape, const DeviceChoice& choice,
                          CpuLevel level, int threads);

/// The backend of a placement. `pool` must outlive it.
std::unique_ptr<Backend> makeBackend(const Placement& placement, ThreadPool& pool);
std::unique_ptr<Backend> makeDryBackend(const Placement& placement);

/// Bytes of a card that a model may take: what is free, less a tenth (at least 512 MiB) for the desktop.
uint64_t gpuBudget(const VulkanDevice& device);

} // namespace nibble
