#include <algorithm>
#include <base/huge_pages.h>
#include <base/text.h>
#include <cassert>
#include <compute/vulkan/device_features.h>
#include <compute/vulkan/gpu.h>
#include <nibble/human.h>

namespace nibble {

namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = kVisible | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

/// Properties of memory for a use, the best first.
std::vector<VkMemoryPropertyFlags> wishes(GpuMemory use) {
    switch (use) {
    case GpuMemory::Device:
        return {kLocal, 0};
    case GpuMemory::Shared:
        return {kLocal | kCached, kLocal, 0};
    case GpuMemory::Step:
        return {kLocal | kVisible, kVisible};
    case GpuMemory::Staging:
        return {kVisible};
    case GpuMemory::Readback:
        return {kCached, kVisible};
    }
    return {};
}

} // namespace

Gpu::Gpu(std::shared_ptr<Instance> instance, const PhysicalDevice& device, const VulkanOptions& options)
    : m_instance(std::move(instance)), m_physical(device), m_faults(options.faults),
      m_integerDot(device.info.integerDot && (options.integerDot == IntegerDot::WhereOffered ||
                                              (options.integerDot == IntegerDot::WhereFast && device.integerDotFast))),
      m_matrixUnits(options.matrixUnits && device.info.matrixUnits),
      m_pushDescriptors(options.pushDescriptors && device.pushDescriptors) {
    try {
        openDevice();
    } catch (...) {
        close();
        throw;
    }
}

Gpu::~Gpu() { close(); }

void Gpu::close() {
    if (!m_device) return;
    drain();
    if (m_done) m_api.vkDestroySemaphore(m_device, m_done, nullptr);
    if (m_commands) m_api.vkDestroyCommandPool(m_device, m_commands, nullptr);
    m_api.vkDestroyDevice(m_device, nullptr);
    m_device = VK_NULL_HANDLE;
}

void Gpu::openDevice() {
    const float priority = 0.5f;
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueFamilyIndex = m_physical.queueFamily;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;

    const DeviceFeatures features({m_pushDescriptors, m_integerDot, m_matrixUnits, m_physical.bufferArrays});
    VkDeviceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    features.describe(info);
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    check(vkCreateDevice(m_physical.handle, &info, nullptr, &m_device), "opening the device");
    volkLoadDeviceTable(&m_api, m_device);
    m_api.vkGetDeviceQueue(m_device, m_physical.queueFamily, 0, &m_queue);

    VkCommandPoolCreateInfo pool{};
    pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
    pool.queueFamilyIndex = m_physical.queueFamily;
    check(m_api.vkCreateCommandPool(m_device, &pool, nullptr, &m_commands), "opening the device");
    VkSemaphoreTypeCreateInfo type{};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo semaphore{};
    semaphore.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    semaphore.pNext = &type;
    check(m_api.vkCreateSemaphore(m_device, &semaphore, nullptr, &m_done), "opening the device");
}

/// The first type that has the most wished properties; -1: none that will do.
int Gpu::memoryType(uint32_t allowed, GpuMemory use) const {
    for (VkMemoryPropertyFlags wish : wishes(use))
        for (uint32_t i = 0; i < m_physical.memory.memoryTypeCount; ++i)
            if ((allowed >> i & 1) && (m_physical.memory.memoryTypes[i].propertyFlags & wish) == wish) return int(i);
    return -1;
}

