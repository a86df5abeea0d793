#include <algorithm>
#include <base/text.h>
#include <compute/vulkan/kernel_times.h>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace nibble {

KernelTimes::KernelTimes() : m_wanted(std::getenv("NIBBLE_VULKAN_PROFILE") != nullptr) {}

KernelTimes::~KernelTimes() {
    double total = 0;
    std::vector<std::pair<std::string, Sum>> rows(m_sums.begin(), m_sums.end());
    for (const auto& [_, sum] : rows) total += sum.ms;
    std::ranges::sort(rows, std::greater(), [](const auto& row) { return row.second.ms; });
    for (const auto& [name, sum] : rows)
        std::fprintf(stderr, "%-44s %7lld calls %10.2f ms %5.1f %% %10.1f us each\n", name.c_str(),
                     (long long)sum.calls, sum.ms, 100 * sum.ms / total, 1000 * sum.ms / double(sum.calls));
}

void KernelTimes::add(std::string_view kernel, const std::array<uint32_t, 3>& groups, double ms) {
    Sum& sum = m_sums[format("%.*s %u x %u x %u", int(kernel.size()), kernel.data(), groups[0], groups[1], groups[2])];
    ++sum.calls;
    sum.ms += ms;
}

} // namespace nibble
