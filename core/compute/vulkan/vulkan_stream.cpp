// Weights that the card has no memory for, on a visit. All goes through the one queue, so a copy waits for the products
// that read what it overwrites, and the host packs the next matrix while the card still multiplies the last one.
#include <compute/vulkan/vulkan_backend.h>

namespace nibble {

WeightId VulkanBackend::addStreamedWeight(const WeightRows& rows) {
    const WeightId id = m_layout.addStreamedWeight(rows);
    if (!id) return {};
    prefetchKernels(*m_layout.weight(id).layout, WeightUse::Matmul);
    m_streamed.emplace(id.index, rows);
    m_weights.emplace_back();
    return id;
}

Range VulkanBackend::streamedWeight(WeightId id) {
    const VulkanWeight& weight = m_layout.weight(id);
    const auto rangeOf = [&](const StreamSlot& slot) {
        Range range = slot.memory;
        range.bytes = weight.bytes;
        range.constant = true; // for kernels: copies into it have barriers of their own
        return range;
    };
    for (const StreamSlot& slot : m_streamSlots)
        if (slot.weight.index == id.index) return rangeOf(slot);
    StreamSlot& slot = m_streamSlots[m_nextSlot];
    m_nextSlot = (m_nextSlot + 1) % m_streamSlots.size();
    slot.weight = {}; // until it is there
    recorder(0).submitSoFar();
    try {
        uploadMatrix(m_streamed.at(id.index), *weight.layout, rangeOf(slot));
    } catch (...) {
        m_gpu.drain(); // a batch that ends here must not run on beside what comes next
        throw;
    }
    slot.weight = id;
    return rangeOf(slot);
}

} // namespace nibble
