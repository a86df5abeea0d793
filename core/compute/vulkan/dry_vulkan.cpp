#include <compute/dry/dry_layout_backend.h>
#include <compute/vulkan/vulkan_layout.h>

namespace nibble {

namespace {

class DryVulkanBackend final : public DryLayoutBackend<VulkanLayout> {
public:
    DryVulkanBackend(const VulkanLimits& limits, InputTerms terms) : DryLayoutBackend(VulkanLayout(limits, terms)) {}

    std::string name() const override { return "dry (Vulkan)"; }
    WeightId addWeight(const WeightRows& rows, WeightUse use) override { return m_layout.addWeight(rows, use); }
    WeightId addStreamedWeight(const WeightRows& rows) override { return m_layout.addStreamedWeight(rows); }
    KvId addKv(const KvSpec& spec) override { return m_layout.addKv(spec); }
    MemoryUse deviceMemory() const override { return memory(); }
    Work deviceWork() const override { return work(); }
};

} // namespace

std::unique_ptr<Backend> makeDryVulkanBackend(const VulkanLimits& limits, InputTerms terms) {
    return std::make_unique<DryVulkanBackend>(limits, terms);
}

} // namespace nibble
