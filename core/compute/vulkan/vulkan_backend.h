// The Vulkan backend: setup in vulkan_setup.cpp, operations in vulkan_operations.cpp. Every operation records the
// dispatches of its kernels; what is small and changes with every batch (position, tokens, rotary tables) lies in the
// step buffer, so that the recorded commands of a decode step stay the same.
#pragma once

#include <compute/vulkan/record_products.h>
#include <compute/vulkan/transfers.h>
#include <compute/vulkan/vulkan_layout.h>
#include <map>

namespace nibble {

class ThreadPool;

class VulkanBackend final : public Backend {
public:
    VulkanBackend(ThreadPool& pool, std::shared_ptr<Instance> instance, const PhysicalDevice& device,
                  const VulkanOptions& options);
    ~VulkanBackend() override { m_gpu.drain(); }

    std::string name() const override { return "Vulkan (" + m_gpu.physical().info.name + ")"; }

    WeightId addWeight(const WeightRows& rows, WeightUse use) override;
    WeightId addStreamedWeight(const WeightRows& rows) override;
    BufferId addBuffer(const char* name, int64_t rows, int64_t cols) override;
    KvId addKv(const KvSpec& spec) override;
    RopeId addRope(const RopeSpec& spec) override { return m_layout.addRope(spec); }
    RouterId addRouter(const RouterSpec& spec) override { return m_layout.addRouter(spec); }
    StateId addState(const DeltaNetSpec& spec) override;
    void prepare(int32_t maxRows) override;
    MemoryUse memory() const override;
    MemoryUse deviceMemory() const override { return memory(); }

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
    void keepStates() override { copyStates(&State::now, &State::aside); }
    void restoreStates() override { copyStates(&State::aside, &State::now); }
    void gatedActivation(Activation activation, View gate, View up, View out) override;
    void copyColumns(View in, int32_t col0, View out) override;
    void dimRows(View gate, View x) override;
    void add(View a, View b, float scale, View out) override;
    void scale(View x, float scale, float cap) override;
    void topValues(View row, int32_t cols, int32_t k, View out) override;
    void finish() override;
    std::span<const float> read(View row) override;
    void write(View rows, std::span<const float> values) override;
    void setStop(std::stop_token stop) override;

    Work work() const override;
    Work deviceWork() const override { return work(); }
    void resetWork() override;

    Pipelines& pipelines() { return m_pipelines; }

private:
    struct Kv {
        Range keys, values;
    };
    /// Room for a streamed weight, and which one it is.
    struct StreamSlot {
        Range memory;
        WeightId weight;
    };
    /// The state of a layer that is a delta net: DeltaNetSpec::historyFloats() and matrixFloats().
    struct StateRanges {
        Range history, matrices;
    };
    struct State {
        StateRanges now, aside;
    };
    // Setup.
    void prefetch(const KernelCall& call);
    /// The kernels that a weight of such a layout needs.
    void prefetchKernels(const GpuLayout& layout, WeightUse use);
    void prefetchOperations();
    void uploadVector(const WeightRows& rows, const Range& to);
    void uploadMatrix(const WeightRows& rows, const GpuLayout& layout, const Range& to);
    /// `bytes` of the arena, or a few where nothing is needed: bindings are never empty.
    Range allocateScratch(GpuArena& arena, uint64_t bytes, const char* what);

