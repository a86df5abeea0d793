#include <algorithm>
#include <cassert>
#include <cmath>
#include <compute/vulkan/vulkan_backend.h>
#include <cstring>

namespace nibble {

namespace {

uint32_t groupsOf(int64_t work, uint32_t each) { return uint32_t((work + each - 1) / each); }
// Values a workgroup of the kernels covers in x.
constexpr uint32_t kElementwise = 128, kPairs = 64, kUnits = 64;

} // namespace

Recorder& VulkanBackend::recorder(int32_t rows) {
    if (!m_started) m_recorder.begin(rows == 1);
    m_started = true;
    return m_recorder;
}

GpuRows VulkanBackend::rowsOf(View view) const {
    assert(view.buffer && view.row0 >= 0 && view.row0 + view.rows <= m_layout.bufferRows(view.buffer));
    const uint32_t cols = colsOf(view);
    return {m_buffers[std::size_t(view.buffer.index)], uint32_t(view.row0) * cols, cols, uint32_t(view.rows)};
}

void VulkanBackend::begin(int32_t pos0) {
    assert(m_layout.scratch().maxRows > 0 && "prepare() comes first");
    m_layout.begin(pos0);
    stepWords()[0] = uint32_t(pos0);
    m_tokensUsed = 0;
    std::ranges::fill(m_ropeRows, 0);
    m_started = false;
}

void VulkanBackend::embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) {
    m_layout.countEmbed(table, int64_t(tokens.size()));
    const VulkanWeight& w = m_layout.weight(table);
    const VulkanScratch& plan = m_layout.scratch();
    Recorder& r = recorder(out.rows);
    const auto count = uint32_t(tokens.size());
    assert(w.layout && count <= plan.step.tokens);
    if (m_tokensUsed + count > plan.step.tokens) {
        r.flush();
        m_tokensUsed = 0;
    }
    const uint32_t tokensAt = StepPlan::kTokensAt + m_tokensUsed;
    std::memcpy(stepWords() + tokensAt, tokens.data(), tokens.size_bytes());
    m_tokensUsed += count;

    struct Where {
        uint32_t cols, row0, rows, tokensAt, outFirst, outStride;
        float scale;
    };
    struct Quantized {
        uint32_t high, scales, mins, d, dmin;
        Where where;
    };
    const GpuRows to = rowsOf(out);
    const auto cols = uint32_t(w.cols);
    for (const GpuSlice& slice : w.layout->slices) {
        Range weight = weightOf(table);
        weight.offset += slice.offset;
        weight.bytes = slice.bytes;
        const Range ranges[] = {weight, m_step, to.range};
        const Where where{cols, uint32_t(slice.row0), uint32_t(slice.rows), tokensAt, to.first, to.stride, scale};
        const double cost = double(count) * cols;
        if (w.layout->quantized()) {
            r.dispatch("embed", affineConstants(*w.layout), ranges,
                       Quantized{slice.high, slice.scales, slice.mins, slice.d, slice.dmin, where},
                       {groupsOf(cols, 4 * kUnits), count, 1}, cost);
        } else {
            const uint32_t type = w.format == FormatId::F32 ? 0 : w.format == FormatId::F16 ? 1 : 2;
            r.dispatch("embed_float", std::array{type}, ranges, where, {groupsOf(cols, kUnits), count, 1}, cost);
        }
    }
}

void VulkanBackend::rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) {
    m_layout.countElementwise(in, 2);
    struct Push {
        uint32_t inFirst, inStride, outFirst, outStride, cols, hasWeight;
        float eps;
    };
    const GpuRows from = rowsOf(in), to = rowsOf(out);
    const uint32_t cols = std::min(from.stride, to.stride), group = uint32_t(groupCols);
    assert(cols % group == 0);
    const Range ranges[] = {from.range, vectorOf(weight), to.range};
    recorder(in.rows).dispatch("rms_norm", {}, ranges,
                               Push{from.first, from.stride, to.first, to.stride, group, weight ? 1u : 0u, eps},
                               {cols / group, from.rows, 1}, 2.0 * cols * from.rows);
}

void VulkanBackend::matmul(View in, std::span<const Product> products) {
    m_layout.countMatmul(in, products);
    std::array<GpuProduct, 8> list;
    assert(products.size() <= list.size());
    for (std::size_t i = 0; i < products.size(); ++i) {
        const Product& p = products[i];
        list[i].layout = &*m_layout.weight(p.weight).layout;
        list[i].weight = weightOf(p.weight);
        list[i].out = rowsOf(p.out);
        if (p.bias) list[i].bias = weightOf(p.bias);
        if (p.residual.buffer) list[i].residual = rowsOf(p.residual);
    }
    recordProducts(recorder(in.rows), m_tuning, rowsOf(in), m_layout.weight(products[0].weight).cols, m_quantized,
                   std::span(list).first(products.size()));
}

