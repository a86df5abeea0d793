// Products of the CPU backend, and the choice of experts. The panels of all products of a call lie in one line, so that
// the threads share them without a wait in between. Experts are products like others, each of the tokens that chose it:
// its weights are read once, and only where some token did.
#include <algorithm>
#include <cmath>
#include <compute/cpu/cpu_backend.h>
#include <numeric>

namespace nibble {

namespace {

constexpr int64_t kGrainMacs = 96 * 1024;

int64_t panelsOf(const WeightPlan& w) { return (w.rows + kPanelRows - 1) / kPanelRows; }

/// One token's experts, and their weights. Whatever the logits are, the experts are different ones.
void chooseExperts(const RouterSpec& spec, const float* logits, int32_t* chosen, float* weights) {
    int32_t n = 0; // chosen so far, largest first
    for (int32_t e = 0; e < spec.experts; ++e) {
        int32_t at = n;
        for (; at > 0 && logits[e] > logits[chosen[at - 1]]; --at)
            if (at < spec.used) chosen[at] = chosen[at - 1];
        if (at < spec.used) chosen[at] = e;
        n = std::min(n + 1, spec.used);
    }
    const float largest = logits[chosen[0]];
    double sum = 0;
    if (spec.normalised)
        for (int32_t i = 0; i < n; ++i) sum += std::exp(logits[chosen[i]] - largest);
    else
        for (int32_t e = 0; e < spec.experts; ++e) sum += std::exp(logits[e] - largest);
    for (int32_t i = 0; i < n; ++i) weights[i] = float(spec.scale * std::exp(logits[chosen[i]] - largest) / sum);
}

/// Fills starts, order and tokens from the chosen experts.
void sortSlots(const RouterSpec& spec, const Routing& r) {
    const int32_t slots = r.rows * spec.used;
    std::fill_n(r.starts, spec.experts + 1, 0);
    for (int32_t i = 0; i < slots; ++i) ++r.starts[r.chosen[i]];
    std::partial_sum(r.starts, r.starts + spec.experts + 1, r.starts); // where they end
    for (int32_t i = slots; i-- > 0;) {
        const int32_t at = --r.starts[r.chosen[i]];
        r.order[at] = i;
        r.tokens[at] = i / spec.used;
    }
}

} // namespace

ProductTarget CpuBackend::targetOf(const Product& product) const {
    ProductTarget target;
    target.out = first(product.out);
    target.outStride = m_layout.bufferCols(product.out.buffer);
    target.bias = vectorOf(product.bias);
    if (product.residual.buffer) {
        target.residual = first(product.residual);
        target.residualStride = m_layout.bufferCols(product.residual.buffer);
    }
    return target;
}

void CpuBackend::runJobs(View in) {
    const int64_t cols = m_jobs.front().weight->cols;
    const InputRows x{first(in), m_layout.bufferCols(in.buffer), {}};
    int64_t panels = 0, tokens = 0;
    bool quantize = false;
    for (const ProductJob& job : m_jobs) {
        const WeightPlan& w = *job.weight;
        assert(w.cols == cols && w.form != WeightForm::Vector && (w.form == WeightForm::Packed || !w.quantized()));
        panels += panelsOf(w);
        tokens += job.tokens;
        quantize |= w.form == WeightForm::Packed;
    }
    tokens = (tokens + int64_t(m_jobs.size()) - 1) / int64_t(m_jobs.size());
    if (quantize) {
        m_quantized.cols = cols;
        forRows(in.rows, cols, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) m_kernels.quantizeRow(x.row(i), i, m_quantized);
        });
    }
    const auto multiply = [&](int64_t begin, int64_t end, int worker) {
        float* const scratch = m_workerScratch[std::size_t(worker)];
        for (const ProductJob& job : m_jobs) {
            const WeightPlan& w = *job.weight;
            const int64_t n = panelsOf(w), from = std::max<int64_t>(begin, 0), to = std::min(end, n);
            begin -= n;
            end -= n;
            if (from >= to) continue;
            if (w.form == WeightForm::Packed) {
                QuantizedRows input = m_quantized;
                input.order = job.input;
                m_kernels.packedProduct(w.packed, job.data, from, to, input, job.tokens, job.target, scratch);
            } else {
                m_kernels.floatProduct(w.format, job.data, cols, from * kPanelRows, std::min(to * kPanelRows, w.rows),
                                       {x.first, x.stride, job.input}, job.tokens, job.target, scratch);
            }
        }
    };
    // Tiles of many tokens take up to so many panels at a time; half a tile takes as long as a whole one.
    constexpr int64_t kTilePanels = 4;
    const int64_t grain = std::max<int64_t>(1, kGrainMacs / (kPanelRows * cols * tokens));
    m_pool.forEach(panels, tokens > 1 ? (grain + kTilePanels - 1) / kTilePanels * kTilePanels : grain, multiply);
}

