// A backend that computes nothing: it adds up what a backend of this layout (CpuLayout, VulkanLayout) would allocate
// and do. What differs from layout to layout, setting weights and caches up, is left to the two that derive from it.
#pragma once

#include <algorithm>
#include <compute/backend.h>
#include <utility>

namespace nibble {

template<class Layout>
class DryLayoutBackend : public Backend {
public:
    explicit DryLayoutBackend(Layout layout) : m_layout(std::move(layout)) {}

    BufferId addBuffer(const char*, int64_t rows, int64_t cols) override { return m_layout.addBuffer(rows, cols); }
    RopeId addRope(const RopeSpec& spec) override { return m_layout.addRope(spec); }
    RouterId addRouter(const RouterSpec& spec) override { return m_layout.addRouter(spec); }
    StateId addState(const DeltaNetSpec& spec) override { return m_layout.addState(spec); }
    void prepare(int32_t maxRows) override { m_layout.prepare(maxRows); }
    MemoryUse memory() const override { return m_layout.memory(); }

    void begin(int32_t pos0) override { m_layout.begin(pos0); }
    void embed(WeightId table, std::span<const int32_t> tokens, View, float) override {
        m_layout.countEmbed(table, int64_t(tokens.size()));
    }
    void rmsNorm(View in, WeightId, float, int32_t, View) override { m_layout.countElementwise(in, 2); }
    void matmul(View in, std::span<const Product> products) override { m_layout.countMatmul(in, products); }
    void route(RouterId, View logits, WeightId) override { m_layout.countElementwise(logits, 1); }
    void expertMatmul(RouterId router, View, std::span<const Product> products) override {
        const RouterSpec& spec = m_layout.router(router);
        m_layout.countExpertMatmul(products, expectedExperts(spec, products[0].out.rows / spec.used));
    }
    void mixExperts(RouterId, View in, View, View) override { m_layout.countElementwise(in, 1); }
    void rope(RopeId, View x, int32_t, int32_t) override { m_layout.countElementwise(x, 2); }
    void writeKv(KvId kv, View k, View) override { m_layout.countWriteKv(kv, k); }
    void attention(const AttentionSpec& spec, View q, KvId kv, View) override { m_layout.countAttention(spec, q, kv); }
    void deltaNet(StateId state, const DeltaNetWeights&, View qkv, View, View, View) override {
        m_layout.countDeltaNet(state, qkv);
    }
    void keepStates() override {}
    void restoreStates() override {}
    void gatedActivation(Activation, View gate, View, View) override { m_layout.countElementwise(gate, 2); }
    void copyColumns(View, int32_t, View out) override { m_layout.countElementwise(out, 0); }
    void dimRows(View, View x) override { m_layout.countElementwise(x, 1); }
    void add(View a, View, float, View) override { m_layout.countElementwise(a, 1); }
    void scale(View x, float, float) override { m_layout.countElementwise(x, 1); }
    void topValues(View row, int32_t, int32_t, View) override { m_layout.countElementwise(row, 1); }
    void finish() override {}
    std::span<const float> read(View row) override {
        const auto values = std::size_t(m_layout.bufferCols(row.buffer) * row.rows);
        m_zeros.resize(std::max(m_zeros.size(), values));
        return {m_zeros.data(), values};
    }
    void write(View, std::span<const float>) override {}
    void setStop(std::stop_token) override {}

    Work work() const override { return m_layout.work(); }
    void resetWork() override { m_layout.resetWork(); }

protected:
    Layout m_layout;

private:
    std::vector<float> m_zeros;
};

} // namespace nibble
