#include <base/thread_pool.h>
#include <compute/cpu/layout.h>
#include <compute/dry/dry_layout_backend.h>

namespace nibble {

namespace {

class DryCpuBackend final : public DryLayoutBackend<CpuLayout> {
public:
    DryCpuBackend(CpuLevel level, int threads, InputTerms terms)
        : DryLayoutBackend(CpuLayout(threads > 0 ? threads : ThreadPool::physicalCores(), terms)), m_level(level) {}

    std::string name() const override { return std::string("dry (") + cpuLevelName(m_level) + ")"; }
    WeightId addWeight(const WeightRows& rows, WeightUse use) override {
        return m_layout.addWeight(planWeight(rows, use));
    }
    WeightId addStreamedWeight(const WeightRows& rows) override { return addWeight(rows, WeightUse::Matmul); }
    KvId addKv(const KvSpec& spec) override { return m_layout.addKv(planKv(spec)); }

private:
    CpuLevel m_level;
};

} // namespace

std::unique_ptr<Backend> makeDryBackend(CpuLevel level, int threads, InputTerms terms) {
    return std::make_unique<DryCpuBackend>(level, threads, terms);
}

} // namespace nibble
