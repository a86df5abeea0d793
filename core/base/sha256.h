// SHA-256 (FIPS 180-4), to tell whether data are the very same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nibble {

class Sha256 {
public:
    void add(std::span<const std::byte> bytes);
    void add(std::string_view text) { add(std::as_bytes(std::span(text.data(), text.size()))); }
    /// The digest of all that was added, as 64 hexadecimal digits. Call once, at the end.
    std::string hex();

private:
    void block(const std::byte* bytes);

    std::array<uint32_t, 8> m_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> m_rest{};
    std::size_t m_held = 0; // bytes of m_rest
    uint64_t m_length = 0;  // bytes in all
};

} // namespace nibble