Gpu::Block Gpu::allocate(uint64_t bytes, GpuMemory use, const char* what) {
    const std::string tried = format("%s, %s", what, humanBytes(bytes).c_str());
    if (m_allocations++ == m_faults.allocation) check(VK_ERROR_OUT_OF_DEVICE_MEMORY, tried.c_str());
    if (bytes > m_physical.maxAllocation) check(VK_ERROR_OUT_OF_DEVICE_MEMORY, tried.c_str());
    Block block;
    block.bytes = bytes;
    try {
        VkBufferCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
        info.size = bytes;
        info.usage =
            VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
        check(m_api.vkCreateBuffer(m_device, &info, nullptr, &block.buffer), tried.c_str());
        VkMemoryRequirements needs;
        m_api.vkGetBufferMemoryRequirements(m_device, block.buffer, &needs);
        const int type = memoryType(needs.memoryTypeBits, use);
        if (type < 0) check(VK_ERROR_FEATURE_NOT_PRESENT, tried.c_str());
        VkMemoryAllocateInfo allocation{};
        allocation.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
        allocation.allocationSize = needs.size;
        allocation.memoryTypeIndex = uint32_t(type);
        check(m_api.vkAllocateMemory(m_device, &allocation, nullptr, &block.memory), tried.c_str());
        check(m_api.vkBindBufferMemory(m_device, block.buffer, block.memory, 0), tried.c_str());
        const VkMemoryPropertyFlags flags = m_physical.memory.memoryTypes[type].propertyFlags;
        const bool map = use != GpuMemory::Device && (flags & kVisible) == kVisible &&
                         (use != GpuMemory::Shared || (flags & kCached) == kCached);
        if (map) {
            void* mapped = nullptr;
            check(m_api.vkMapMemory(m_device, block.memory, 0, VK_WHOLE_SIZE, 0, &mapped), tried.c_str());
            block.mapped = static_cast<std::byte*>(mapped);
            wantHugePages(mapped, needs.size); // where device memory is the process's own, as that of software devices
        }
    } catch (...) {
        release(block);
        throw;
    }
    return block;
}

void Gpu::release(Block& block) {
    if (block.buffer) m_api.vkDestroyBuffer(m_device, block.buffer, nullptr);
    if (block.memory) m_api.vkFreeMemory(m_device, block.memory, nullptr);
    block = {};
}

VkCommandBuffer Gpu::makeCommandBuffer() {
    VkCommandBufferAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    info.commandPool = m_commands;
    info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    info.commandBufferCount = 1;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    check(m_api.vkAllocateCommandBuffers(m_device, &info, &commands), "preparing work");
    return commands;
}

uint64_t Gpu::submit(VkCommandBuffer commands) {
    if (m_submissions++ == m_faults.submission) m_lost = true;
    if (m_lost) check(VK_ERROR_DEVICE_LOST, "submitting work");
    const uint64_t number = m_submitted + 1;
    VkTimelineSemaphoreSubmitInfo timeline{};
    timeline.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    timeline.signalSemaphoreValueCount = 1;
    timeline.pSignalSemaphoreValues = &number;
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &timeline;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &m_done;
    const VkResult result = m_api.vkQueueSubmit(m_queue, 1, &info, VK_NULL_HANDLE);
    m_lost |= result == VK_ERROR_DEVICE_LOST;
    check(result, "submitting work");
    return m_submitted = number;
}

bool Gpu::wait(uint64_t number, uint64_t timeoutNs) {
    assert(number <= m_submitted);
    VkSemaphoreWaitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    info.semaphoreCount = 1;
    info.pSemaphores = &m_done;
    info.pValues = &number;
    const VkResult result = m_api.vkWaitSemaphores(m_device, &info, timeoutNs);
    m_lost |= result == VK_ERROR_DEVICE_LOST;
    check(result, "waiting for the device");
    return result == VK_SUCCESS;
}

void Gpu::drain() {
    if (m_device) m_api.vkDeviceWaitIdle(m_device);
}

Range GpuArena::allocate(uint64_t bytes, const char* what) {
    ArenaPlan plan = m_plan; // stays as it was where the device has no memory left
    const ArenaPlan::Place place = plan.add(bytes);
    if (plan.blocks().size() > m_blocks.size()) m_blocks.push_back(m_gpu.allocate(plan.blocks().back(), m_use, what));
    m_plan = std::move(plan);
    const Gpu::Block& block = m_blocks[place.block];
    return {block.buffer, place.offset, bytes, false, block.mapped ? block.mapped + place.offset : nullptr};
}

uint64_t GpuArena::allocatedBytes() const {
    uint64_t sum = 0;
    for (const Gpu::Block& block : m_blocks) sum += block.bytes;
    return sum;
}

} // namespace nibble
