// The CPU backend: computes each operation at once. Rows or weight panels are shared among the pool's threads; an
// operation too small to be worth waking them runs on the calling thread. Products and experts are in cpu_products.cpp,
// all else in cpu_backend.cpp.
#pragma once

#include <base/text.h>
#include <base/thread_pool.h>
#include <cassert>
#include <compute/cpu/kernels.h>
#include <compute/cpu/memory.h>

namespace nibble {

struct CpuWeight {
    std::vector<const std::byte*> planes; // one, or one an expert
    std::shared_ptr<const void> owner;    // of mapped rows
    const std::byte* data() const { return planes.front(); }
};

struct RopeTable {
    float* cos = nullptr; // (rows, frequencies), then sin alike
    float* sin = nullptr;
    int32_t rows = 0; // filled for rows [0, rows) of the current batch
};

/// What route() found, for the `rows` tokens of its call.
struct Routing {
    int32_t rows = 0;
    int32_t* starts = nullptr; // (experts + 1): where each expert's slots begin in order
    int32_t* chosen = nullptr; // the expert of each slot
    int32_t* order = nullptr;  // the slots, sorted by expert
    int32_t* tokens = nullptr; // and their tokens
    float* weights = nullptr;  // of each slot
};

/// One matrix times some rows of a call's input.
struct ProductJob {
    const WeightPlan* weight = nullptr;
    const std::byte* data = nullptr;
    int64_t tokens = 0;
    RowOrder input;
    ProductTarget target;
};

class CpuBackend final : public Backend {
public:
    CpuBackend(ThreadPool& pool, CpuLevel level, InputTerms terms)
        : m_pool(pool), m_level(level), m_kernels(kernelsOf(level)), m_layout(pool.size(), terms) {}

    std::string name() const override { return format("CPU (%s, %d threads)", cpuLevelName(m_level), m_pool.size()); }

    WeightId addWeight(const WeightRows& rows, WeightUse use) override;
    WeightId addStreamedWeight(const WeightRows& rows) override { return addWeight(rows, WeightUse::Matmul); }
    BufferId addBuffer(const char* name, int64_t rows, int64_t cols) override;
    KvId addKv(const KvSpec& spec) override;
    RopeId addRope(const RopeSpec& spec) override;
    RouterId addRouter(const RouterSpec& spec) override;
    StateId addState(const DeltaNetSpec& spec) override;
    void prepare(int32_t maxRows) override;
    MemoryUse memory() const override;

    void begin(int32_t pos0) override;
    void embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) override;
    void rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) override;
    void matmul(View in, std::span<const Product> products) override;
    void route(RouterId router, View logits, WeightId scales) override;
    void expertMatmul(RouterId router, View in, std::span<const Product> products) override;
    void mixExperts(RouterId router, View in, View residual, View out) override;
    void rope(RopeId rope, View x, int32_t nHeads, int32_t headDim) override;
    void writeKv(KvId kv, View k, View v) override;
    void attention(const AttentionSpec& spec, View q, KvId kv, View out) override;
    void deltaNet(StateId state, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) override;
    void keepStates() override { copyStates(true); }
    void restoreStates() override { copyStates(false); }
    void gatedActivation(Activation activation, View gate, View up, View out) override;
    void copyColumns(View in, int32_t col0, View out) override;
    void dimRows(View gate, View x) override;
    void add(View a, View b, float scale, View out) override;
    void scale(View x, float scale, float cap) override;
    void topValues(View row, int32_t cols, int32_t k, View out) override;
    void finish() override;
    std::span<const float> read(View row) override;
    void write(View rows, std::span<const float> values) override;
    void setStop(std::stop_token stop) override { m_stop = std::move(stop); }

    Work work() const override { return m_layout.work(); }
    void resetWork() override { m_layout.resetWork(); }

private:
    float* rowOf(BufferId buffer, int64_t row) const {
        return m_buffers[std::size_t(buffer.index)] + row * m_layout.bufferCols(buffer);
    }
    float* first(View view) const {
        assert(view.buffer && view.row0 >= 0 && view.row0 + view.rows <= m_layout.bufferRows(view.buffer));
        return rowOf(view.buffer, view.row0);
    }
    const float* vectorOf(WeightId id) const {
        return id ? reinterpret_cast<const float*>(m_weights[std::size_t(id.index)].data()) : nullptr;
    }
    /// Whether the user stopped the batch: the remaining operations are skipped, finish() throws.
    bool stopped() { return m_canceled || (m_canceled = m_stop.stop_requested()); }
    /// f(begin, end) over rows, shared where they are worth it.
    template<class F>
    void forRows(int64_t rows, int64_t cols, F f) {
        constexpr int64_t kGrainValues = 8192;
        m_pool.forEach(rows, std::max<int64_t>(1, kGrainValues / std::max<int64_t>(cols, 1)),
                       [&](int64_t begin, int64_t end, int) { f(begin, end); });
    }
    const std::byte* storeWeight(const WeightRows& rows, const WeightPlan& plan);
    ProductTarget targetOf(const Product& product) const;
    /// Runs m_jobs, which all take rows of `in`.
    void runJobs(View in);
    void copyStates(bool aside);
    const RopeTable& ropeTable(RopeId id, int32_t rows);

    ThreadPool& m_pool;
    CpuLevel m_level;
    const Kernels& m_kernels;
    CpuLayout m_layout;
    Arena m_weightMemory, m_kvMemory, m_bufferMemory, m_scratchMemory;
    uint64_t m_mappedBytes = 0, m_fileRowBytes = 0;
    std::vector<CpuWeight> m_weights;
    std::vector<float*> m_buffers;
    std::vector<std::byte*> m_kvs;
    std::vector<float*> m_states; // each followed by the one set aside
    std::vector<RopeTable> m_ropes;
    std::vector<Routing> m_routings;
    std::vector<ProductJob> m_jobs; // of the operation under way
    QuantizedRows m_quantized;
    std::vector<float*> m_workerScratch;
    float* m_attentionStates = nullptr;
    std::stop_token m_stop;
    bool m_canceled = false;
};

} // namespace nibble
