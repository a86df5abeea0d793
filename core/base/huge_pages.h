// Large pages: the kernel hands out memory in a few big pieces rather than in thousands of small ones.
#pragma once

#include <cstddef>

namespace nibble {

constexpr std::size_t kHugePageBytes = std::size_t(2) << 20;

/// Asks for large pages for what of [memory, memory + bytes) they can cover. A hint: memory that cannot have them (a
/// driver's mapping, a kernel without them) stays as it is.
void wantHugePages(void* memory, std::size_t bytes);

} // namespace nibble