    // Operations.
    /// The recorder, in the batch; `rows` of its first operation decide whether it is worth keeping.
    Recorder& recorder(int32_t rows);
    GpuRows rowsOf(View view) const;
    uint32_t colsOf(View view) const { return uint32_t(m_layout.bufferCols(view.buffer)); }
    const Range& weightOf(WeightId id) const { return m_weights[std::size_t(id.index)]; }
    /// The same of a streamed weight, behind all that was recorded so far: valid until two more have been asked for.
    Range streamedWeight(WeightId id);
    /// The vector, or something to bind where there is none.
    const Range& vectorOf(WeightId id) const { return id ? weightOf(id) : m_step; }
    uint32_t* stepWords() const { return reinterpret_cast<uint32_t*>(m_step.mapped); }
    /// Rows that an operation is about to write.
    GpuRows targetOf(View view);
    /// Whether scratch holds the quantized form of `view`: its last writer or an earlier product put it there.
    bool isQuantized(View view) const;
    /// Of the kernels that quantize what they write.
    std::array<uint32_t, 1> termsConstant() const { return {uint32_t(m_tuning.terms)}; }
    bool shouldQuantize(const GpuRows& to, std::initializer_list<uint32_t> strides) const;
    void recordProducts(View in, std::span<const Product> products, const ExpertSlots* experts = nullptr,
                        const Range& routing = {});
    void recordTogether(View in, std::span<const Product> products, const ExpertSlots* experts, const Range& routing);
    /// The routing of the batch's `tokens`.
    ExpertSlots slotsOf(RouterId id, int32_t tokens) const;
    void fillRope(RopeId id, int32_t rows);
    /// embed() of a table whose rows stay in the file.
    void embedFileRows(WeightId table, std::span<const int32_t> tokens, View out, float scale);
    /// A batch of its own.
    void copyStates(StateRanges State::*from, StateRanges State::*to);
    void recordCopy(const GpuRows& from, uint32_t col0, const GpuRows& to);
    struct Turn {
        RopeId rope;
        View x;
        int32_t nHeads = 0, headDim = 0;
    };
    /// Part of the kernels' push constants: shaders/rope.comp.
    struct TurnPush {
        uint32_t aFirst, aStride, aHeads, bFirst, bStride, bHeads, headDim, pairs, tableFirst;
    };
    TurnPush turnPush(const Turn& a, const Turn& b);
    /// Whether attention_reduce also quantizes these results.
    bool reduceQuantizes(const AttentionSpec& spec, const GpuRows& to) const;
    /// Beside a prompt of so many keys: the kernels for the single tokens that follow.
    void prefetchAttention(const AttentionSpec& spec, const KvSpec& cache, int32_t keys, GpuRows to);
    /// Records what rope() left waiting.
    void recordTurns();
    /// The same with writeKv(), where one kernel can do both.
    bool recordTurnsAndKv(KvId id, View k, View v);

    ThreadPool& m_pool;
    bool m_mappedResults;
    Gpu m_gpu;
    Pipelines m_pipelines;
    Recorder m_recorder;
    Transfers m_transfers;
    VulkanLayout m_layout;
    ProductTuning m_tuning;
    std::stop_token m_stop;

    GpuArena m_weightMemory, m_kvMemory, m_bufferMemory;
    std::unique_ptr<GpuArena> m_scratchMemory, m_stepMemory; // made anew by prepare()
    std::vector<Range> m_weights, m_buffers;
    std::vector<Kv> m_kvs;
    std::vector<State> m_states;
    std::map<int32_t, WeightRows> m_fileTables; // by weight, as are
    std::map<int32_t, WeightRows> m_streamed;
    std::array<StreamSlot, 2> m_streamSlots;
    std::size_t m_nextSlot = 0;
    std::vector<std::vector<float>> m_decodedRows; // of them, one a thread
    Range m_step, m_fileRows, m_quantized, m_attentionParts;
    std::vector<Range> m_routings; // by router

    bool m_started = false;      // the batch has an operation
    std::array<Turn, 2> m_turns; // of rope(), not recorded yet
    std::size_t m_turnCount = 0;
    View m_quantizedView;                      // whose quantized form is in m_quantized; none: nobody's
    uint32_t m_tokensUsed = 0;                 // words of the step buffer
    uint32_t m_fileRowsUsed = 0;               // floats of m_fileRows
    int32_t m_routedTokens = 0;                // that route() saw last
    std::vector<int32_t> m_ropeRows;           // filled so far, by rope
    std::vector<std::vector<float>> m_results; // by buffer: rows that were read, where the host cannot see them
    Recorder::Counts m_countsAtReset;
};

} // namespace nibble
