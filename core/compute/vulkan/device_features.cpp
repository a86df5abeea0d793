#include <compute/vulkan/device_features.h>

namespace nibble {

DeviceFeatures::DeviceFeatures(const Wanted& wanted) {
    m_timeline.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES;
    m_timeline.timelineSemaphore = VK_TRUE;
    chain(m_timeline);
    if (wanted.bufferArrays) {
        m_core.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
        m_core.features.shaderStorageBufferArrayDynamicIndexing = VK_TRUE;
        chain(m_core);
    }
    if (wanted.pushDescriptors) m_extensions.push_back(VK_KHR_PUSH_DESCRIPTOR_EXTENSION_NAME);
    if (wanted.integerDot) {
        m_dot.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES;
        m_dot.shaderIntegerDotProduct = VK_TRUE;
        add(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME, m_dot);
    }
    if (wanted.matrixUnits) {
        m_matrices.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR;
        m_matrices.cooperativeMatrix = VK_TRUE;
        add(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME, m_matrices);
        m_subgroupSizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES;
        m_subgroupSizes.subgroupSizeControl = m_subgroupSizes.computeFullSubgroups = VK_TRUE;
        add(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME, m_subgroupSizes);
        m_halves.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES;
        m_halves.shaderFloat16 = VK_TRUE;
        chain(m_halves);
        m_memoryModel.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES;
        m_memoryModel.vulkanMemoryModel = VK_TRUE;
        chain(m_memoryModel);
    }
}

void DeviceFeatures::describe(VkDeviceCreateInfo& info) const {
    info.pNext = m_chain;
    info.enabledExtensionCount = uint32_t(m_extensions.size());
    info.ppEnabledExtensionNames = m_extensions.data();
}

MatrixStage::MatrixStage(const PhysicalDevice& device, VkPipelineShaderStageCreateInfo& stage) {
    size.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO;
    size.requiredSubgroupSize = device.matrixLanes;
    stage.pNext = &size;
    stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
}

} // namespace nibble
