// The CPU backend: computes each operation at once. Rows or weight panels are shared among the pool's threads; an
// operation too small to be worth waking them runs on the calling thread.
#include <algorithm>
#include <base/text.h>
#include <base/thread_pool.h>
#include <cassert>
#include <cmath>
#include <compute/cpu/attention.h>
#include <compute/cpu/kernels.h>
#include <compute/cpu/memory.h>
#include <cstring>
#include <nibble/error.h>

namespace nibble {

namespace {

constexpr int64_t kGrainValues = 8192;    // of elementwise operations
constexpr int64_t kGrainMacs = 96 * 1024; // of products

struct Weight {
    const std::byte* data = nullptr;
    std::shared_ptr<const void> owner; // of mapped rows
};

struct RopeTable {
    float* cos = nullptr; // (rows, frequencies), then sin alike
    float* sin = nullptr;
    int32_t rows = 0; // filled for rows [0, rows) of the current batch
};

class CpuBackend final : public Backend {
public:
    CpuBackend(ThreadPool& pool, CpuLevel level)
        : m_pool(pool), m_level(level), m_kernels(kernelsOf(level)), m_layout(pool.size()) {}

    std::string name() const override { return format("CPU (%s, %d threads)", cpuLevelName(m_level), m_pool.size()); }

    WeightId addWeight(const WeightRows& rows, WeightUse use) override;
    BufferId addBuffer(const char* name, int64_t rows, int64_t cols) override;
    KvId addKv(const KvSpec& spec) override;
    RopeId addRope(const RopeSpec& spec) override;
    void prepare(int32_t maxRows) override;
    MemoryUse memory() const override;

    void begin(int32_t pos0) override;
    void embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) override;
    void rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) override;
    void matmul(View in, std::span<const Product> products) override;
    void rope(RopeId rope, View x, int32_t nHeads, int32_t headDim) override;
    void writeKv(KvId kv, View k, View v) override;
    void attention(const AttentionSpec& spec, View q, KvId kv, View out) override;
    void gatedActivation(Activation activation, View gate, View up, View out) override;
    void add(View a, View b, float scale, View out) override;
    void scale(View x, float scale, float cap) override;
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
        return id ? reinterpret_cast<const float*>(m_weights[std::size_t(id.index)].data) : nullptr;
    }
    /// Whether the user stopped the batch: the remaining operations are skipped, finish() throws.
    bool stopped() { return m_canceled || (m_canceled = m_stop.stop_requested()); }
    /// f(begin, end) over rows, shared where they are worth it.
    template<class F>
    void forRows(int64_t rows, int64_t cols, F f) {
        m_pool.forEach(rows, std::max<int64_t>(1, kGrainValues / std::max<int64_t>(cols, 1)),
                       [&](int64_t begin, int64_t end, int) { f(begin, end); });
    }
    const std::byte* storeWeight(const WeightRows& rows, const WeightPlan& plan);
    void quantizeInput(const float* x, int64_t stride, int64_t rows, int64_t cols);
    const RopeTable& ropeTable(RopeId id, int32_t rows);

    ThreadPool& m_pool;
    CpuLevel m_level;
    const Kernels& m_kernels;
    CpuLayout m_layout;
    Arena m_weightMemory, m_kvMemory, m_bufferMemory, m_scratchMemory;
    uint64_t m_mappedBytes = 0;
    std::vector<Weight> m_weights;
    std::vector<float*> m_buffers;
    std::vector<std::byte*> m_kvs;
    std::vector<RopeTable> m_ropes;
    QuantizedRows m_quantized;
    std::vector<float*> m_workerScratch;
    float* m_attentionStates = nullptr;
    std::stop_token m_stop;
    bool m_canceled = false;
};

WeightId CpuBackend::addWeight(const WeightRows& rows, WeightUse use) {
    const WeightPlan plan = planWeight(rows, use);
    Weight weight;
    if (plan.mapped) {
        weight.data = rows.planes[0];
        weight.owner = rows.owner;
        m_mappedBytes += plan.bytes;
    } else {
        weight.data = storeWeight(rows, plan);
    }
    m_weights.push_back(std::move(weight));
    return m_layout.addWeight(plan);
}

