// When a barrier is needed: where a dispatch touches what was written since the last one, or writes what was read.
#pragma once

#include <compute/vulkan/gpu.h>

namespace nibble {

class Hazards {
public:
    void clear() {
        m_reads.clear();
        m_writes.clear();
    }
    /// Whether the access has to wait for those noted so far.
    bool conflicts(const Range& range, bool writes) const {
        return !range.constant && (overlaps(m_writes, range) || (writes && overlaps(m_reads, range)));
    }
    void note(const Range& range, bool writes) {
        if (!range.constant) (writes ? m_writes : m_reads).push_back(range);
    }

private:
    static bool overlaps(const std::vector<Range>& list, const Range& r) {
        for (const Range& l : list)
            if (l.buffer == r.buffer && l.offset < r.offset + r.bytes && r.offset < l.offset + l.bytes) return true;
        return false;
    }
    std::vector<Range> m_reads, m_writes;
};

} // namespace nibble
