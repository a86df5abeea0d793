// The largest values of a row on Vulkan: each workgroup finds those of a piece, then the next call those of all pieces,
// until one workgroup is enough. What comes back to the host is some hundred bytes instead of a vocabulary's logits.
#include <algorithm>
#include <cassert>
#include <compute/vulkan/vulkan_backend.h>

namespace nibble {

void VulkanBackend::topValues(View row, int32_t cols, int32_t k, View out) {
    m_layout.countElementwise(row, 1);
    struct Push {
        uint32_t inFirst, outFirst, count, k;
    };
    const GpuRows from = rowsOf(row), to = targetOf(out);
    assert(row.rows == 1 && k >= 1 && k <= kMostTopValues && k <= cols && uint32_t(cols) <= from.stride);
    assert(cols <= kMostTopColumns && out.rows >= topRows(cols) && to.stride == 2 * kMostTopValues);
    Range range = from.range;
    uint32_t first = from.first, count = uint32_t(cols), parts = to.first + to.stride; // behind the result
    for (bool pairs = false;; pairs = true) {
        const uint32_t groups = groupsOf(count, kTopSegment);
        const uint32_t at = groups == 1 ? to.first : parts;
        recorder(1).dispatch("top_values", std::array{pairs ? 1u : 0u}, std::array{range, to.range},
                             Push{first, at, count, uint32_t(k)}, {groups, 1, 1}, count);
        if (groups == 1) return;
        // Only the last piece may have fewer than k values.
        count = (groups - 1) * uint32_t(k) + std::min(uint32_t(k), count - (groups - 1) * uint32_t(kTopSegment));
        range = to.range;
        first = at;
        parts = at + groups * to.stride;
    }
}

} // namespace nibble