/// The host computes the batch's angles in double precision: positions are too large for f32.
void VulkanBackend::fillRope(RopeId id, int32_t rows) {
    int32_t& filled = m_ropeRows[std::size_t(id.index)];
    const RopeSpec& spec = m_layout.rope(id);
    const std::size_t n = spec.frequencies.size();
    auto* table = reinterpret_cast<float*>(stepWords() + m_layout.scratch().step.ropeAt[std::size_t(id.index)]);
    for (; filled < rows; ++filled)
        for (std::size_t i = 0; i < n; ++i) {
            const double angle = double(m_layout.pos0() + filled) * double(spec.frequencies[i]);
            float* turn = table + (std::size_t(filled) * n + i) * 2;
            turn[0] = float(std::cos(angle)) * spec.magnitude;
            turn[1] = float(std::sin(angle)) * spec.magnitude;
        }
}

void VulkanBackend::rope(RopeId id, View x, int32_t nHeads, int32_t headDim) {
    m_layout.countElementwise(x, 2);
    struct Push {
        uint32_t first, stride, heads, headDim, pairs, tableFirst;
    };
    const RopeSpec& spec = m_layout.rope(id);
    const auto pairs = uint32_t(spec.frequencies.size());
    const uint32_t tableAt = m_layout.scratch().step.ropeAt[std::size_t(id.index)];
    assert(x.row0 + x.rows <= m_layout.scratch().maxRows && int32_t(2 * pairs) <= headDim);
    fillRope(id, x.row0 + x.rows);
    const GpuRows rows = rowsOf(x);
    const Range ranges[] = {rows.range, m_step, rows.range};
    const uint32_t heads = uint32_t(nHeads);
    recorder(x.rows).dispatch(
        "rope", std::array{spec.kind == RopeKind::Neox ? 1u : 0u}, ranges,
        Push{rows.first, rows.stride, heads, uint32_t(headDim), pairs, tableAt / 2 + uint32_t(x.row0) * pairs},
        {groupsOf(int64_t(heads) * pairs, kPairs), rows.rows, 1}, 4.0 * heads * pairs * rows.rows);
}

void VulkanBackend::writeKv(KvId id, View k, View v) {
    m_layout.countWriteKv(id, k);
    struct Push {
        uint32_t keyFirst, keyStride, valueFirst, valueStride, row0;
        uint32_t heads, keyDim, valueDim, capacity;
    };
    const KvSpec& spec = m_layout.kv(id).spec;
    const Kv& kv = m_kvs[std::size_t(id.index)];
    const GpuRows keys = rowsOf(k), values = rowsOf(v);
    const uint32_t unit = spec.format == KvFormat::Q8_0 ? 32 : 4;
    const int64_t units = int64_t(groupsOf(std::max(spec.keyDim, spec.valueDim), unit)) * spec.nKvHeads;
    const Range ranges[] = {keys.range, values.range, m_step, kv.keys, kv.values};
    recorder(k.rows).dispatch("kv_write", std::array{uint32_t(spec.format)}, ranges,
                              Push{keys.first, keys.stride, values.first, values.stride, uint32_t(k.row0),
                                   uint32_t(spec.nKvHeads), uint32_t(spec.keyDim), uint32_t(spec.valueDim),
                                   uint32_t(spec.capacity)},
                              {groupsOf(units, kUnits), keys.rows, 2}, double(units) * unit * keys.rows);
}

void VulkanBackend::attention(const AttentionSpec& spec, View q, KvId id, View out) {
    m_layout.countAttention(spec, q, id);
    assert(spec.nHeads % spec.nKvHeads == 0);
    struct Push {
        uint32_t qFirst, qStride, outFirst, outStride, row0, rows;
        uint32_t nHeads, groupHeads, tilesPerGroup, capacity, window, hasSinks;
        float scale, softcap;
    };
    struct ReducePush {
        uint32_t outFirst, outStride, nHeads, valueDim, parts, hasSinks;
    };
    const KvSpec& cache = m_layout.kv(id).spec;
    const Kv& kv = m_kvs[std::size_t(id.index)];
    const int32_t keys = m_layout.pos0() + q.row0 + q.rows;
    const AttentionTiles t = cutAttention(m_layout.limits(), spec, q.rows, keys);
    const GpuRows from = rowsOf(q), to = rowsOf(out);
    const uint32_t heads = uint32_t(spec.nHeads), kvHeads = uint32_t(spec.nKvHeads), valueDim = uint32_t(spec.valueDim);
    const uint32_t hasSinks = spec.sinks ? 1 : 0;
    const bool split = t.parts > 1;
    const uint32_t constants[] = {uint32_t(spec.keyDim),  valueDim,        t.heads, t.rows,    t.keys,
                                  uint32_t(cache.format), split ? 1u : 0u, t.lanes, t.laneKeys};
    const Range& sinks = vectorOf(spec.sinks);
    const Range ranges[] = {from.range, kv.keys, kv.values, m_step, sinks, split ? m_states : to.range};
    const double cost = double(keys) * q.rows * spec.nHeads * (spec.keyDim + spec.valueDim);
    Recorder& r = recorder(q.rows);
    r.dispatch("attention", constants, ranges,
               Push{from.first, from.stride, to.first, to.stride, uint32_t(q.row0), from.rows, heads, heads / kvHeads,
                    t.tilesPerGroup, uint32_t(cache.capacity), uint32_t(spec.window), hasSinks, spec.scale,
                    spec.softcap},
               {t.parts, t.tilesPerGroup * kvHeads, t.rowTiles}, cost);
    if (!split) return;
    const Range reduced[] = {m_states, sinks, to.range};
    r.dispatch("attention_reduce", {}, reduced, ReducePush{to.first, to.stride, heads, valueDim, t.parts, hasSinks},
               {heads, to.rows, 1}, double(to.rows) * heads * valueDim * t.parts);
}