const std::byte* CpuBackend::storeWeight(const WeightRows& rows, const WeightPlan& plan) {
    std::byte* data = m_weightMemory.allocate(plan.bytes, rows.name.c_str());
    if (plan.form == WeightForm::Vector) {
        for (int64_t r = 0; r < rows.rows; ++r) rows.decodeRow(r, reinterpret_cast<float*>(data) + r * rows.cols);
    } else if (plan.form == WeightForm::Packed) {
        m_pool.forEach(plan.packed.panels(), 1,
                       [&](int64_t begin, int64_t end, int) { packPanels(plan.packed, rows, data, begin, end); });
    } else {
        const uint64_t rowBytes = rows.rowBytes();
        for (int64_t r = 0; r < rows.rows; ++r) std::memcpy(data + uint64_t(r) * rowBytes, rows.row(r), rowBytes);
    }
    return data;
}

BufferId CpuBackend::addBuffer(const char* name, int64_t rows, int64_t cols) {
    const BufferId id = m_layout.addBuffer(rows, cols);
    m_buffers.push_back(reinterpret_cast<float*>(m_bufferMemory.allocate(m_layout.bufferBytes(id), name)));
    return id;
}

KvId CpuBackend::addKv(const KvSpec& spec) {
    const KvPlan plan = planKv(spec);
    m_kvs.push_back(m_kvMemory.allocate(plan.bytes, "KV cache"));
    return m_layout.addKv(plan);
}

RopeId CpuBackend::addRope(const RopeSpec& spec) {
    m_ropes.emplace_back();
    return m_layout.addRope(spec);
}

void CpuBackend::prepare(int32_t maxRows) {
    const ScratchPlan& plan = m_layout.prepare(maxRows);
    const uint64_t rows = uint64_t(maxRows), cols = uint64_t(plan.quantizedCols);
    m_quantized.codes = m_scratchMemory.allocateArray<int8_t>(rows * cols, "quantized activations");
    m_quantized.scales = m_scratchMemory.allocateArray<float>(rows * (cols / 32), "scales of activations");
    m_quantized.sums32 = m_scratchMemory.allocateArray<float>(rows * (cols / 32), "sums of activations");
    m_quantized.sums16 = m_scratchMemory.allocateArray<float>(rows * (cols / 16), "sums of activations");
    for (int i = 0; i < m_pool.size(); ++i)
        m_workerScratch.push_back(
            m_scratchMemory.allocateArray<float>(plan.workerFloats, "working memory of a thread"));
    m_attentionStates = m_scratchMemory.allocateArray<float>(plan.stateFloats, "attention results");
    for (std::size_t i = 0; i < m_ropes.size(); ++i) {
        m_ropes[i].cos = m_scratchMemory.allocateArray<float>(plan.ropeFloats[i], "rotary table");
        m_ropes[i].sin = m_ropes[i].cos + plan.ropeFloats[i] / 2;
    }
}

MemoryUse CpuBackend::memory() const {
    MemoryUse m;
    m.weights = m_weightMemory.allocatedBytes();
    m.mappedWeights = m_mappedBytes;
    m.kv = m_kvMemory.allocatedBytes();
    m.activations = m_bufferMemory.allocatedBytes();
    m.scratch = m_scratchMemory.allocatedBytes();
    return m;
}

void CpuBackend::begin(int32_t pos0) {
    assert(m_layout.scratch().maxRows > 0 && "prepare() comes first");
    m_layout.begin(pos0);
    m_canceled = false;
    for (RopeTable& table : m_ropes) table.rows = 0;
}

void CpuBackend::embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) {
    m_layout.countEmbed(table, int64_t(tokens.size()));
    if (stopped()) return;
    assert(int64_t(tokens.size()) == out.rows);
    const WeightPlan& plan = m_layout.weight(table);
    const std::byte* data = m_weights[std::size_t(table.index)].data;
    const Format& f = nibble::format(plan.format);
    float* to = first(out);
    const int64_t stride = m_layout.bufferCols(out.buffer);
    forRows(out.rows, plan.cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t token = tokens[std::size_t(i)];
            assert(token >= 0 && token < plan.rows);
            float* row = to + i * stride;
            if (plan.form == WeightForm::Packed)
                decodePackedRow(plan.packed, data, token, row);
            else
                f.decode(data + uint64_t(token) * f.rowBytes(plan.cols), row, plan.cols);
            if (scale != 1) m_kernels.scale(row, scale, 0, plan.cols);
        }
    });
}

