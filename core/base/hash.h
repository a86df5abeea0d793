// A quick hash that is the same everywhere, to tell versions of data apart. No defence against anyone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nibble {

/// FNV-1a, 64 bits. `from`: of what comes before.
inline uint64_t hashOf(std::span<const std::byte> bytes, uint64_t from = 0xcbf29ce484222325) {
    for (std::byte b : bytes) from = (from ^ uint64_t(b)) * 0x100000001b3;
    return from;
}

} // namespace nibble
