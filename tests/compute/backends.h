// Every backend that the tests of operations run on. Those on Vulkan are skipped, with the reason, where no device can
// be opened.
#pragma once

#include "random_weights.h"

#include <compute/vulkan/vulkan.h>
#include <gtest/gtest.h>
#include <nibble/error.h>

namespace nibble {

class ThreadPool;

struct BackendCase {
    std::string name;
    CpuLevel level = CpuLevel::Scalar;
    bool vulkan = false;
    VulkanOptions options;

    /// Null, with the reason in `whyNot`, where there is no such device here.
    std::unique_ptr<Backend> make(ThreadPool& pool, std::string& whyNot) const {
        if (!vulkan) return makeCpuBackend(pool, level);
        try {
            return makeVulkanBackend(pool, options);
        } catch (const Error& e) {
            if (e.kind != ErrorKind::NotFound) throw;
            whyNot = e.what();
            return nullptr;
        }
    }
    /// The largest error that is rounding: GPUs compute exp() and tanh() less exactly.
    double rounding(double onCpu) const { return vulkan ? 30 * onCpu : onCpu; }
};

inline std::vector<BackendCase> backendCases() {
    std::vector<BackendCase> cases;
    for (CpuLevel level : supportedLevels()) cases.push_back({cpuLevelName(level), level});
    cases.push_back({"Vulkan", {}, true, {}});
    BackendCase plain{"VulkanPlain", {}, true, {}}; // as on a card that offers nothing
    plain.options.wantedGroups = 128;
    plain.options.integerDot = IntegerDot::Never;
    plain.options.pushDescriptors = plain.options.mappedResults = false;
    cases.push_back(plain);
    return cases;
}

inline void PrintTo(const BackendCase& c, std::ostream* out) { *out << c.name; }

} // namespace nibble