void CpuBackend::rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) {
    m_layout.countElementwise(in, 2);
    if (stopped()) return;
    const float *from = first(in), *w = vectorOf(weight);
    float* to = first(out);
    const int64_t inStride = m_layout.bufferCols(in.buffer), outStride = m_layout.bufferCols(out.buffer);
    const int64_t cols = std::min(inStride, outStride);
    assert(cols % groupCols == 0);
    forRows(in.rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            for (int64_t g = 0; g < cols; g += groupCols)
                m_kernels.rmsNorm(from + i * inStride + g, w, eps, groupCols, to + i * outStride + g);
    });
}

void CpuBackend::quantizeInput(const float* x, int64_t stride, int64_t rows, int64_t cols) {
    m_quantized.cols = cols;
    forRows(rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) m_kernels.quantizeRow(x + i * stride, i, m_quantized);
    });
}

void CpuBackend::matmul(View in, std::span<const Product> products) {
    m_layout.countMatmul(in, products);
    if (stopped()) return;
    const float* x = first(in);
    const int64_t stride = m_layout.bufferCols(in.buffer), cols = m_layout.weight(products[0].weight).cols;
    // Panels of all products in one line, so that the threads share them without a wait in between.
    int64_t panels = 0;
    bool quantize = false;
    for (const Product& p : products) {
        const WeightPlan& w = m_layout.weight(p.weight);
        assert(w.cols == cols && w.form != WeightForm::Vector && (w.form == WeightForm::Packed || !w.quantized()));
        panels += (w.rows + kPanelRows - 1) / kPanelRows;
        quantize |= w.form == WeightForm::Packed;
    }
    if (quantize) quantizeInput(x, stride, in.rows, cols);

    const auto multiply = [&](int64_t begin, int64_t end, int worker) {
        for (const Product& p : products) {
            const WeightPlan& w = m_layout.weight(p.weight);
            const int64_t n = (w.rows + kPanelRows - 1) / kPanelRows;
            const int64_t from = std::max<int64_t>(begin, 0), to = std::min(end, n);
            begin -= n;
            end -= n;
            if (from >= to) continue;
            ProductTarget target;
            target.out = first(p.out);
            target.outStride = m_layout.bufferCols(p.out.buffer);
            target.bias = vectorOf(p.bias);
            if (p.residual.buffer) {
                target.residual = first(p.residual);
                target.residualStride = m_layout.bufferCols(p.residual.buffer);
            }
            const std::byte* data = m_weights[std::size_t(p.weight.index)].data;
            if (w.form == WeightForm::Packed)
                m_kernels.packedProduct(w.packed, data, from, to, m_quantized, in.rows, target,
                                        m_workerScratch[std::size_t(worker)]);
            else
                m_kernels.floatProduct(w.format, data, cols, from * kPanelRows, std::min(to * kPanelRows, w.rows), x,
                                       stride, in.rows, target, m_workerScratch[std::size_t(worker)]);
        }
    };
    // Tiles of many rows take two panels at a time.
    const int64_t grain = std::max<int64_t>(1, kGrainMacs / (kPanelRows * cols * in.rows));
    m_pool.forEach(panels, in.rows > 1 ? (grain + 1) / 2 * 2 : grain, multiply);
}

const RopeTable& CpuBackend::ropeTable(RopeId id, int32_t rows) {
    RopeTable& table = m_ropes[std::size_t(id.index)];
    if (table.rows >= rows) return table;
    const RopeSpec& spec = m_layout.rope(id);
    const auto n = int64_t(spec.frequencies.size());
    forRows(rows - table.rows, n * 32, [&](int64_t begin, int64_t end) {
        for (int64_t r = table.rows + begin; r < table.rows + end; ++r)
            for (int64_t i = 0; i < n; ++i) {
                const double angle = double(m_layout.pos0() + r) * double(spec.frequencies[std::size_t(i)]);
                table.cos[r * n + i] = float(std::cos(angle)) * spec.magnitude;
                table.sin[r * n + i] = float(std::sin(angle)) * spec.magnitude;
            }
    });
    table.rows = rows;
    return table;
}

void CpuBackend::rope(RopeId id, View x, int32_t nHeads, int32_t headDim) {
    m_layout.countElementwise(x, 2);
    if (stopped()) return;
    assert(x.row0 + x.rows <= m_layout.scratch().maxRows);
    const RopeSpec& spec = m_layout.rope(id);
    const auto n = int64_t(spec.frequencies.size());
    assert(2 * n <= headDim);
    const RopeTable& table = ropeTable(id, x.row0 + x.rows);
    float* values = first(x);
    const int64_t stride = m_layout.bufferCols(x.buffer);
    forRows(x.rows, int64_t(nHeads) * headDim, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            for (int64_t h = 0; h < nHeads; ++h)
                m_kernels.rope(spec.kind, values + i * stride + h * headDim, table.cos + (x.row0 + i) * n,
                               table.sin + (x.row0 + i) * n, n);
    });
}

