// Where the parts of a session run: the processor, a graphics card, or both. Chosen once, from the same dry run that is
// the estimate; loading and estimating ask the same function.
#pragma once

#include <compute/vulkan/vulkan.h>
#include <nibble/devices.h>
#include <run/card_test.h>
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

    // Bytes a second that weights are read with while writing; 0: not known.
    double gpuBytesPerSecond = 0, cpuBytesPerSecond = 0;
    double gpuMacsPerSecond = 0; // multiply-adds a second while reading; 0: not known
    /// Of the processor's layers run batches of so many tokens on the card, which gets their weights for each batch
    /// (makeSplitBackend()); 0: never.
    int32_t streamRows = 0;

    bool onlyCpu() const { return gpuLayers == 0; }
    bool onlyGpu() const { return gpuLayers > 0 && gpuLayers == layers; }
    bool streams() const { return gpuLayers > 0 && gpuLayers < layers && streamRows > 0; }
};

/// Automatic (choice.device empty): the first card that showed in its self-test that it is faster than the processor,
/// if any. choice.gpuLayers -1: as many layers as fit on the card. Where no card can be used, or not the one that is
/// asked for, all is on the processor, with the reason. Throws Error{BadRequest} for a device id of no known form.
/// Cards have to pass their self-test (run/card_test.h): `test` runs it where its result matters and is not known yet;
/// without `test` such a card counts as one that will pass. Throws what `test` throws.
Placement choosePlacement(const ModelSource& source, const SessionShape& shape, const DeviceChoice& choice,
                          CpuLevel level, int threads, const CardTester& test = {});

/// All on the processor.
Placement placeOnProcessor(const ModelSource& source, CpuLevel level, int threads);
/// As many layers as fit, or gpuLayers (-1: not said), on that card.
Placement placeOnCard(const ModelSource& source, const SessionShape& shape, const VulkanDevice& card, int32_t gpuLayers,
                      CpuLevel level, int threads);

/// From how many tokens on a layer of the processor is faster on a card that has to get its weights first; 0: never.
/// For n tokens the processor takes n * macs / its multiply-adds a second; the card bytes / upload + n * (macs / its
/// multiply-adds a second + crossing / upload). `macs`: of a layer for a token; `bytes`: its weights; `crossing`: bytes
/// that a token of a layer takes to the processor's attention and back; speeds as measured by the card's self-test.
int32_t rowsWorthStreaming(double macs, double bytes, double crossing, const ComputeSpeed& card,
                           const ComputeSpeed& processor);

/// The first card that is worth using, tested by `test` where it has not been; null with the reason, in plain words,
/// why the first one is not (`reason` stays where there is no card).
const VulkanDevice* bestCard(const std::vector<VulkanDevice>& cards, const CardTester& test, std::string& reason);

/// How a card is opened: with the fast paths that passed its test. For tests, NIBBLE_VULKAN_FAULT makes it fail:
/// "allocation 3" or "submission 12" (that call), "kernel rms_norm" (kernels of that name do nothing).
VulkanOptions cardOptions(const VulkanDevice& card);

/// The backend of a placement. `pool` must outlive it.
std::unique_ptr<Backend> makeBackend(const Placement& placement, InputTerms terms, ThreadPool& pool);
std::unique_ptr<Backend> makeDryBackend(const Placement& placement, InputTerms terms);

/// Bytes of a card that a model may take: what is free, less a tenth (at least 512 MiB) for the desktop.
uint64_t gpuBudget(const VulkanDevice& device);

} // namespace nibble
