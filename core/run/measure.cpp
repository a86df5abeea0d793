#include <base/clock.h>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <compute/vulkan/vulkan.h>
#include <nibble/measure.h>
#include <run/placement.h>
#include <run/processor_speed.h>

namespace nibble {

SpeedReport measureThisComputer(const ProgressFn& progress, std::stop_token stop) {
    const Clock::time_point start = Clock::now();
    SpeedReport report;
    report.device = "cpu";
    report.name = processorName();
    if (progress) progress({"Testing the processor", report.name, 0, -1});
    {
        ThreadPool pool;
        report.processorBytesPerSecond = measureSpeed(*makeCpuBackend(pool), stop).weightBytes;
    }
    report.bytesPerSecond = report.processorBytesPerSecond;
    keepProcessorSpeed(report.processorBytesPerSecond);

    const VulkanDevices all = vulkanDevices();
    report.whyNoCard = all.whyNone;
    const auto test = [&](const VulkanDevice& card) { return testInHelper(card, progress, stop); };
    const VulkanDevice* card = bestCard(all.devices, test, report.whyNoCard);
    const auto verdict = card ? knownVerdict(*card) : std::nullopt;
    if (verdict && verdict->test.card.weightBytes > 0) {
        report.device = "gpu" + std::to_string(card - all.devices.data());
        report.name = card->name;
        report.whyNoCard.clear();
        report.bytesPerSecond = verdict->test.card.weightBytes;
    }
    report.tokensPerSecond = report.bytesPerSecond / (kReferenceWeights * kReferenceBits / 8);
    report.seconds = secondsSince(start);
    return report;
}

} // namespace nibble
