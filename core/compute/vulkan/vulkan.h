// What the other parts of the engine know of Vulkan: which devices there are, and a Backend on one of them. Nothing
// links libvulkan: it is loaded when the first of these is called.
#pragma once

#include <compute/backend.h>
#include <functional>

namespace nibble {

enum class VulkanDeviceType : uint8_t { Discrete, Integrated, Virtual, Software };

/// What the sizes of a backend depend on, of a device.
struct VulkanLimits {
    uint64_t maxRange = 1 << 30;     // bytes of one binding
    uint32_t sharedBytes = 32 << 10; // of a workgroup
    uint32_t wantedGroups = 128;     // workgroups that keep the device busy
    bool matrixUnits = false;        // they multiply halves: room for the inputs of products as such
};

struct VulkanDevice {
    std::string name;    // "NVIDIA GeForce RTX 4070"
    std::string driver;  // "radv Mesa 22.3.6"
    std::string uuid;    // 32 hex digits: the same card through any driver of the same vendor
    std::string testKey; // another one where the device, its driver or our kernels are others
    VulkanDeviceType type = VulkanDeviceType::Discrete;
    uint64_t memoryBytes = 0;    // of its largest heap of own memory
    uint64_t availableBytes = 0; // of it, free now as far as the driver says
    VulkanLimits limits;
    bool integerDot = false;  // offers integer dot products
    bool matrixUnits = false; // offers matrix units that our kernels can use
    bool usable = true;
    std::string whyNot; // plain words where not usable
};

struct VulkanDevices {
    std::vector<VulkanDevice> devices; // best first: usable before not, discrete before integrated before software
    std::string whyNone;               // plain words where there is none at all
};

/// Never throws: without a loader or a driver there are no devices, and the reason. Software devices (llvmpipe) are
/// usable only where NIBBLE_VULKAN_SOFTWARE=1 is set: they are slower than the CPU backend.
VulkanDevices vulkanDevices();

/// The kernels of this build, in words: "20 kernels, 2 of them with integer dot products, 1 for matrix units".
std::string vulkanKernels();

/// Makes a backend fail, for tests: the n-th allocation (0: the first) or submission (never: -1), or kernels that
/// do nothing, by the beginning of their names.
struct VulkanFaults {
    int allocation = -1, submission = -1;
    std::string idleKernels;
    bool idles(std::string_view kernel) const { return !idleKernels.empty() && kernel.starts_with(idleKernels); }
};

/// When a device's integer dot products are used: where the driver says that they are fast, or as a test has shown.
enum class IntegerDot : uint8_t { Never, WhereFast, WhereOffered };

struct VulkanOptions {
    std::string uuid; // of a device; empty: the first usable one
    IntegerDot integerDot = IntegerDot::WhereFast;
    bool matrixUnits = false; // used where the device offers them
    InputTerms terms = InputTerms::One;
    bool pushDescriptors = true; // false: always use descriptor pools
    bool mappedResults = true;   // false: as a card whose memory the host does not see
    uint32_t wantedGroups = 0;   // for tests: VulkanLimits as if the device wanted so many workgroups
    VulkanFaults faults;
};

/// A backend on a Vulkan device. `pool` packs weights while they are added and must outlive the backend. Throws
/// Error{NotFound} where there is no such usable device, with the reason, Error{Device} where it cannot be opened.
std::unique_ptr<Backend> makeVulkanBackend(ThreadPool& pool, const VulkanOptions& options = {});

/// Computes nothing; memory() and work() say what a Vulkan backend would allocate on a device and do.
std::unique_ptr<Backend> makeDryVulkanBackend(const VulkanLimits& limits = {}, InputTerms terms = InputTerms::One);

} // namespace nibble
