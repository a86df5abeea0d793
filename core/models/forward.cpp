#include <models/forward.h>

#include <cassert>

namespace nibble {
namespace {

/// One batch on its way through the layers. `rows` tokens go in; behind the last layer's attention only the `wanted`
/// last ones are worth computing (keys and values are needed of all).
struct Batch {
    Backend& backend;
    const ModelOnBackend& model;
    int32_t rows;

    View all(BufferId buffer) const { return {buffer, 0, rows}; }
    View last(BufferId buffer, int32_t n) const { return {buffer, rows - n, n}; }

    void attention(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const;
    void feedForward(const LayerOnBackend& layer, int32_t wanted) const;
    void hidden(std::span<const int32_t> tokens, int32_t wanted) const;
    void logits(View x) const;
};

/// x += Wo attention(rope(norm(Wq h)), rope(norm(Wk h)), Wv h), h = rmsNorm(x).
void Batch::attention(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const View x = all(model.x), h = all(model.xNorm);
    const View q = all(layer.qRows), k = all(layer.kRows), v = all(layer.vRows);

    backend.rmsNorm(x, layer.attnNorm, m.normEps, m.embedding, h);
    const Product qkv[] = {{layer.q, q, layer.qBias, {}}, {layer.k, k, layer.kBias, {}}, {layer.v, v, layer.vBias, {}}};
    backend.matmul(h, qkv);
    if (m.qkNormPerHead) {
        backend.rmsNorm(q, layer.qNorm, m.normEps, plan.keyDim, q);
        backend.rmsNorm(k, layer.kNorm, m.normEps, plan.keyDim, k);
    }
    if (plan.rope >= 0) {
        const RopeId rope = model.ropes[std::size_t(plan.rope)];
        backend.rope(rope, q, plan.nHeads, plan.keyDim);
        backend.rope(rope, k, plan.nKvHeads, plan.keyDim);
    }
    backend.writeKv(layer.kv, k, v);
    if (wanted == 0) return;

    const AttentionSpec spec{.nHeads = plan.nHeads,
                             .nKvHeads = plan.nKvHeads,
                             .keyDim = plan.keyDim,
                             .valueDim = plan.valueDim,
                             .scale = plan.attentionScale,
                             .window = plan.window,
                             .softcap = plan.softcap,
                             .sinks = {}};
    backend.attention(spec, last(layer.qRows, wanted), layer.kv, last(layer.attended, wanted));
    const View out = last(model.x, wanted);
    const Product product{layer.attnOut, out, layer.attnOutBias, out};
    backend.matmul(last(layer.attended, wanted), {&product, 1});
}

/// x += Wdown (activation(Wgate h) * Wup h), h = rmsNorm(x).
void Batch::feedForward(const LayerOnBackend& layer, int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const View x = last(model.x, wanted), h = last(model.xNorm, wanted);
    const View gate = last(layer.gateRows, wanted), up = last(layer.upRows, wanted);

    backend.rmsNorm(x, layer.ffnNorm, m.normEps, m.embedding, h);
    const Product gateUp[] = {{layer.gate, gate, layer.gateBias, {}}, {layer.up, up, layer.upBias, {}}};
    backend.matmul(h, gateUp);
    backend.gatedActivation(m.activation, gate, up, gate);
    const Product product{layer.down, x, layer.downBias, x};
    backend.matmul(gate, {&product, 1});
}

void Batch::hidden(std::span<const int32_t> tokens, int32_t wanted) const {
    backend.enterPart(0);
    backend.embed(model.tokenEmbedding, tokens, all(model.x), model.plan.embeddingScale);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const int32_t n = i + 1 < model.layers.size() ? rows : wanted;
        backend.enterPart(int32_t(i) + 1, all(model.x));
        attention(model.plan.layers[i], model.layers[i], n);
        if (n > 0) feedForward(model.layers[i], n);
    }
}

/// logits = W rmsNorm(x).
void Batch::logits(View x) const {
    const ModelPlan& m = model.plan;
    const View h{model.xNorm, x.row0, x.rows}, out{model.logits, 0, x.rows};
    const Product product{model.output, out, model.outputBias, {}};

    backend.enterPart(int32_t(model.layers.size()) + 1, x);
    backend.rmsNorm(x, model.outputNorm, m.normEps, m.embedding, h);
    backend.matmul(h, {&product, 1});
    if (m.logitScale != 1 || m.logitSoftcap > 0) backend.scale(out, m.logitScale, m.logitSoftcap);
}

Batch begin(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0) {
    const auto rows = int32_t(tokens.size());
    assert(rows >= 1 && rows <= model.maxRows && pos0 >= 0 && pos0 + rows <= model.contextLength);
    backend.begin(pos0);
    return {backend, model, rows};
}

} // namespace

void forward(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
             int32_t logitRows) {
    assert(logitRows >= 0 && logitRows <= model.maxLogitRows);
    const Batch batch = begin(backend, model, tokens, pos0);
    batch.hidden(tokens, logitRows);
    if (logitRows > 0) batch.logits(batch.last(model.x, logitRows));
    backend.finish();
}

void forwardHidden(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
                   int32_t wanted) {
    begin(backend, model, tokens, pos0).hidden(tokens, wanted);
    backend.finish();
}

void logitsOfHidden(Backend& backend, const ModelOnBackend& model, int32_t pos0, int32_t row0, int32_t rows) {
    assert(rows >= 1 && rows <= model.maxLogitRows);
    backend.begin(pos0);
    Batch{backend, model, row0 + rows}.logits({model.x, row0, rows});
    backend.finish();
}

} // namespace nibble
