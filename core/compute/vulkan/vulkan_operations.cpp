#include <algorithm>
#include <base/thread_pool.h>
#include <cassert>
#include <compute/vulkan/vulkan_backend.h>
#include <cstring>

namespace nibble {

namespace {

// Values a workgroup of the kernels covers in x.
constexpr uint32_t kElementwise = 128, kUnits = 64, kChunks = 32;

} // namespace

Recorder& VulkanBackend::recorder(int32_t rows) {
    if (!m_started) m_recorder.begin(rows == 1);
    m_started = true;
    if (m_turnCount > 0) recordTurns();
    return m_recorder;
}

GpuRows VulkanBackend::rowsOf(View view) const {
    assert(view.buffer && view.row0 >= 0 && view.row0 + view.rows <= m_layout.bufferRows(view.buffer));
    const uint32_t cols = colsOf(view);
    return {m_buffers[std::size_t(view.buffer.index)], uint32_t(view.row0) * cols, cols, uint32_t(view.rows)};
}

GpuRows VulkanBackend::targetOf(View view) {
    if (view.buffer.index == m_quantizedView.buffer.index) m_quantizedView = {};
    return rowsOf(view);
}

bool VulkanBackend::isQuantized(View view) const {
    const View& q = m_quantizedView;
    return q.buffer && q.buffer.index == view.buffer.index && q.row0 == view.row0 && q.rows == view.rows;
}

/// Whether kernels that write `to` can quantize it, too, and products want that.
bool VulkanBackend::shouldQuantize(const GpuRows& to, std::initializer_list<uint32_t> strides) const {
    const auto& wanted = m_layout.scratch().quantizedCols;
    return std::ranges::all_of(strides, [&](uint32_t stride) { return stride == to.stride; }) &&
           std::ranges::find(wanted, int64_t(to.stride)) != wanted.end() &&
           planQuantizedInput(to.rows, to.stride, m_tuning.terms).bytes <= m_quantized.bytes;
}

void VulkanBackend::begin(int32_t pos0) {
    assert(m_layout.scratch().maxRows > 0 && "prepare() comes first");
    m_layout.begin(pos0);
    stepWords()[0] = uint32_t(pos0);
    m_tokensUsed = m_fileRowsUsed = 0;
    std::ranges::fill(m_ropeRows, 0);
    m_started = false;
    m_turnCount = 0;
    m_quantizedView = {};
}

void VulkanBackend::embed(WeightId table, std::span<const int32_t> tokens, View out, float scale) {
    m_layout.countEmbed(table, int64_t(tokens.size()));
    const VulkanWeight& w = m_layout.weight(table);
    if (w.fileRows) return embedFileRows(table, tokens, out, scale);
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
    const GpuRows to = targetOf(out);
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

/// The host decodes the rows to memory that the device reads.
void VulkanBackend::embedFileRows(WeightId table, std::span<const int32_t> tokens, View out, float scale) {
    const WeightRows& rows = m_fileTables.at(table.index);
    const GpuRows to = targetOf(out);
    const auto cols = uint32_t(rows.cols), count = uint32_t(tokens.size()) * cols;
    assert(to.stride == cols && to.rows == tokens.size() && count <= m_fileRows.bytes / sizeof(float));
    Recorder& r = recorder(out.rows);
    if (m_fileRowsUsed + count > m_fileRows.bytes / sizeof(float)) {
        r.flush();
        m_fileRowsUsed = 0;
    }
    auto* values = reinterpret_cast<float*>(m_fileRows.mapped) + m_fileRowsUsed;
    m_pool.forEach(int64_t(tokens.size()), 16, [&](int64_t begin, int64_t end, int thread) {
        std::vector<float>& decoded = m_decodedRows[std::size_t(thread)]; // what devices read is slow to read here
        for (int64_t i = begin; i < end; ++i) {
            rows.decodeRow(tokens[std::size_t(i)], decoded.data());
            std::transform(decoded.begin(), decoded.begin() + rows.cols, values + i * rows.cols,
                           [&](float x) { return x * scale; });
        }
    });
    recordCopy({m_fileRows, m_fileRowsUsed, cols, to.rows}, 0, to);
    m_fileRowsUsed += count;
}

void VulkanBackend::recordCopy(const GpuRows& from, uint32_t col0, const GpuRows& to) {
    struct Push {
        uint32_t inFirst, inStride, outFirst, outStride, cols;
    };
    recorder(int32_t(to.rows))
        .dispatch("copy_columns", {}, std::array{from.range, to.range},
                  Push{from.first + col0, from.stride, to.first, to.stride, to.stride},
                  {groupsOf(to.stride, kElementwise), to.rows, 1}, 2.0 * to.stride * to.rows);
}

void VulkanBackend::copyColumns(View in, int32_t col0, View out) {
    m_layout.countElementwise(out, 0);
    const GpuRows from = rowsOf(in), to = targetOf(out);
    assert(in.rows == out.rows && col0 >= 0 && uint32_t(col0) + to.stride <= from.stride);
    recordCopy(from, uint32_t(col0), to);
}

void VulkanBackend::dimRows(View gate, View x) {
    m_layout.countElementwise(x, 1);
    struct Push {
        uint32_t gateFirst, first, stride;
    };
    const GpuRows gates = rowsOf(gate), rows = targetOf(x);
    assert(gates.stride == 1 && gates.rows == rows.rows);
    recorder(x.rows).dispatch("dim_rows", {}, std::array{gates.range, rows.range, rows.range},
                              Push{gates.first, rows.first, rows.stride},
                              {groupsOf(rows.stride, kElementwise), rows.rows, 1}, 2.0 * rows.stride * rows.rows);
}

void VulkanBackend::rmsNorm(View in, WeightId weight, float eps, int32_t groupCols, View out) {
    m_layout.countElementwise(in, 2);
    struct Push {
        uint32_t inFirst, inStride, outFirst, outStride, cols, hasWeight;
        float eps;
    };
    const GpuRows from = rowsOf(in), to = targetOf(out);
    const uint32_t cols = std::min(from.stride, to.stride), group = uint32_t(groupCols);
    assert(cols % group == 0);
    const Push push{from.first, from.stride, to.first, to.stride, group, weight ? 1u : 0u, eps};
    const double cost = 2.0 * cols * from.rows;
    if (shouldQuantize(to, {from.stride, group})) {
        const QuantizedInput q = quantizedInput(m_quantized, to.rows, cols, m_tuning.terms);
        const Range ranges[] = {from.range, vectorOf(weight), to.range, q.codes, q.factors};
        recorder(in.rows).dispatch("rms_norm_quantized", termsConstant(), ranges, push, {1, from.rows, 1}, cost);
        m_quantizedView = out;
        return;
    }
    const Range ranges[] = {from.range, vectorOf(weight), to.range};
    recorder(in.rows).dispatch("rms_norm", {}, ranges, push, {cols / group, from.rows, 1}, cost);
}

void VulkanBackend::matmul(View in, std::span<const Product> products) {
    m_layout.countMatmul(in, products);
    recordProducts(in, products);
}

/// Streamed weights come one after the other; the others are there.
void VulkanBackend::recordProducts(View in, std::span<const Product> products, const ExpertSlots* experts,
                                   const Range& routing) {
    const bool streamed = m_layout.weight(products[0].weight).streamed;
    if (!streamed) return recordTogether(in, products, experts, routing);
    for (const Product& product : products) recordTogether(in, {&product, 1}, experts, routing);
}

void VulkanBackend::recordTogether(View in, std::span<const Product> products, const ExpertSlots* experts,
                                   const Range& routing) {
    std::array<GpuProduct, kMaxProducts> list;
    assert(products.size() <= list.size());
    for (std::size_t i = 0; i < products.size(); ++i) {
        const Product& p = products[i];
        list[i].layout = &*m_layout.weight(p.weight).layout;
        list[i].weight = m_layout.weight(p.weight).streamed ? streamedWeight(p.weight) : weightOf(p.weight);
        list[i].out = rowsOf(p.out);
        if (p.bias) list[i].bias = weightOf(p.bias);
        if (p.residual.buffer) list[i].residual = rowsOf(p.residual);
    }
    Recorder& r = recorder(in.rows);
    const bool quantized =
        nibble::recordProducts(r, m_tuning, rowsOf(in), m_layout.weight(products[0].weight).cols, m_quantized,
                               isQuantized(in), std::span(list).first(products.size()), experts, routing);
    if (quantized) m_quantizedView = in;
    for (const Product& p : products) targetOf(p.out);
}

ExpertSlots VulkanBackend::slotsOf(RouterId id, int32_t tokens) const {
    const RouterSpec& spec = m_layout.router(id);
    return {uint32_t(spec.experts), uint32_t(spec.used), m_layout.scratch().routings[std::size_t(id.index)].slots,
            uint32_t(tokens * spec.used), false};
}

void VulkanBackend::route(RouterId id, View logits, WeightId scales) {
    m_layout.countElementwise(logits, 1);
    struct Push {
        uint32_t logitsAt, logitsStride, experts, used, slots, normalised, hasScales;
        float scale;
    };
    struct SortPush {
        uint32_t experts, chosen, slots, tileTokens;
    };
    const RouterSpec& spec = m_layout.router(id);
    const GpuRows from = rowsOf(logits);
    const ExpertSlots slots = slotsOf(id, logits.rows);
    assert(from.stride == slots.experts && slots.chosen <= slots.slots);
    const Range& routing = m_routings[std::size_t(id.index)];
    m_routedTokens = logits.rows;
    const Range ranges[] = {from.range, routing, vectorOf(scales)};
    recorder(logits.rows)
        .dispatch("route", {}, ranges,
                  Push{from.first, from.stride, slots.experts, slots.used, slots.slots, spec.normalised,
                       scales ? 1u : 0u, spec.scale},
                  {from.rows, 1, 1}, double(slots.experts) * slots.experts * from.rows);
    if (slots.chosen <= kMatvecSlots) return;
    recorder(logits.rows)
        .dispatch("sort_slots", {}, std::array{routing, routing},
                  SortPush{slots.experts, slots.chosen, slots.slots, expertTile(m_tuning, slots).tokens}, {1, 1, 1},
                  double(slots.experts) * slots.experts + 2.0 * slots.chosen);
}

void VulkanBackend::expertMatmul(RouterId id, View in, std::span<const Product> products) {
    const RouterSpec& spec = m_layout.router(id);
    m_layout.countExpertMatmul(products, expectedExperts(spec, m_routedTokens));
    ExpertSlots slots = slotsOf(id, m_routedTokens);
    assert(in.rows == m_routedTokens || in.rows == int32_t(slots.chosen));
    slots.inputOfSlots = in.rows != m_routedTokens;
    recordProducts(in, products, &slots, m_routings[std::size_t(id.index)]);
}

void VulkanBackend::mixExperts(RouterId id, View in, View residual, View out) {
    m_layout.countElementwise(in, 1);
    struct Push {
        uint32_t inFirst, inStride, beforeFirst, outFirst, stride, used, slots, hasBefore;
    };
    const GpuRows from = rowsOf(in), to = targetOf(out), before = residual.buffer ? rowsOf(residual) : to;
    const ExpertSlots slots = slotsOf(id, out.rows);
    assert(from.rows == slots.chosen && from.stride == to.stride && before.stride == to.stride);
    const Range ranges[] = {from.range, m_routings[std::size_t(id.index)], before.range, to.range};
    recorder(out.rows).dispatch("mix_experts", {}, ranges,
                                Push{from.first, from.stride, before.first, to.first, to.stride, slots.used,
                                     slots.slots, residual.buffer ? 1u : 0u},
                                {groupsOf(to.stride, kElementwise), to.rows, 1}, double(from.rows) * to.stride);
}

void VulkanBackend::gatedActivation(Activation activation, View gate, View up, View out) {
    m_layout.countElementwise(gate, 2);
    struct Push {
        uint32_t gateFirst, gateStride, upFirst, upStride, outFirst, outStride, cols;
    };
    const GpuRows g = rowsOf(gate), u = rowsOf(up), to = targetOf(out);
    const uint32_t cols = std::min({g.stride, u.stride, to.stride});
    const Push push{g.first, g.stride, u.first, u.stride, to.first, to.stride, cols};
    const std::array kind{uint32_t(activation)};
    const double cost = 4.0 * cols * g.rows;
    if (shouldQuantize(to, {g.stride, u.stride})) {
        const QuantizedInput q = quantizedInput(m_quantized, to.rows, cols, m_tuning.terms);
        const Range ranges[] = {g.range, u.range, to.range, q.codes, q.factors};
        recorder(gate.rows).dispatch("gated_activation_quantized", std::array{kind[0], uint32_t(m_tuning.terms)},
                                     ranges, push, {groupsOf(cols / 32, kChunks), g.rows, 1}, cost);
        m_quantizedView = out;
        return;
    }
    const Range ranges[] = {g.range, u.range, to.range};
    recorder(gate.rows).dispatch("gated_activation", kind, ranges, push, {groupsOf(cols, kElementwise), g.rows, 1},
                                 cost);
}

void VulkanBackend::add(View a, View b, float scale, View out) {
    m_layout.countElementwise(a, 1);
    struct Push {
        uint32_t aFirst, aStride, bFirst, bStride, outFirst, outStride, cols;
        float factor;
    };
    const GpuRows x = rowsOf(a), y = rowsOf(b), to = targetOf(out);
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
    const GpuRows rows = targetOf(x);
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
