#include <algorithm>
#include <compute/vulkan/transfers.h>
#include <cstring>

namespace nibble {

void Transfers::prepare(Chunk& chunk, GpuMemory use) {
    if (!chunk.memory.buffer) chunk.memory = m_gpu.allocate(kChunkBytes, use, "memory for copies");
    if (!chunk.commands) chunk.commands = m_gpu.makeCommandBuffer();
    if (chunk.number > 0) m_gpu.wait(chunk.number);
    chunk.number = 0;
}

std::byte* Transfers::chunk() {
    prepare(m_up[m_next], GpuMemory::Staging);
    return m_up[m_next].memory.mapped;
}

void Transfers::send(const Range& to, std::span<const GpuCopy> copies) {
    Chunk& chunk = m_up[m_next];
    m_regions.clear();
    for (const GpuCopy& c : copies) m_regions.push_back({c.from, to.offset + c.to, c.bytes});
    copy(chunk, chunk.memory.buffer, to.buffer, m_regions, false);
    m_next = 1 - m_next;
}

void Transfers::copy(Chunk& chunk, VkBuffer from, VkBuffer to, std::span<const VkBufferCopy> regions, bool toHost) {
    const VolkDeviceTable& vk = m_gpu.api();
    check(vk.vkResetCommandBuffer(chunk.commands, 0), "copying");
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    check(vk.vkBeginCommandBuffer(chunk.commands, &info), "copying");
    const auto barrier = [&](VkPipelineStageFlags before, VkPipelineStageFlags after, VkAccessFlags access) {
        VkMemoryBarrier b{};
        b.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
        b.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
        b.dstAccessMask = access;
        vk.vkCmdPipelineBarrier(chunk.commands, before, after, 0, 1, &b, 0, nullptr, 0, nullptr);
    };
    barrier(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
            VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
    vk.vkCmdCopyBuffer(chunk.commands, from, to, uint32_t(regions.size()), regions.data());
    if (toHost) barrier(VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
    check(vk.vkEndCommandBuffer(chunk.commands), "copying");
    chunk.number = m_gpu.submit(chunk.commands);
}

void Transfers::finish() {
    for (Chunk& chunk : m_up)
        if (chunk.number > 0) {
            m_gpu.wait(chunk.number);
            chunk.number = 0;
        }
}

void Transfers::store(const Range& to, std::span<const std::byte> bytes) {
    for (uint64_t at = 0; at < bytes.size(); at += kChunkBytes) {
        const uint64_t n = std::min(kChunkBytes, bytes.size() - at);
        std::memcpy(chunk(), bytes.data() + at, n);
        const GpuCopy copy{0, at, n};
        send(to, {&copy, 1});
    }
    finish();
}

void Transfers::fetch(const Range& from, std::byte* to) {
    for (uint64_t at = 0; at < from.bytes; at += kChunkBytes) {
        prepare(m_down, GpuMemory::Readback);
        const VkBufferCopy region{from.offset + at, 0, std::min(kChunkBytes, from.bytes - at)};
        copy(m_down, from.buffer, m_down.memory.buffer, {&region, 1}, true);
        m_gpu.wait(m_down.number);
        std::memcpy(to + at, m_down.memory.mapped, region.size);
    }
}

void Transfers::release() {
    for (Chunk* chunk : {&m_up[0], &m_up[1], &m_down}) {
        if (chunk->number > 0) m_gpu.drain();
        m_gpu.release(chunk->memory);
        chunk->number = 0;
    }
}

} // namespace nibble
