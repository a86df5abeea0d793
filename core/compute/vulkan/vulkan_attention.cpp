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

std::array<uint32_t, 11> attentionConstants(const AttentionSpec& spec, KvFormat format, const AttentionTiles& t) {
    return {uint32_t(spec.keyDim),
            uint32_t(spec.valueDim),
            t.heads,
            t.rows,
            t.keys,
            uint32_t(format),
            t.parts > 1 ? 1u : 0u,
            t.lanes,
            t.laneKeys,
            t.shares,
            t.slices};
}

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

/// Queries and keys turn in one dispatch, which stores keys and values, too, where writeKv() follows: calls wait for
/// the next operation.
void VulkanBackend::rope(RopeId id, View x, int32_t nHeads, int32_t headDim) {
    m_layout.countElementwise(x, 2);
    assert(x.row0 + x.rows <= m_layout.scratch().maxRows);
    assert(int32_t(2 * m_layout.rope(id).frequencies.size()) <= headDim);
    fillRope(id, x.row0 + x.rows);
    const Turn turn{id, x, nHeads, headDim};
    const Turn& first = m_turns[0];
    const bool pair = m_turnCount == 1 && first.rope.index == id.index && first.x.buffer.index != x.buffer.index &&
                      first.x.row0 == x.row0 && first.x.rows == x.rows && first.headDim == headDim;
    if (!pair) recorder(x.rows);
    m_turns[m_turnCount++] = turn;
}

VulkanBackend::TurnPush VulkanBackend::turnPush(const Turn& a, const Turn& b) {
    const auto pairs = uint32_t(m_layout.rope(a.rope).frequencies.size());
    const uint32_t tableAt = m_layout.scratch().step.ropeAt[std::size_t(a.rope.index)];
    const GpuRows ra = targetOf(a.x), rb = targetOf(b.x);
    return {ra.first,
            ra.stride,
            uint32_t(a.nHeads),
            rb.first,
            rb.stride,
            uint32_t(b.nHeads),
            uint32_t(a.headDim),
            pairs,
            tableAt / 2 + uint32_t(a.x.row0) * pairs};
}

void VulkanBackend::recordTurns() {
    const Turn a = m_turns[0];
    Turn b = m_turnCount == 2 ? m_turns[1] : a;
    if (m_turnCount < 2) b.nHeads = 0;
    m_turnCount = 0;
    const TurnPush push = turnPush(a, b);
    const Range ra = rowsOf(a.x).range, rb = rowsOf(b.x).range;
    const bool neox = m_layout.rope(a.rope).kind == RopeKind::Neox;
    const int64_t turned = int64_t(a.nHeads + b.nHeads) * push.pairs;
    recorder(a.x.rows).dispatch("rope", std::array{neox ? 1u : 0u}, std::array{ra, rb, m_step, ra, rb}, push,
                                {groupsOf(turned, kPairs), uint32_t(a.x.rows), 1}, 4.0 * double(turned) * a.x.rows);
}

