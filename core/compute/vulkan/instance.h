// The Vulkan loader and instance of this process, and its devices.
#pragma once

#include <compute/vulkan/api.h>
#include <compute/vulkan/vulkan.h>
#include <memory>

namespace nibble {

/// A device with what is needed to open it.
struct PhysicalDevice {
    VkPhysicalDevice handle = VK_NULL_HANDLE;
    VulkanDevice info;
    uint32_t queueFamily = 0; // computes, without graphics where there is such a family
    uint32_t apiVersion = 0;
    uint32_t vendor = 0; // PCI id
    uint32_t subgroupSize = 0;
    VkPhysicalDeviceLimits limits{};
    VkPhysicalDeviceMemoryProperties memory{};
    uint64_t maxAllocation = 0;   // bytes of one allocation
    bool pushDescriptors = false; // the extension
    bool integerDotFast = false;  // the driver says that it is accelerated
    uint32_t matrixLanes = 0;     // subgroup size for matrix units; 0: none that multiply 16 x 16 x 16 f16 into f32
    bool bufferArrays = false;    // kernels may choose one of several buffers, and have as many as ours
    bool timestamps = false;      // of the queue family
    uint8_t cacheUuid[VK_UUID_SIZE] = {};
};

class Instance {
public:
    /// The one of this process, made by the first call and kept until the process ends: NVIDIA's driver cannot be
    /// loaded and unloaded more than some twenty times. Throws Error{NotFound} in plain words without loader or driver,
    /// and tries again in the next call. `loader`: the library's name.
    static std::shared_ptr<Instance> open(const char* loader = "libvulkan.so.1");
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// All devices, usable ones first; the same card through two drivers is one.
    std::vector<PhysicalDevice> devices() const;

private:
    Instance() = default;
    void* m_library = nullptr;
    VkInstance m_instance = VK_NULL_HANDLE;
};

/// Whether NIBBLE_VULKAN_SOFTWARE=1 allows devices that compute on the processor.
bool softwareDevicesAllowed();

} // namespace nibble
