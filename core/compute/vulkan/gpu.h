// An open Vulkan device: its queue and its memory. Everything here runs on the one thread that drives the backend.
#pragma once

#include <compute/vulkan/arena_plan.h>
#include <compute/vulkan/instance.h>

namespace nibble {

/// What memory is used for, which decides where it lies.
enum class GpuMemory : uint8_t {
    Device,   // only kernels touch it
    Shared,   // the host reads and writes it where that costs nothing (mapped is null on cards with their own memory)
    Step,     // the host writes a little for every batch, kernels read it
    Staging,  // the host writes, copied to the device
    Readback, // copied from the device, the host reads
};

/// Part of a buffer. `constant`: not written while batches run, so that no hazard has to be looked for.
struct Range {
    VkBuffer buffer = VK_NULL_HANDLE;
    uint64_t offset = 0, bytes = 0;
    bool constant = false;
    std::byte* mapped = nullptr; // the host's view, or null
};

class Gpu {
public:
    /// Throws Error{Device} where the driver cannot open it.
    Gpu(std::shared_ptr<Instance> instance, const PhysicalDevice& device, const VulkanOptions& options);
    ~Gpu();
    Gpu(const Gpu&) = delete;
    Gpu& operator=(const Gpu&) = delete;

    const VulkanFaults& faults() const { return m_faults; }
    const PhysicalDevice& physical() const { return m_physical; }
    VkDevice device() const { return m_device; }
    const VolkDeviceTable& api() const { return m_api; }
    bool integerDot() const { return m_integerDot; }
    bool matrixUnits() const { return m_matrixUnits; }
    bool pushDescriptors() const { return m_pushDescriptors; }
    /// Largest range of one binding.
    uint64_t maxRange() const { return m_physical.limits.maxStorageBufferRange; }

    /// One buffer with its own memory. Throws Error{NoMemory} naming `what`.
    struct Block {
        VkBuffer buffer = VK_NULL_HANDLE;
        VkDeviceMemory memory = VK_NULL_HANDLE;
        uint64_t bytes = 0;
        std::byte* mapped = nullptr;
    };
    Block allocate(uint64_t bytes, GpuMemory use, const char* what);
    void release(Block& block);

    VkCommandBuffer makeCommandBuffer();
    /// Work is numbered in the order of its submission. Throws Error{Device}.
    uint64_t submit(VkCommandBuffer commands);
    /// Waits until the work of that number has finished, or timeoutNs have passed: returns whether it has.
    bool wait(uint64_t number, uint64_t timeoutNs = UINT64_MAX);
    uint64_t lastSubmitted() const { return m_submitted; }
    /// Waits for all work, whatever becomes of it. Never throws.
    void drain();

private:
    void openDevice();
    void close();
    int memoryType(uint32_t allowed, GpuMemory use) const;

    std::shared_ptr<Instance> m_instance;
    PhysicalDevice m_physical;
    VulkanFaults m_faults;
    bool m_integerDot = false, m_matrixUnits = false, m_pushDescriptors = false;
    VkDevice m_device = VK_NULL_HANDLE;
    VkQueue m_queue = VK_NULL_HANDLE;
    VkCommandPool m_commands = VK_NULL_HANDLE;
    VkSemaphore m_done = VK_NULL_HANDLE; // timeline: the number of the last finished work
    VolkDeviceTable m_api{};
    uint64_t m_submitted = 0;
    int m_allocations = 0, m_submissions = 0; // so far, for the faults
    bool m_lost = false;
};

/// Memory that lives as long as the arena, handed out as an ArenaPlan says.
class GpuArena {
public:
    GpuArena(Gpu& gpu, GpuMemory use, uint64_t shareBytes) : m_gpu(gpu), m_use(use), m_plan(shareBytes) {}
    ~GpuArena() {
        for (Gpu::Block& block : m_blocks) m_gpu.release(block);
    }
    GpuArena(const GpuArena&) = delete;
    GpuArena& operator=(const GpuArena&) = delete;

    /// Not zeroed. Throws Error{NoMemory} naming `what`.
    Range allocate(uint64_t bytes, const char* what);
    uint64_t allocatedBytes() const;

private:
    Gpu& m_gpu;
    GpuMemory m_use;
    ArenaPlan m_plan;
    std::vector<Gpu::Block> m_blocks;
};

} // namespace nibble
