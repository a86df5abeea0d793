// Where things lie in device memory: the real arena allocates the blocks that this says, the estimate adds them up.
#pragma once

#include <cstdint>
#include <vector>

namespace nibble {

/// Small things share blocks of `shareBytes`; larger ones get a block of their own, so that hardly anything is wasted.
class ArenaPlan {
public:
    static constexpr uint64_t kAlignment = 256;           // the strictest offset alignment that Vulkan allows devices
    static constexpr uint64_t kBlockAlignment = 64 << 10; // drivers allocate in pages of this

    struct Place {
        std::size_t block = 0;
        uint64_t offset = 0;
    };

    explicit ArenaPlan(uint64_t shareBytes) : m_shareBytes(shareBytes) {}

    Place add(uint64_t bytes) {
        bytes = roundUp(bytes > 0 ? bytes : 1, kAlignment);
        if (bytes > m_shareBytes / 4) {
            m_blocks.push_back(roundUp(bytes, kBlockAlignment));
            return {m_blocks.size() - 1, 0};
        }
        if (m_left < bytes) {
            m_blocks.push_back(m_shareBytes);
            m_shared = m_blocks.size() - 1;
            m_left = m_shareBytes;
        }
        const Place place{m_shared, m_shareBytes - m_left};
        m_left -= bytes;
        return place;
    }
    const std::vector<uint64_t>& blocks() const { return m_blocks; } // bytes of each
    uint64_t bytes() const {
        uint64_t sum = 0;
        for (uint64_t b : m_blocks) sum += b;
        return sum;
    }

private:
    static uint64_t roundUp(uint64_t bytes, uint64_t to) { return (bytes + to - 1) / to * to; }

    uint64_t m_shareBytes;
    std::vector<uint64_t> m_blocks;
    std::size_t m_shared = 0;
    uint64_t m_left = 0; // of the open shared block
};

} // namespace nibble