void VulkanBackend::gatedActivation(Activation activation, View gate, View up, View out) {
    m_layout.countElementwise(gate, 2);
    struct Push {
        uint32_t gateFirst, gateStride, upFirst, upStride, outFirst, outStride, cols;
    };
    const GpuRows g = rowsOf(gate), u = rowsOf(up), to = rowsOf(out);
    const uint32_t cols = std::min({g.stride, u.stride, to.stride});
    const Range ranges[] = {g.range, u.range, to.range};
    recorder(gate.rows).dispatch("gated_activation", std::array{activation == Activation::GeluTanh ? 1u : 0u}, ranges,
                                 Push{g.first, g.stride, u.first, u.stride, to.first, to.stride, cols},
                                 {groupsOf(cols, kElementwise), g.rows, 1}, 4.0 * cols * g.rows);
}

void VulkanBackend::add(View a, View b, float scale, View out) {
    m_layout.countElementwise(a, 1);
    struct Push {
        uint32_t aFirst, aStride, bFirst, bStride, outFirst, outStride, cols;
        float factor;
    };
    const GpuRows x = rowsOf(a), y = rowsOf(b), to = rowsOf(out);
    const uint32_t cols = std::min({x.stride, y.stride, to.stride});
    const Range ranges[] = {x.range, y.range, to.range};
    recorder(a.rows).dispatch("add", {}, ranges,
                              Push{x.first, x.stride, y.first, y.stride, to.first, to.stride, cols, scale},
                              {groupsOf(cols, kElementwise), x.rows, 1}, 2.0 * cols * x.rows);
}

void VulkanBackend::scale(View x, float scale, float cap) {
    m_layout.countElementwise(x, 1);
    struct Push {
        uint32_t first, stride, cols;
        float factor, cap;
    };
    const GpuRows rows = rowsOf(x);
    const Range ranges[] = {rows.range, rows.range};
    recorder(x.rows).dispatch("scale", {}, ranges, Push{rows.first, rows.stride, rows.stride, scale, cap},
                              {groupsOf(rows.stride, kElementwise), rows.rows, 1}, 2.0 * rows.stride * rows.rows);
}

void VulkanBackend::finish() {
    recorder(0);
    m_recorder.finish();
}

std::span<const float> VulkanBackend::read(View row) {
    const GpuRows rows = rowsOf(row);
    const std::size_t n = std::size_t(rows.rows) * rows.stride;
    if (rows.range.mapped) return {reinterpret_cast<const float*>(rows.range.mapped) + rows.first, n};
    std::vector<float>& results = m_results[std::size_t(row.buffer.index)];
    results.resize(rows.range.bytes / sizeof(float));
    Range from = rows.range;
    from.offset += uint64_t(rows.first) * sizeof(float);
    from.bytes = n * sizeof(float);
    m_transfers.fetch(from, reinterpret_cast<std::byte*>(results.data() + rows.first));
    return {results.data() + rows.first, n};
}

void VulkanBackend::write(View view, std::span<const float> values) {
    const GpuRows rows = rowsOf(view);
    assert(values.size() == std::size_t(rows.rows) * rows.stride);
    Range to = rows.range;
    to.offset += uint64_t(rows.first) * sizeof(float);
    to.bytes = values.size_bytes();
    if (to.mapped) {
        std::memcpy(to.mapped + uint64_t(rows.first) * sizeof(float), values.data(), values.size_bytes());
    } else {
        m_transfers.store(to, std::as_bytes(values));
    }
}

Work VulkanBackend::work() const {
    Work w = m_layout.work();
    w.dispatches = m_recorder.counts().dispatches - m_countsAtReset.dispatches;
    w.barriers = m_recorder.counts().barriers - m_countsAtReset.barriers;
    w.submissions = m_recorder.counts().submissions - m_countsAtReset.submissions;
    return w;
}

void VulkanBackend::resetWork() {
    m_layout.resetWork();
    m_countsAtReset = m_recorder.counts();
}

} // namespace nibble