bool VulkanBackend::recordTurnsAndKv(KvId id, View k, View v) {
    const KvSpec& spec = m_layout.kv(id).spec;
    const Turn a = m_turns[0], b = m_turns[1];
    if (m_turnCount < 2 || spec.format == KvFormat::Q8_0) return false;
    const RopeSpec& rope = m_layout.rope(b.rope);
    const bool neox = rope.kind == RopeKind::Neox;
    const bool same = b.x.buffer.index == k.buffer.index && b.x.row0 == k.row0 && b.x.rows == k.rows;
    const bool fours = b.headDim % 4 == 0 && spec.valueDim % 4 == 0 && (!neox || rope.frequencies.size() % 4 == 0);
    if (!same || !fours || b.nHeads != spec.nKvHeads || b.headDim != spec.keyDim) return false;
    m_turnCount = 0;
    struct Push {
        TurnPush turn;
        uint32_t valueFirst, valueStride, valueDim, row0, capacity;
    };
    const Kv& kv = m_kvs[std::size_t(id.index)];
    const TurnPush turn = turnPush(a, b);
    const Range ra = rowsOf(a.x).range, rb = rowsOf(b.x).range;
    const GpuRows values = rowsOf(v);
    const uint32_t keyUnits = turn.headDim / 4 - (neox ? turn.pairs / 4 : 0);
    const int64_t threads = int64_t(turn.aHeads) * turn.pairs + int64_t(turn.bHeads) * (keyUnits + spec.valueDim / 4);
    recorder(k.rows).dispatch(
        "rope_kv", std::array{neox ? 1u : 0u, uint32_t(spec.format)},
        std::array{ra, rb, values.range, m_step, ra, rb, kv.keys, kv.values},
        Push{turn, values.first, values.stride, uint32_t(spec.valueDim), uint32_t(k.row0), uint32_t(spec.capacity)},
        {groupsOf(threads, kPairs), values.rows, 1}, 8.0 * double(threads) * k.rows);
    return true;
}

void VulkanBackend::writeKv(KvId id, View k, View v) {
    m_layout.countWriteKv(id, k);
    if (recordTurnsAndKv(id, k, v)) return;
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

bool VulkanBackend::reduceQuantizes(const AttentionSpec& spec, const GpuRows& to) const {
    const auto dim = uint32_t(spec.valueDim);
    return dim % 32 == 0 && dim <= kMostQuantizedDim && shouldQuantize(to, {uint32_t(spec.nHeads) * dim});
}

void VulkanBackend::prefetchAttention(const AttentionSpec& spec, const KvSpec& cache, int32_t keys, GpuRows to) {
    to.rows = 1;
    for (const int32_t seen : {keys + 1, cache.capacity}) {
        const AttentionTiles t = cutAttention(m_layout.limits(), spec, 1, seen);
        m_pipelines.prefetch("attention", attentionConstants(spec, cache.format, t));
        if (t.parts == 1) continue;
        if (reduceQuantizes(spec, to))
            m_pipelines.prefetch("attention_reduce_quantized", termsConstant());
        else
            m_pipelines.prefetch("attention_reduce", {});
    }
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
    const Range& sinks = vectorOf(spec.sinks);
    const Range ranges[] = {from.range, kv.keys, kv.values, m_step, sinks, split ? m_attentionParts : to.range};
    const double cost = double(keys) * q.rows * spec.nHeads * (spec.keyDim + spec.valueDim);
    Recorder& r = recorder(q.rows);
    r.dispatch("attention", attentionConstants(spec, cache.format, t), ranges,
               Push{from.first, from.stride, to.first, to.stride, uint32_t(q.row0), from.rows, heads, heads / kvHeads,
                    t.tilesPerGroup, uint32_t(cache.capacity), uint32_t(spec.window), hasSinks, spec.scale,
                    spec.softcap},
               {t.parts, t.tilesPerGroup * kvHeads, t.rowTiles}, cost);
    if (q.rows > 1) prefetchAttention(spec, cache, keys, to);
    if (!split) return;
    const ReducePush push{to.first, to.stride, heads, valueDim, t.parts, hasSinks};
    const Groups groups{heads, to.rows, 1};
    const double reduceCost = double(to.rows) * heads * valueDim * t.parts;
    if (reduceQuantizes(spec, to)) {
        const QuantizedInput codes = quantizedInput(m_quantized, to.rows, to.stride, m_tuning.terms);
        const Range reduced[] = {m_attentionParts, sinks, to.range, codes.codes, codes.factors};
        r.dispatch("attention_reduce_quantized", termsConstant(), reduced, push, groups, reduceCost);
        m_quantizedView = out;
        return;
    }
    const Range reduced[] = {m_attentionParts, sinks, to.range};
    r.dispatch("attention_reduce", {}, reduced, push, groups, reduceCost);
}

} // namespace nibble
