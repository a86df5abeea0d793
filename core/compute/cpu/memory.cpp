#include <algorithm>
#include <base/huge_pages.h>
#include <base/text.h>
#include <compute/cpu/memory.h>
#include <nibble/error.h>
#include <sys/mman.h>

namespace nibble {

namespace {

constexpr uint64_t kSlabBytes = uint64_t(32) << 20;

/// Fresh zero pages, 2 MiB aligned where that makes large pages possible; null where there are none.
void* mapPages(uint64_t& bytes) {
    bytes = (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    const uint64_t reserved = bytes + kHugePageBytes;
    void* base = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return nullptr;
    const uintptr_t start = reinterpret_cast<uintptr_t>(base);
    const uintptr_t aligned = (start + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    if (aligned > start) munmap(base, aligned - start);
    if (start + reserved > aligned + bytes)
        munmap(reinterpret_cast<void*>(aligned + bytes), start + reserved - aligned - bytes);
    void* pages = reinterpret_cast<void*>(aligned);
    wantHugePages(pages, bytes);
    return pages;
}

} // namespace

Arena::~Arena() {
    for (const Slab& slab : m_slabs) munmap(slab.base, slab.bytes);
}

std::byte* Arena::allocate(uint64_t bytes, const char* what) {
    const uint64_t rounded = roundedBytes(bytes);
    if (rounded > m_left) {
        uint64_t slabBytes = std::max(rounded, rounded > kSlabBytes / 4 ? rounded : kSlabBytes);
        void* base = rounded < bytes ? nullptr : mapPages(slabBytes);
        if (!base)
            throw Error(ErrorKind::NoMemory, "There is not enough memory to load this model.",
                        format("%s: %llu bytes", what, static_cast<unsigned long long>(bytes)),
                        "Close other programs, choose a smaller model or fewer bits, or shorten the context.");
        m_slabs.push_back({base, slabBytes});
        m_free = static_cast<std::byte*>(base);
        m_left = slabBytes;
    }
    std::byte* result = m_free;
    m_free += rounded;
    m_left -= rounded;
    m_allocated += rounded;
    return result;
}

} // namespace nibble
