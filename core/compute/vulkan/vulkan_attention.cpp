// Rotary positions, the KV cache and attention on Vulkan.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <compute/vulkan/vulkan_backend.h>

namespace nibble {

namespace {

// Values a workgroup of the kernels covers in x.
constexpr uint32_t kPairs = 64, kUnits = 64;
constexpr uint32_t kMostQuantizedDim = 512; // of a head, in attention_reduce_quantized.comp

} // namespace

/// The host computes the batch's angles in double precision: positions are too large for f32.
void VulkanBackend::fillRope(RopeId id, int32_t rows) {
    int32_t& filled = m_ropeRows[std::size_t(id.index)];
    const RopeSpec& spec = m_layout.rope(id);
    const std::size_t n = spec.frequencies.size();
    auto* table = reinterpret_cast<float*>(stepWords() + m_layout.scratch().step.ropeAt[std::size_t(id.index)]);
    for (; filled < rows; ++filled) {
        const int32_t position = m_layout.pos0() + filled;
        const float magnitude = spec.magnitudeAt(position);
        for (std::size_t i = 0; i < n; ++i) {
            const double angle = double(position) * double(spec.frequencies[i]);
            float* turn = table + (std::size_t(filled) * n + i) * 2;
            turn[0] = float(std::cos(angle)) * magnitude;
            turn[1] = float(std::sin(angle)) * magnitude;
        }
    }
}

/// Queries and keys turn in one dispatch: the first call waits for the second, or for any other operation.
void VulkanBackend::rope(RopeId id, View x, int32_t nHeads, int32_t headDim) {
    m_layout.countElementwise(x, 2);
    assert(x.row0 + x.rows <= m_layout.scratch().maxRows);
    assert(int32_t(2 * m_layout.rope(id).frequencies.size()) <= headDim);
    fillRope(id, x.row0 + x.rows);
    const Turn turn{id, x, nHeads, headDim};
    const bool pair = m_turn && m_turn->rope.index == id.index && m_turn->x.buffer.index != x.buffer.index &&
                      m_turn->x.row0 == x.row0 && m_turn->x.rows == x.rows && m_turn->headDim == headDim;
    if (pair) {
        const Turn first = *m_turn;
        m_turn.reset();
        return recordTurns(first, turn);
    }
    recorder(x.rows);
    m_turn = turn;
}

void VulkanBackend::recordTurns(const Turn& a, const Turn& b) {
    struct Push {
        uint32_t aFirst, aStride, aHeads, bFirst, bStride, bHeads, headDim, pairs, tableFirst;
    };
    const RopeSpec& spec = m_layout.rope(a.rope);
    const auto pairs = uint32_t(spec.frequencies.size());
    const uint32_t tableAt = m_layout.scratch().step.ropeAt[std::size_t(a.rope.index)];
    const GpuRows ra = targetOf(a.x), rb = targetOf(b.x);
    const Range ranges[] = {ra.range, rb.range, m_step, ra.range, rb.range};
    const int64_t turned = int64_t(a.nHeads + b.nHeads) * pairs;
    recorder(a.x.rows).dispatch("rope", std::array{spec.kind == RopeKind::Neox ? 1u : 0u}, ranges,
                                Push{ra.first, ra.stride, uint32_t(a.nHeads), rb.first, rb.stride, uint32_t(b.nHeads),
                                     uint32_t(a.headDim), pairs, tableAt / 2 + uint32_t(a.x.row0) * pairs},
                                {groupsOf(turned, kPairs), ra.rows, 1}, 4.0 * double(turned) * ra.rows);
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
    const GpuRows from = rowsOf(q), to = targetOf(out);
    const uint32_t heads = uint32_t(spec.nHeads), kvHeads = uint32_t(spec.nKvHeads), valueDim = uint32_t(spec.valueDim);
    const uint32_t hasSinks = spec.sinks ? 1 : 0;
    const bool split = t.parts > 1;
    const uint32_t constants[] = {uint32_t(spec.keyDim),  valueDim,        t.heads, t.rows,     t.keys,
                                  uint32_t(cache.format), split ? 1u : 0u, t.lanes, t.laneKeys, t.shares};
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
    const ReducePush push{to.first, to.stride, heads, valueDim, t.parts, hasSinks};
    const Groups groups{heads, to.rows, 1};
    const double reduceCost = double(to.rows) * heads * valueDim * t.parts;
    if (valueDim % 32 == 0 && valueDim <= kMostQuantizedDim && shouldQuantize(to, {heads * valueDim})) {
        const QuantizedInput codes = quantizedInput(m_quantized, to.rows, to.stride);
        const Range reduced[] = {m_states, sinks, to.range, codes.codes, codes.factors};
        r.dispatch("attention_reduce_quantized", {}, reduced, push, groups, reduceCost);
        m_quantizedView = out;
        return;
    }
    const Range reduced[] = {m_states, sinks, to.range};
    r.dispatch("attention_reduce", {}, reduced, push, groups, reduceCost);
}

} // namespace nibble