void CpuBackend::matmul(View in, std::span<const Product> products) {
    m_layout.countMatmul(in, products);
    if (stopped()) return;
    m_jobs.clear();
    for (const Product& p : products)
        m_jobs.push_back(
            {&m_layout.weight(p.weight), m_weights[std::size_t(p.weight.index)].data(), in.rows, {}, targetOf(p)});
    runJobs(in);
}

void CpuBackend::route(RouterId id, View logits, WeightId scales) {
    m_layout.countElementwise(logits, 1);
    if (stopped()) return;
    const RouterSpec& spec = m_layout.router(id);
    Routing& routing = m_routings[std::size_t(id.index)];
    assert(m_layout.bufferCols(logits.buffer) == spec.experts && logits.rows <= m_layout.scratch().maxRows);
    routing.rows = logits.rows;
    const float *values = first(logits), *ofExperts = vectorOf(scales);
    forRows(logits.rows, spec.experts, [&](int64_t begin, int64_t end) {
        for (int64_t t = begin; t < end; ++t)
            chooseExperts(spec, values + t * spec.experts, routing.chosen + t * spec.used,
                          routing.weights + t * spec.used);
        for (int64_t slot = begin * spec.used; ofExperts && slot < end * spec.used; ++slot)
            routing.weights[slot] *= ofExperts[routing.chosen[slot]];
    });
    sortSlots(spec, routing);
}

void CpuBackend::expertMatmul(RouterId id, View in, std::span<const Product> products) {
    if (stopped()) return;
    const RouterSpec& spec = m_layout.router(id);
    const Routing& routing = m_routings[std::size_t(id.index)];
    assert(in.rows == routing.rows || in.rows == routing.rows * spec.used);
    const int32_t* const input = in.rows == routing.rows ? routing.tokens : routing.order;
    m_jobs.clear();
    int32_t experts = 0;
    for (int32_t e = 0; e < spec.experts; ++e) {
        const int32_t start = routing.starts[e], tokens = routing.starts[e + 1] - start;
        if (tokens == 0) continue;
        ++experts;
        for (const Product& p : products) {
            const WeightPlan& weight = m_layout.weight(p.weight);
            assert(weight.planes == spec.experts && p.out.rows == routing.rows * spec.used);
            ProductTarget target = targetOf(p);
            if (target.bias) target.bias += e * weight.rows;
            target.order = {routing.order + start};
            m_jobs.push_back({&weight,
                              m_weights[std::size_t(p.weight.index)].planes[std::size_t(e)],
                              tokens,
                              {input + start},
                              target});
        }
    }
    m_layout.countExpertMatmul(products, experts);
    runJobs(in);
}

void CpuBackend::mixExperts(RouterId id, View in, View residual, View out) {
    m_layout.countElementwise(in, 1);
    if (stopped()) return;
    const int64_t used = m_layout.router(id).used, cols = m_layout.bufferCols(out.buffer);
    assert(in.rows == out.rows * used && m_layout.bufferCols(in.buffer) == cols);
    const float *from = first(in), *weights = m_routings[std::size_t(id.index)].weights;
    assert(!residual.buffer || (residual.rows == out.rows && m_layout.bufferCols(residual.buffer) == cols));
    const float* before = residual.buffer ? first(residual) : nullptr;
    float* to = first(out);
    forRows(out.rows, used * cols, [&](int64_t begin, int64_t end) {
        if (!before)
            std::fill(to + begin * cols, to + end * cols, 0.f);
        else if (before != to)
            std::copy(before + begin * cols, before + end * cols, to + begin * cols);
        for (int64_t slot = begin * used; slot < end * used; ++slot) {
            float* row = to + slot / used * cols;
            m_kernels.add(row, from + slot * cols, weights[slot], row, cols);
        }
    });
}

} // namespace nibble
