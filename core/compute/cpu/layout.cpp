#include <algorithm>
#include <cassert>
#include <cmath>
#include <compute/cpu/delta_net.h>
#include <compute/cpu/layout.h>
#include <compute/cpu/memory.h>

namespace nibble {

WeightPlan planWeight(const WeightRows& rows, WeightUse use) {
    assert(rows.planes.size() == 1 || use == WeightUse::Matmul);
    WeightPlan p;
    p.planes = int64_t(rows.planes.size());
    p.format = rows.format;
    p.rows = rows.rows;
    p.cols = rows.cols;
    if (use == WeightUse::Vector) {
        p.form = WeightForm::Vector;
        p.bytes = Arena::roundedBytes(uint64_t(rows.rows * rows.cols) * sizeof(float));
    } else if (p.quantized() && use != WeightUse::Embedding && use != WeightUse::FileRows) {
        p.form = WeightForm::Packed;
        p.packed = packedLayout(format(rows.format), rows.rows, rows.cols);
        p.planeBytes = p.packed.bytes();
        p.bytes = Arena::roundedBytes(p.planeBytes * uint64_t(p.planes));
    } else {
        p.form = WeightForm::Rows;
        p.mapped = rows.owner != nullptr && rows.inPlace();
        p.fileRows = p.mapped && use == WeightUse::FileRows;
        p.planeBytes = rows.rowBytes() * uint64_t(rows.rows);
        p.bytes = p.planeBytes * uint64_t(p.planes);
        if (!p.mapped) p.bytes = Arena::roundedBytes(p.bytes);
    }
    return p;
}

KvPlan planKv(const KvSpec& spec) {
    const auto rowBytes = [&](int dim) {
        if (spec.format == KvFormat::Q8_0) return uint64_t(dim + 31) / 32 * 34;
        return uint64_t(dim) * (spec.format == KvFormat::F16 ? 2 : 4);
    };
    KvPlan p;
    p.spec = spec;
    p.keyBytes = rowBytes(spec.keyDim);
    p.valueBytes = rowBytes(spec.valueDim);
    const uint64_t slots = uint64_t(spec.capacity) * uint64_t(spec.nKvHeads);
    p.valuesAt = Arena::roundedBytes(slots * p.keyBytes);
    p.bytes = Arena::roundedBytes(p.valuesAt + slots * p.valueBytes);
    return p;
}

uint64_t stateBytes(const DeltaNetSpec& spec) {
    return Arena::roundedBytes(2 * uint64_t(spec.stateFloats()) * sizeof(float));
}

uint64_t ScratchPlan::bytes(int threads) const {
    const uint64_t rows = uint64_t(maxRows), cols = uint64_t(quantizedCols);
    uint64_t total = Arena::roundedBytes(rows * cols);        // codes of the activations
    total += 2 * Arena::roundedBytes(rows * (cols / 32) * 4); // their scales, sums of 32
    total += Arena::roundedBytes(rows * (cols / 16) * 4);     // sums of 16
    total += uint64_t(threads) * Arena::roundedBytes(workerFloats * 4);
    total += Arena::roundedBytes(stateFloats * 4);
    for (uint64_t floats : ropeFloats) total += Arena::roundedBytes(floats * 4);
    for (uint64_t words : routerWords) total += Arena::roundedBytes(words * 4);
    return total;
}

WeightId CpuLayout::addWeight(const WeightPlan& plan) {
    m_weights.push_back(plan);
    return {int32_t(m_weights.size()) - 1};
}

BufferId CpuLayout::addBuffer(int64_t rows, int64_t cols) {
    m_buffers.push_back({rows, cols});
    return {int32_t(m_buffers.size()) - 1};
}

KvId CpuLayout::addKv(const KvPlan& plan) {
    m_kvs.push_back(plan);
    return {int32_t(m_kvs.size()) - 1};
}

RopeId CpuLayout::addRope(const RopeSpec& spec) {
    m_ropes.push_back(spec);
    return {int32_t(m_ropes.size()) - 1};
}

RouterId CpuLayout::addRouter(const RouterSpec& spec) {
    assert(spec.used > 0 && spec.used <= spec.experts);
    m_routers.push_back(spec);
    return {int32_t(m_routers.size()) - 1};
}

StateId CpuLayout::addState(const DeltaNetSpec& spec) {
    m_states.push_back(spec);
    return {int32_t(m_states.size()) - 1};
}

const ScratchPlan& CpuLayout::prepare(int32_t maxRows) {
    ScratchPlan& s = m_scratch;
    s = {};
    s.maxRows = maxRows;
    int64_t used = 1;
    for (const RouterSpec& r : m_routers) {
        used = std::max<int64_t>(used, r.used);
        s.routerWords.push_back(routerWords(r, maxRows));
    }
    for (const WeightPlan& w : m_weights)
        if (w.form == WeightForm::Packed) // experts may take in a row a slot
            s.quantizedCols = std::max(s.quantizedCols, (w.planes > 1 ? w.cols * used : w.cols) * m_terms);
    for (const KvPlan& kv : m_kvs) {
        s.keyDim = std::max(s.keyDim, kv.spec.keyDim);
        s.valueDim = std::max(s.valueDim, kv.spec.valueDim);
    }
    if (!m_kvs.empty()) {
        s.workerFloats = uint64_t(attentionTileFloats(s.keyDim, s.valueDim));
        s.stateFloats = uint64_t(m_threads) * kMaxParts * uint64_t(attentionStateFloats(s.valueDim));
    }
    s.workerFloats = std::max(s.workerFloats, kMatmulScratch / sizeof(float));
    for (const RopeSpec& r : m_ropes) s.ropeFloats.push_back(uint64_t(maxRows) * r.frequencies.size() * 2);
    return s;
}

uint64_t CpuLayout::bufferBytes(BufferId id) const {
    return Arena::roundedBytes(uint64_t(bufferRows(id)) * uint64_t(bufferCols(id)) * sizeof(float));
}

MemoryUse CpuLayout::memory() const {
    MemoryUse m;
    for (const WeightPlan& w : m_weights) (w.fileRows ? m.fileRows : w.mapped ? m.mappedWeights : m.weights) += w.bytes;
    for (const KvPlan& kv : m_kvs) m.kv += kv.bytes;
    for (const DeltaNetSpec& state : m_states) m.kv += stateBytes(state);
    for (std::size_t i = 0; i < m_buffers.size(); ++i) m.activations += bufferBytes({int32_t(i)});
    if (m_scratch.maxRows > 0) m.scratch = m_scratch.bytes(m_threads);
    return m;
}

void CpuLayout::countEmbed(WeightId table, int64_t tokens) {
    const WeightPlan& w = weight(table);
    m_work.weightBytes += double(tokens) * double(w.bytes) / double(std::max<int64_t>(w.rows, 1));
    ++m_work.dispatches;
}

void CpuLayout::countElementwise(View view, double macsPerValue) {
    m_work.macs += macsPerValue * view.rows * double(bufferCols(view.buffer));
    ++m_work.dispatches;
}

void CpuLayout::countMatmul(View in, std::span<const Product> products) {
    for (const Product& p : products) {
        const WeightPlan& w = weight(p.weight);
        m_work.macs += double(in.rows) * double(w.rows) * double(w.cols);
        m_work.weightBytes += double(w.bytes);
    }
    ++m_work.dispatches;
}

void CpuLayout::countExpertMatmul(std::span<const Product> products, double experts) {
    for (const Product& p : products) {
        const WeightPlan& w = weight(p.weight);
        m_work.macs += double(p.out.rows) * double(w.rows) * double(w.cols);
        m_work.weightBytes += experts * double(w.planeBytes);
    }
    ++m_work.dispatches;
}

void CpuLayout::countWriteKv(KvId id, View k) {
    const KvPlan& plan = kv(id);
    m_work.kvBytes += double(k.rows) * plan.spec.nKvHeads * double(plan.keyBytes + plan.valueBytes);
    ++m_work.dispatches;
}

void CpuLayout::countAttention(const AttentionSpec& spec, View q, KvId id) {
    const KvPlan& plan = kv(id);
    double keys = 0; // query-key pairs
    for (int32_t i = 0; i < q.rows; ++i) {
        const int32_t visible = m_pos0 + q.row0 + i + 1;
        keys += spec.window > 0 ? std::min(visible, spec.window) : visible;
    }
    m_work.macs += keys * spec.nHeads * (spec.keyDim + spec.valueDim);
    const int32_t end = m_pos0 + q.row0 + q.rows;
    const int32_t begin = spec.window > 0 ? std::max(0, m_pos0 + q.row0 + 1 - spec.window) : 0;
    m_work.kvBytes += double(end - begin) * spec.nKvHeads * double(plan.keyBytes + plan.valueBytes);
    ++m_work.dispatches;
}

void CpuLayout::countDeltaNet(StateId id, View qkv) {
    const DeltaNetSpec& spec = state(id);
    m_work.macs += qkv.rows * (double(spec.channels()) * spec.taps + 3 * double(spec.matrixFloats()));
    m_work.kvBytes += 2 * sizeof(float) * double(spec.stateFloats()); // it stays in the processor's caches for a batch
    ++m_work.dispatches;
}

} // namespace nibble
