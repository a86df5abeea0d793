// Bytes on their way to the device and back, outside of batches.
#pragma once

#include <compute/vulkan/gpu.h>
#include <compute/vulkan/gpu_layout.h>
#include <span>

namespace nibble {

/// Uploads through two staging chunks, so that the host fills one while the other is copied.
class Transfers {
public:
    static constexpr uint64_t kChunkBytes = 8 << 20;

    explicit Transfers(Gpu& gpu) : m_gpu(gpu) {}
    ~Transfers() { release(); }
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;

    /// The chunk to fill next: kChunkBytes. Waits until it is free.
    std::byte* chunk();
    /// Copies parts of that chunk into `to` without waiting for it.
    void send(const Range& to, std::span<const GpuCopy> copies);
    /// Waits for all copies.
    void finish();
    /// Copies bytes into a range of that size, and waits.
    void store(const Range& to, std::span<const std::byte> bytes);
    /// Copies a range of any size to the host, and waits.
    void fetch(const Range& from, std::byte* to);
    /// Gives the staging memory back.
    void release();

private:
    struct Chunk {
        Gpu::Block memory;
        VkCommandBuffer commands = VK_NULL_HANDLE;
        uint64_t number = 0; // of the copy
    };
    void prepare(Chunk& chunk, GpuMemory use);
    void copy(Chunk& chunk, VkBuffer from, VkBuffer to, std::span<const VkBufferCopy> regions, bool toHost);

    Gpu& m_gpu;
    Chunk m_up[2], m_down;
    int m_next = 0;
    std::vector<VkBufferCopy> m_regions;
};

} // namespace nibble
