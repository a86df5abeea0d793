// Tests that need an opened Vulkan device: skipped, with the reason, where there is none.
#pragma once

#include <compute/vulkan/recorder.h>
#include <gtest/gtest.h>

namespace nibble {

/// A device with one arena of memory that the host sees, and a recorder.
class VulkanTest : public testing::Test {
protected:
    void SetUp() override {
        VulkanOptions options;
        options.integerDot = IntegerDot::WhereOffered;
        options.matrixUnits = true;
        open(options);
    }
    void open(const VulkanOptions& options) {
        try {
            const auto instance = Instance::open();
            const auto devices = instance->devices();
            if (devices.empty() || !devices[0].info.usable)
                GTEST_SKIP() << "no usable Vulkan device" << (devices.empty() ? "" : ": " + devices[0].info.whyNot);
            gpu = std::make_unique<Gpu>(instance, devices[0], options);
        } catch (const Error& error) {
            GTEST_SKIP() << error.what();
        }
        pipelines = std::make_unique<Pipelines>(*gpu);
        recorder = std::make_unique<Recorder>(*gpu, *pipelines);
        memory = std::make_unique<GpuArena>(*gpu, GpuMemory::Readback, 1 << 20);
    }

    /// Memory that both sides see, between guard bands that TearDown() checks.
    template<class T>
    Range upload(const std::vector<T>& values) {
        const uint64_t bytes = (values.size() * sizeof(T) + 3) / 4 * 4;
        const Range whole = memory->allocate(bytes + 2 * kGuard, "test");
        std::memset(whole.mapped, kGuardByte, whole.bytes);
        std::memcpy(whole.mapped + kGuard, values.data(), values.size() * sizeof(T));
        m_guarded.push_back(whole);
        return {whole.buffer, whole.offset + kGuard, bytes, false, whole.mapped + kGuard};
    }
    template<class T = float>
    std::vector<T> download(const Range& range, std::size_t count) const {
        std::vector<T> values(count);
        std::memcpy(values.data(), range.mapped, count * sizeof(T));
        return values;
    }
    void TearDown() override {
        for (const Range& range : m_guarded)
            for (uint64_t i = 0; i < kGuard; ++i) {
                ASSERT_EQ(range.mapped[i], std::byte(kGuardByte)) << "something wrote before a buffer";
                ASSERT_EQ(range.mapped[range.bytes - 1 - i], std::byte(kGuardByte))
                    << "something wrote behind a buffer";
            }
    }

    static constexpr uint64_t kGuard = 256;
    static constexpr int kGuardByte = 0xa5;
    std::unique_ptr<Gpu> gpu; // destroyed last
    std::unique_ptr<Pipelines> pipelines;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<GpuArena> memory;

private:
    std::vector<Range> m_guarded;
};

} // namespace nibble
