// A backend that computes nothing: it adds up what the CPU backend would allocate and do, from the same layout.
#include <algorithm>
#include <base/thread_pool.h>
#include <compute/cpu/layout.h>

namespace nibble {

namespace {

class DryBackend final : public Backend {
public:
    DryBackend(CpuLevel level, int threads)
        : m_level(level), m_layout(threads > 0 ? threads : ThreadPool::physicalCores()) {}

    std::string name() const override { return std::string("dry (") + cpuLevelName(m_level) + ")"; }

    WeightId addWeight(const WeightRows& rows, WeightUse use) override {
        return m_layout.addWeight(planWeight(rows, use));
    }
    BufferId addBuffer(const char*, int64_t rows, int64_t cols) override { return m_layout.addBuffer(rows, cols); }
    KvId addKv(const KvSpec& spec) override { return m_layout.addKv(planKv(spec)); }
    RopeId addRope(const RopeSpec& spec) override { return m_layout.addRope(spec); }
    void prepare(int32_t maxRows) override { m_layout.prepare(maxRows); }
    MemoryUse memory() const override { return m_layout.memory(); }

    void begin(int32_t pos0) override { m_layout.begin(pos0); }
    void embed(WeightId table, std::span<const int32_t> tokens, View, float) override {
        m_layout.countEmbed(table, int64_t(tokens.size()));
    }
    void rmsNorm(View in, WeightId, float, int32_t, View) override { m_layout.countElementwise(in, 2); }
    void matmul(View in, std::span<const Product> products) override { m_layout.countMatmul(in, products); }
    void rope(RopeId, View x, int32_t, int32_t) override { m_layout.countElementwise(x, 2); }
    void writeKv(KvId kv, View k, View) override { m_layout.countWriteKv(kv, k); }
    void attention(const AttentionSpec& spec, View q, KvId kv, View) override { m_layout.countAttention(spec, q, kv); }
    void gatedActivation(Activation, View gate, View, View) override { m_layout.countElementwise(gate, 2); }
    void add(View a, View, float, View) override { m_layout.countElementwise(a, 1); }
    void scale(View x, float, float) override { m_layout.countElementwise(x, 1); }
    void finish() override {}
    std::span<const float> read(View row) override {
        m_zeros.resize(std::max(m_zeros.size(), std::size_t(m_layout.bufferCols(row.buffer) * row.rows)));
        return {m_zeros.data(), std::size_t(m_layout.bufferCols(row.buffer) * row.rows)};
    }
    void write(View, std::span<const float>) override {}
    void setStop(std::stop_token) override {}

    Work work() const override { return m_layout.work(); }
    void resetWork() override { m_layout.resetWork(); }

private:
    CpuLevel m_level;
    CpuLayout m_layout;
    std::vector<float> m_zeros;
};

} // namespace

std::unique_ptr<Backend> makeDryBackend(CpuLevel level, int threads) {
    return std::make_unique<DryBackend>(level, threads);
}

} // namespace nibble
