#include <base/huge_pages.h>

#include <cstdint>
#include <sys/mman.h>

namespace nibble {

void wantHugePages(void* memory, std::size_t bytes) {
#if defined(MADV_HUGEPAGE)
    const auto begin = reinterpret_cast<uintptr_t>(memory);
    const uintptr_t first = (begin + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    const uintptr_t last = (begin + bytes) / kHugePageBytes * kHugePageBytes;
    if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

} // namespace nibble
