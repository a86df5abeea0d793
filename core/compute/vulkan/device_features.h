// The extensions and features that a device is opened with.
#pragma once

#include <compute/vulkan/instance.h>
#include <vector>

namespace nibble {

class DeviceFeatures {
public:
    struct Wanted {
        bool pushDescriptors = false, integerDot = false, matrixUnits = false, bufferArrays = false;
    };
    /// The device offers all that is wanted.
    explicit DeviceFeatures(const Wanted& wanted);
    DeviceFeatures(const DeviceFeatures&) = delete; // its members point at each other
    DeviceFeatures& operator=(const DeviceFeatures&) = delete;

    /// Another extension and its structure of features, which lives as long as this.
    template<class Features>
    void add(const char* extension, Features& features) {
        m_extensions.push_back(extension);
        chain(features);
    }
    /// Fills in the extensions and the chain of features; `info` is used while this lives.
    void describe(VkDeviceCreateInfo& info) const;

private:
    template<class Features>
    void chain(Features& features) {
        features.pNext = m_chain;
        m_chain = &features;
    }

    std::vector<const char*> m_extensions;
    void* m_chain = nullptr;
    VkPhysicalDeviceFeatures2 m_core{};
    VkPhysicalDeviceTimelineSemaphoreFeatures m_timeline{};
    VkPhysicalDeviceShaderIntegerDotProductFeatures m_dot{};
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR m_matrices{};
    VkPhysicalDeviceShaderFloat16Int8Features m_halves{};
    VkPhysicalDeviceVulkanMemoryModelFeatures m_memoryModel{};
    VkPhysicalDeviceSubgroupSizeControlFeatures m_subgroupSizes{};
};

/// How a kernel for matrix units is compiled: the subgroup size is one that the kernel was planned for.
struct MatrixStage {
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size{};
    MatrixStage(const PhysicalDevice& device, VkPipelineShaderStageCreateInfo& stage);
};

} // namespace nibble
