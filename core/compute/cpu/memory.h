// Memory of the CPU backend: aligned, counted, and in large pages where the system has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace nibble {

/// Hands out 64-byte aligned memory that lives as long as the arena. Allocation is in slabs backed by transparent huge
/// pages: a decode step reads all weights once, and with 4 KiB pages a good part of its time goes into page-table
/// walks.
class Arena {
public:
    Arena() = default;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Zeroed. Throws Error{NoMemory} naming `what`.
    std::byte* allocate(uint64_t bytes, const char* what);
    template<class T>
    T* allocateArray(uint64_t count, const char* what) {
        return reinterpret_cast<T*>(allocate(count * sizeof(T), what));
    }
    /// What an allocation of that many bytes adds to allocatedBytes().
    static uint64_t roundedBytes(uint64_t bytes) { return (bytes + 63) / 64 * 64; }
    uint64_t allocatedBytes() const { return m_allocated; }

private:
    struct Slab {
        void* base;
        uint64_t bytes;
    };
    std::vector<Slab> m_slabs;
    std::byte* m_free = nullptr;
    uint64_t m_left = 0, m_allocated = 0;
};

} // namespace nibble
