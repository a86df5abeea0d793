// Where the time of a device goes: NIBBLE_VULKAN_PROFILE=1 runs every dispatch by itself, measures it by the device's
// clock, and prints the kernels to standard error when the model goes, the dearest first. For whoever works on kernels:
// the whole is slower than without, as nothing overlaps, and a dispatch counts some microseconds of waiting.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace nibble {

class KernelTimes {
public:
    KernelTimes();
    ~KernelTimes();
    KernelTimes(const KernelTimes&) = delete;
    KernelTimes& operator=(const KernelTimes&) = delete;

    bool wanted() const { return m_wanted; }
    /// One dispatch of a kernel with so many workgroups took `ms`.
    void add(std::string_view kernel, const std::array<uint32_t, 3>& groups, double ms);

private:
    struct Sum {
        int64_t calls = 0;
        double ms = 0;
    };
    bool m_wanted;
    std::map<std::string, Sum> m_sums; // by kernel and workgroups
};

} // namespace nibble
