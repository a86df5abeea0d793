#include <algorithm>
#include <cmath>
#include <compute/cpu/attention.h>
#include <compute/cpu/cpu_backend.h>
#include <compute/cpu/delta_net.h>
#include <cstring>
#include <nibble/error.h>

namespace nibble {

WeightId CpuBackend::addWeight(const WeightRows& rows, WeightUse use) {
    const WeightPlan plan = planWeight(rows, use);
    CpuWeight weight;
    if (plan.mapped) {
        weight.planes = rows.planes;
        weight.owner = rows.owner;
        (plan.fileRows ? m_fileRowBytes : m_mappedBytes) += plan.bytes;
    } else {
        const std::byte* data = storeWeight(rows, plan);
        for (int64_t p = 0; p < plan.planes; ++p) weight.planes.push_back(data + uint64_t(p) * plan.planeBytes);
    }
    m_weights.push_back(std::move(weight));
    return m_layout.addWeight(plan);
}

const std::byte* CpuBackend::storeWeight(const WeightRows& rows, const WeightPlan& plan) {
    std::byte* data = m_weightMemory.allocate(plan.bytes, rows.name.c_str());
    if (plan.form == WeightForm::Vector) {
        for (int64_t r = 0; r < rows.rows; ++r) rows.decodeRow(r, reinterpret_cast<float*>(data) + r * rows.cols);
        return data;
    }
    const uint64_t rowBytes = rows.rowBytes();
    for (int plane = 0; plane < int(plan.planes); ++plane) {
        std::byte* to = data + uint64_t(plane) * plan.planeBytes;
        if (plan.form == WeightForm::Packed)
            m_pool.forEach(plan.packed.panels(), 1, [&](int64_t begin, int64_t end, int) {
                packPanels(plan.packed, rows, to, begin, end, plane);
            });
        else
            m_pool.forEach(rows.rows, 64, [&](int64_t begin, int64_t end, int) {
                rows.copyRows(begin, end - begin, to + uint64_t(begin) * rowBytes, plane);
            });
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

RouterId CpuBackend::addRouter(const RouterSpec& spec) {
    m_routings.emplace_back();
    return m_layout.addRouter(spec);
}

StateId CpuBackend::addState(const DeltaNetSpec& spec) {
    auto* state = reinterpret_cast<float*>(m_kvMemory.allocate(stateBytes(spec), "recurrent state"));
    std::fill_n(state, 2 * spec.stateFloats(), 0.0f);
    m_states.push_back(state);
    return m_layout.addState(spec);
}

void CpuBackend::prepare(int32_t maxRows) {
    const ScratchPlan& plan = m_layout.prepare(maxRows);
    const uint64_t rows = uint64_t(maxRows), cols = uint64_t(plan.quantizedCols);
    m_quantized.terms = m_layout.terms();
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
    int32_t experts = 1;
    for (std::size_t i = 0; i < m_routings.size(); ++i) {
        const RouterSpec& spec = m_layout.router({int32_t(i)});
        const int64_t slots = int64_t(maxRows) * spec.used;
        Routing& routing = m_routings[i];
        routing.starts = m_scratchMemory.allocateArray<int32_t>(plan.routerWords[i], "choice of experts");
        routing.chosen = routing.starts + spec.experts + 1;
        routing.order = routing.chosen + slots;
        routing.tokens = routing.order + slots;
        routing.weights = reinterpret_cast<float*>(routing.tokens + slots);
        experts = std::max(experts, spec.experts);
    }
    m_jobs.reserve(std::size_t(experts) * kMaxProducts);
}

MemoryUse CpuBackend::memory() const {
    MemoryUse m;
    m.weights = m_weightMemory.allocatedBytes();
    m.mappedWeights = m_mappedBytes;
    m.kv = m_kvMemory.allocatedBytes();
    m.activations = m_bufferMemory.allocatedBytes();
    m.scratch = m_scratchMemory.allocatedBytes();
    m.fileRows = m_fileRowBytes;
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
    const std::byte* data = m_weights[std::size_t(table.index)].data();
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

const RopeTable& CpuBackend::ropeTable(RopeId id, int32_t rows) {
    RopeTable& table = m_ropes[std::size_t(id.index)];
    if (table.rows >= rows) return table;
    const RopeSpec& spec = m_layout.rope(id);
    const auto n = int64_t(spec.frequencies.size());
    forRows(rows - table.rows, n * 32, [&](int64_t begin, int64_t end) {
        for (int64_t r = table.rows + begin; r < table.rows + end; ++r) {
            const int64_t position = m_layout.pos0() + r;
            const float magnitude = spec.magnitudeAt(position);
            for (int64_t i = 0; i < n; ++i) {
                const double angle = double(position) * double(spec.frequencies[std::size_t(i)]);
                table.cos[r * n + i] = float(std::cos(angle)) * magnitude;
                table.sin[r * n + i] = float(std::sin(angle)) * magnitude;
            }
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

void CpuBackend::deltaNet(StateId id, const DeltaNetWeights& weights, View qkv, View alpha, View beta, View out) {
    m_layout.countDeltaNet(id, qkv);
    if (stopped()) return;
    const DeltaNetSpec& spec = m_layout.state(id);
    assert(m_layout.bufferCols(qkv.buffer) >= spec.channels() && alpha.rows == qkv.rows && beta.rows == qkv.rows);
    DeltaNetJob job;
    job.spec = &spec;
    job.taps = vectorOf(weights.taps);
    job.decay = vectorOf(weights.decay);
    job.step = vectorOf(weights.step);
    job.state = m_states[std::size_t(id.index)];
    job.tokens = qkv.rows;
    job.qkv = first(qkv);
    job.alpha = first(alpha);
    job.beta = first(beta);
    job.out = first(out);
    job.qkvStride = m_layout.bufferCols(qkv.buffer);
    job.gateStride = m_layout.bufferCols(alpha.buffer);
    job.outStride = m_layout.bufferCols(out.buffer);
    if (m_layout.pos0() + qkv.row0 == 0) std::fill_n(job.state, spec.stateFloats(), 0.0f);
    runDeltaNet(m_kernels, m_pool, job);
}

void CpuBackend::copyStates(bool aside) {
    for (std::size_t i = 0; i < m_states.size(); ++i) {
        const int64_t n = m_layout.state({int32_t(i)}).stateFloats();
        std::copy_n(m_states[i] + (aside ? 0 : n), n, m_states[i] + (aside ? n : 0));
    }
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

void CpuBackend::copyColumns(View in, int32_t col0, View out) {
    m_layout.countElementwise(out, 0);
    if (stopped()) return;
    const int64_t inStride = m_layout.bufferCols(in.buffer), cols = m_layout.bufferCols(out.buffer);
    assert(in.rows == out.rows && col0 >= 0 && col0 + cols <= inStride);
    const float* from = first(in) + col0;
    float* to = first(out);
    forRows(out.rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) std::copy_n(from + i * inStride, cols, to + i * cols);
    });
}

void CpuBackend::dimRows(View gate, View x) {
    m_layout.countElementwise(x, 1);
    if (stopped()) return;
    const int64_t cols = m_layout.bufferCols(x.buffer);
    assert(gate.rows == x.rows && m_layout.bufferCols(gate.buffer) == 1);
    const float* gates = first(gate);
    float* to = first(x);
    forRows(x.rows, cols, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) m_kernels.scale(to + i * cols, 1 / (1 + std::exp(-gates[i])), 0, cols);
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

void CpuBackend::topValues(View row, int32_t cols, int32_t k, View out) {
    m_layout.countElementwise(row, 1);
    if (stopped()) return;
    assert(k >= 1 && k <= kMostTopValues && k <= cols && cols <= m_layout.bufferCols(row.buffer));
    const float* values = first(row);
    float* best = first(out);
    const auto isLess = [](float a, float b) { return a < b || (std::isnan(a) && !std::isnan(b)); };
    for (int32_t col = 0, n = 0; col < cols; ++col) {
        if (n == k && !isLess(best[2 * (k - 1)], values[col])) continue;
        if (n < k) ++n;
        int32_t at = n - 1;
        for (; at > 0 && isLess(best[2 * (at - 1)], values[col]); --at)
            std::copy_n(best + 2 * (at - 1), 2, best + 2 * at);
        best[2 * at] = values[col];
        best[2 * at + 1] = float(col);
    }
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

std::unique_ptr<Backend> makeCpuBackend(ThreadPool& pool, CpuLevel level, InputTerms terms) {
    return std::make_unique<CpuBackend>(pool, level, terms);
}

} // namespace nibble
