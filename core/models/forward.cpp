#include <models/forward.h>

#include <cassert>

namespace nibble {
namespace {

/// One batch on its way through the layers. `rows` tokens went in; of the last layer only the rows that get logits are
/// needed behind its attention (its keys and values are needed of all).
struct Batch {
    Backend& backend;
    const ModelOnBackend& model;
    int32_t rows;

    View all(BufferId buffer) const { return {buffer, 0, rows}; }
    View last(BufferId buffer, int32_t n) const { return {buffer, rows - n, n}; }

    void attention(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const;
    void feedForward(const LayerOnBackend& layer, int32_t wanted) const;
    void logits(int32_t wanted) const;
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

/// logits = W rmsNorm(x), of the last rows.
void Batch::logits(int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const View h = last(model.xNorm, wanted), out{model.logits, 0, wanted};

    backend.rmsNorm(last(model.x, wanted), model.outputNorm, m.normEps, m.embedding, h);
    const Product product{model.output, out, model.outputBias, {}};
    backend.matmul(h, {&product, 1});
    if (m.logitScale != 1 || m.logitSoftcap > 0) backend.scale(out, m.logitScale, m.logitSoftcap);
}

} // namespace

void forward(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
             int32_t logitRows) {
    const auto rows = int32_t(tokens.size());
    assert(rows >= 1 && rows <= model.maxRows && pos0 >= 0 && pos0 + rows <= model.contextLength);
    assert(logitRows >= 0 && logitRows <= rows && logitRows <= model.maxLogitRows);
    const Batch batch{backend, model, rows};

    backend.begin(pos0);
    backend.embed(model.tokenEmbedding, tokens, batch.all(model.x), model.plan.embeddingScale);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const int32_t wanted = i + 1 < model.layers.size() ? rows : logitRows;
        batch.attention(model.plan.layers[i], model.layers[i], wanted);
        if (wanted > 0) batch.feedForward(model.layers[i], wanted);
    }
    if (logitRows > 0) batch.logits(logitRows);
    backend.finish();
}

} // namespace nibble