void CpuBackend::writeKv(KvId id, View k, View v) {
    m_layout.countWriteKv(id, k);
    if (stopped()) return;
    const KvPlan& plan = m_layout.kv(id);
    const KvSpec& spec = plan.spec;
    std::byte* cache = m_kvs[std::size_t(id.index)];
    const float *keys = first(k), *values = first(v);
    const int64_t keyStride = m_layout.bufferCols(k.buffer), valueStride = m_layout.bufferCols(v.buffer);
    forRows(k.rows, int64_t(spec.nKvHeads) * (spec.keyDim + spec.valueDim), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            for (int64_t h = 0; h < spec.nKvHeads; ++h) {
                const int64_t slot = h * spec.capacity + (m_layout.pos0() + k.row0 + i) % spec.capacity;
                m_kernels.storeKv(spec.format, keys + i * keyStride + h * spec.keyDim, spec.keyDim,
                                  cache + uint64_t(slot) * plan.keyBytes);
                m_kernels.storeKv(spec.format, values + i * valueStride + h * spec.valueDim, spec.valueDim,
                                  cache + plan.valuesAt + uint64_t(slot) * plan.valueBytes);
            }
    });
}

void CpuBackend::attention(const AttentionSpec& spec, View q, KvId kv, View out) {
    m_layout.countAttention(spec, q, kv);
    if (stopped()) return;
    assert(spec.nHeads % spec.nKvHeads == 0);
    AttentionJob job;
    job.spec = &spec;
    job.kv = &m_layout.kv(kv);
    job.cache = m_kvs[std::size_t(kv.index)];
    job.q = first(q);
    job.qStride = m_layout.bufferCols(q.buffer);
    job.pos0 = m_layout.pos0() + q.row0;
    runAttention(m_kernels, m_pool, job, q.rows, vectorOf(spec.sinks), first(out), m_layout.bufferCols(out.buffer),
                 {m_attentionStates, m_workerScratch.data()});
}

void CpuBackend::gatedActivation(Activation activation, View gate, View up, View out) {
    m_layout.countElementwise(gate, 2);
    if (stopped()) return;
    const float *g = first(gate), *u = first(up);
    float* to = first(out);
    const int64_t gateStride = m_layout.bufferCols(gate.buffer), upStride = m_layout.bufferCols(up.buffer);
    const int64_t outStride = m_layout.bufferCols(out.buffer), cols = std::min({gateStride, upStride, outStride});
    forRows(gate.rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            m_kernels.gated(activation, g + i * gateStride, u + i * upStride, to + i * outStride, cols);
    });
}

void CpuBackend::add(View a, View b, float scale, View out) {
    m_layout.countElementwise(a, 1);
    if (stopped()) return;
    const float *x = first(a), *y = first(b);
    float* to = first(out);
    const int64_t aStride = m_layout.bufferCols(a.buffer), bStride = m_layout.bufferCols(b.buffer);
    const int64_t outStride = m_layout.bufferCols(out.buffer), cols = std::min({aStride, bStride, outStride});
    forRows(a.rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            m_kernels.add(x + i * aStride, y + i * bStride, scale, to + i * outStride, cols);
    });
}

void CpuBackend::scale(View x, float factor, float cap) {
    m_layout.countElementwise(x, 1);
    if (stopped()) return;
    float* values = first(x);
    const int64_t cols = m_layout.bufferCols(x.buffer);
    forRows(x.rows, cols, [&](int64_t begin, int64_t end) {
        m_kernels.scale(values + begin * cols, factor, cap, (end - begin) * cols);
    });
}

void CpuBackend::finish() {
    if (stopped()) throw Error(ErrorKind::Canceled, "Stopped.");
}

void CpuBackend::write(View rows, std::span<const float> values) {
    assert(int64_t(values.size()) == rows.rows * m_layout.bufferCols(rows.buffer));
    std::ranges::copy(values, first(rows));
}

std::span<const float> CpuBackend::read(View row) {
    return {first(row), std::size_t(m_layout.bufferCols(row.buffer) * row.rows)};
}

} // namespace

std::unique_ptr<Backend> makeCpuBackend(ThreadPool& pool, CpuLevel level) {
    return std::make_unique<CpuBackend>(pool, level);
}

} // namespace nibble
