#include <base/thread_pool.h>
#include <compute/cpu/layout.h>
#include <compute/dry/dry_layout_backend.h>

namespace nibble {

namespace {

class DryCpuBackend final : public DryLayoutBackend<CpuLayout> {
public:
    DryCpuBackend(CpuLevel level, int threads)
        : DryLayoutBackend(CpuLayout(threads > 0 ? threads : ThreadPool::physicalCores())), m_level(level) {}

    std::string name() const override { return std::string("dry (") + cpuLevelName(m_level) + ")"; }
    WeightId addWeight(const WeightRows& rows, WeightUse use) override {
        return m_layout.addWeight(planWeight(rows, use));
    }
    KvId addKv(const KvSpec& spec) override { return m_layout.addKv(planKv(spec)); }
    RouterId addRouter(const RouterSpec& spec) override { return m_layout.addRouter(spec); }

    StateId addState(const DeltaNetSpec& spec) override { return m_layout.addState(spec); }
    void deltaNet(StateId state, const DeltaNetWeights&, View qkv, View, View, View) override {
        m_layout.countDeltaNet(state, qkv);
    }
    void route(RouterId, View logits) override { m_layout.countElementwise(logits, 1); }
    void expertMatmul(RouterId router, View, std::span<const Product> products) override {
        const int64_t tokens = products[0].out.rows / m_layout.router(router).used;
        m_layout.countExpertMatmul(products, m_layout.expectedExperts(router, tokens));
    }
    void mixExperts(RouterId, View in, View) override { m_layout.countElementwise(in, 1); }

private:
    CpuLevel m_level;
};

} // namespace

std::unique_ptr<Backend> makeDryBackend(CpuLevel level, int threads) {
    return std::make_unique<DryCpuBackend>(level, threads);
}

} // namespace nibble
