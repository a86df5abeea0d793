// A quick checksum of much data, to notice that a disk did not keep it. No defence against anyone.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace nibble {

/// FNV-1a by words of eight bytes (little-endian), each word mixed so that all its bits reach all of the sum. However
/// the bytes are cut into pieces.
class Checksum {
public:
    void add(std::span<const std::byte> bytes) {
        m_length += bytes.size();
        if (m_held > 0) { // fill up the word that was begun
            const std::size_t n = std::min(bytes.size(), m_rest.size() - m_held);
            std::memcpy(m_rest.data() + m_held, bytes.data(), n);
            m_held += n;
            bytes = bytes.subspan(n);
            if (m_held < m_rest.size()) return;
            word(m_rest.data());
        }
        for (; bytes.size() >= m_rest.size(); bytes = bytes.subspan(m_rest.size())) word(bytes.data());
        std::copy(bytes.begin(), bytes.end(), m_rest.begin());
        m_held = bytes.size();
    }
    /// Of all that was added. Call once, at the end.
    uint64_t value() {
        std::fill(m_rest.begin() + std::ptrdiff_t(m_held), m_rest.end(), std::byte{});
        word(m_rest.data());
        return m_sum ^ m_length;
    }

private:
    void word(const std::byte* bytes) {
        static_assert(std::endian::native == std::endian::little);
        uint64_t value;
        std::memcpy(&value, bytes, sizeof value);
        value *= 0x9e3779b97f4a7c15;
        m_sum = (m_sum ^ value ^ (value >> 32)) * 0x100000001b3;
    }

    uint64_t m_sum = 0xcbf29ce484222325, m_length = 0;
    std::array<std::byte, 8> m_rest{};
    std::size_t m_held = 0; // bytes of m_rest
};

} // namespace nibble
