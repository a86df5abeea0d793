#include <models/forward.h>

#include <cassert>
#include <cmath>

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

    View normed(View x, WeightId norm) const;
    void addToHidden(View in, WeightId weight, WeightId bias, WeightId norm) const;
    void attention(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const;
    void normAndTurn(const LayerPlan& plan, const LayerOnBackend& layer, View q, bool own) const;
    void deltaNet(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const;
    View gated(const FeedForwardOnBackend& ffn, View h) const;
    void feedForward(const LayerOnBackend& layer, int32_t wanted) const;
    void mixExperts(const LayerOnBackend& layer, View h, View residual, View out) const;
    void experts(const LayerOnBackend& layer, int32_t wanted) const;
    void expertsBeside(const LayerOnBackend& layer, int32_t wanted) const;
    void perLayerInputs(std::span<const int32_t> tokens, View embedded) const;
    void addPerLayerInput(std::size_t index, const LayerOnBackend& layer, int32_t wanted) const;
    void embed(std::span<const int32_t> tokens, View out) const;
    void layers(std::size_t first, std::size_t end, int32_t wanted) const;
    void hidden(std::span<const int32_t> tokens, int32_t wanted) const;
    void logits(View x) const;
};

/// rmsNorm(x); x itself where an architecture has no norm there.
View Batch::normed(View x, WeightId norm) const {
    if (!norm) return x;
    const View h{model.xNorm, x.row0, x.rows};
    backend.rmsNorm(x, norm, model.plan.normEps, model.plan.embedding, h);
    return h;
}

/// x += residualScale * [norm](W in + bias) for the last rows, as many as `in` has.
void Batch::addToHidden(View in, WeightId weight, WeightId bias, WeightId norm) const {
    const ModelPlan& m = model.plan;
    const View x = last(model.x, in.rows);
    if (!norm && m.residualScale == 1) {
        const Product product{weight, x, bias, x};
        return backend.matmul(in, {&product, 1});
    }
    const View h = last(model.xNorm, in.rows);
    const Product product{weight, h, bias, {}};
    backend.matmul(in, {&product, 1});
    if (norm) backend.rmsNorm(h, norm, m.normEps, m.embedding, h);
    backend.add(x, h, m.residualScale, x);
}

/// rope(norm(q)) and, where the layer has `own` ones, rope(norm(k)) and [norm](v), in place. Side by side, so that a
/// card need not wait between them.
void Batch::normAndTurn(const LayerPlan& plan, const LayerOnBackend& layer, View q, bool own) const {
    const ModelPlan& m = model.plan;
    const bool whole = m.qkNorm == QkNorm::WholeRow;
    const View k = all(layer.kRows), v = all(layer.vRows);
    if (own && m.valueNorm) backend.rmsNorm(layer.v ? v : k, {}, m.normEps, plan.valueDim, v);
    if (layer.qNorm) backend.rmsNorm(q, layer.qNorm, m.normEps, plan.keyDim * (whole ? plan.nHeads : 1), q);
    if (layer.kNorm) backend.rmsNorm(k, layer.kNorm, m.normEps, plan.keyDim * (whole ? plan.nKvHeads : 1), k);
    if (plan.rope < 0) return;
    backend.rope(model.ropes[std::size_t(plan.queryRope)], q, plan.nHeads, plan.keyDim);
    if (own) backend.rope(model.ropes[std::size_t(plan.rope)], k, plan.nKvHeads, plan.keyDim);
}

/// x += Wo attention(rope(norm(Wq h)), rope(norm(Wk h)), Wv h), h = norm(x). A layer that reads another's keys and
/// values has only the wanted rows to do.
void Batch::attention(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const {
    const bool own = plan.kvFrom < 0;
    const int32_t n = own ? rows : wanted;
    const View q = last(layer.qRows, n), k = all(layer.kRows), v = all(layer.vRows);

    const View h = normed(last(model.x, n), layer.attnNorm);
    Product products[4] = {{layer.q, q, layer.qBias, {}}};
    std::size_t count = 1;
    if (own) products[count++] = {layer.k, k, layer.kBias, {}};
    if (own && layer.v) products[count++] = {layer.v, v, layer.vBias, {}};
    if (layer.queryGate) products[count++] = {layer.queryGate, last(layer.queryGateRows, n), {}, {}};
    backend.matmul(h, std::span(products).first(count));
    normAndTurn(plan, layer, q, own);
    if (own) backend.writeKv(layer.kv, k, v);
    if (wanted == 0) return;

    const AttentionSpec spec{.nHeads = plan.nHeads,
                             .nKvHeads = plan.nKvHeads,
                             .keyDim = plan.keyDim,
                             .valueDim = plan.valueDim,
                             .scale = plan.attentionScale,
                             .window = plan.window,
                             .softcap = plan.softcap,
                             .sinks = layer.sinks};
    const View attended = last(layer.attended, wanted);
    backend.attention(spec, last(layer.qRows, wanted), layer.kv, attended);
    if (layer.queryGate)
        backend.gatedActivation(Activation::Sigmoid, last(layer.queryGateRows, wanted), attended, attended);
    addToHidden(attended, layer.attnOut, layer.attnOutBias, layer.afterAttnNorm);
}

/// x += Wo (norm(deltaNet(Wqkv h, Walpha h, Wbeta h)) * silu(Wgate h)), h = norm(x).
void Batch::deltaNet(const LayerPlan& plan, const LayerOnBackend& layer, int32_t wanted) const {
    const DeltaNetOnBackend& net = layer.net;
    const View qkv = all(net.qkvRows), alpha = all(net.alphaRows), beta = all(net.betaRows);

    const View h = normed(all(model.x), layer.attnNorm);
    const Product products[] = {{net.qkv, qkv, {}, {}},
                                {net.outputGate, all(net.outputGateRows), {}, {}},
                                {net.alpha, alpha, {}, {}},
                                {net.beta, beta, {}, {}}};
    backend.matmul(h, products);
    backend.deltaNet(net.state, net.weights, qkv, alpha, beta, all(layer.attended));
    if (wanted == 0) return;
    const View out = last(layer.attended, wanted);
    backend.rmsNorm(out, net.outputNorm, model.plan.normEps, plan.deltaNet.valueDim, out);
    backend.gatedActivation(Activation::Silu, last(net.outputGateRows, wanted), out, out);
    addToHidden(out, layer.attnOut, {}, layer.afterAttnNorm);
}

/// activation(Wgate h) * Wup h.
View Batch::gated(const FeedForwardOnBackend& ffn, View h) const {
    const View gate = last(ffn.gateRows, h.rows), up = last(ffn.upRows, h.rows);
    const Product gateUp[] = {{ffn.gate, gate, ffn.gateBias, {}}, {ffn.up, up, ffn.upBias, {}}};
    backend.matmul(h, gateUp);
    backend.gatedActivation(model.plan.activation, gate, up, gate);
    return gate;
}

/// x += Wdown (activation(Wgate h) * Wup h), h = norm(x).
void Batch::feedForward(const LayerOnBackend& layer, int32_t wanted) const {
    const View inner = gated(layer.ffn, normed(last(model.x, wanted), layer.ffnNorm));
    addToHidden(inner, layer.ffn.down, layer.ffn.downBias, layer.afterFfnNorm);
}

/// out = [residual +] sum over the experts that each token was routed to of weight * Wdown (activation(Wgate h) * Wup
/// h).
void Batch::mixExperts(const LayerOnBackend& layer, View h, View residual, View out) const {
    const FeedForwardOnBackend& ffn = layer.ffn;
    const int32_t slots = h.rows * model.plan.router.used;
    const View gate{ffn.gateRows, 0, slots}, up{ffn.upRows, 0, slots}, added{model.expertRows, 0, slots};
    const Product gateUp[] = {{ffn.gate, gate, ffn.gateBias, {}}, {ffn.up, up, ffn.upBias, {}}};
    backend.expertMatmul(model.router, h, gateUp);
    backend.gatedActivation(model.plan.activation, gate, up, gate);
    const Product down{ffn.down, added, ffn.downBias, {}};
    backend.expertMatmul(model.router, gate, {&down, 1});
    backend.mixExperts(model.router, added, residual, out);
}

/// x += experts(h) [+ sigmoid(w h) * Wdown (activation(Wgate h) * Wup h)], h = norm(x).
void Batch::experts(const LayerOnBackend& layer, int32_t wanted) const {
    const View logits{model.routerLogits, 0, wanted}, x = last(model.x, wanted), dim{model.dimRows, 0, wanted};

    const View h = normed(x, layer.ffnNorm);
    const Product products[] = {{layer.router, logits, layer.routerBias, {}}, {layer.sharedGate, dim, {}, {}}};
    backend.matmul(h, std::span(products).first(layer.sharedGate ? 2 : 1));
    backend.route(model.router, logits, {});
    mixExperts(layer, h, x, x);
    if (!layer.sharedGate) return;
    const View inner = gated(layer.shared, h);
    backend.dimRows(dim, inner);
    addToHidden(inner, layer.shared.down, {}, {});
}

/// x += norm(norm(Wdown (activation(Wgate h) * Wup h)) + norm(experts(norm(x)))), h = norm(x), each norm another one.
/// The experts are chosen by W norm(x) / sqrt(width).
void Batch::expertsBeside(const LayerOnBackend& layer, int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const View x = last(model.x, wanted), mixed = last(model.mixedRows, wanted), sum = last(model.xNorm, wanted);
    const View logits{model.routerLogits, 0, wanted};
    const Product choice{layer.router, logits, {}, {}};
    backend.matmul(normed(x, layer.routerNorm), {&choice, 1});
    backend.scale(logits, float(1 / std::sqrt(double(m.embedding))), 0);
    backend.route(model.router, logits, layer.expertScales);
    mixExperts(layer, normed(x, layer.beforeExpertsNorm), {}, mixed);
    backend.rmsNorm(mixed, layer.afterExpertsNorm, m.normEps, m.embedding, mixed);

    const View inner = gated(layer.shared, normed(x, layer.ffnNorm));
    const Product down{layer.shared.down, sum, {}, {}};
    backend.matmul(inner, {&down, 1});
    backend.rmsNorm(sum, layer.afterSharedNorm, m.normEps, m.embedding, sum);
    backend.add(sum, mixed, 1, sum);
    backend.rmsNorm(sum, layer.afterFfnNorm, m.normEps, m.embedding, sum);
    backend.add(x, sum, 1, x);
}

/// Of each layer l: p_l = (norm(W_l x / sqrt(width)) + sqrt(d) * E_l[token]) / sqrt(2), x the embedded tokens.
void Batch::perLayerInputs(std::span<const int32_t> tokens, View embedded) const {
    const ModelPlan& m = model.plan;
    const View p = all(model.perLayer), e = all(model.perLayerTokens);
    const Product product{model.perLayerProjection, p, {}, {}};
    backend.matmul(embedded, {&product, 1});
    // norm(y / sqrt(width)) with eps is norm(y) with eps * width.
    backend.rmsNorm(p, model.perLayerNorm, m.normEps * float(m.embedding), m.perLayerEmbedding, p);
    backend.embed(model.perLayerTable, tokens, e, std::sqrt(float(m.perLayerEmbedding) / 2));
    backend.add(e, p, float(M_SQRT1_2), p);
}

/// x += norm(W (activation(Wgate x) * p_l)).
void Batch::addPerLayerInput(std::size_t index, const LayerOnBackend& layer, int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const View gate = last(model.inputGateRows, wanted), input = last(model.inputRows, wanted);
    const Product product{layer.inputGate, gate, {}, {}};
    backend.matmul(last(model.x, wanted), {&product, 1});
    backend.copyColumns(last(model.perLayer, wanted), int32_t(index) * m.perLayerEmbedding, input);
    backend.gatedActivation(m.activation, gate, input, gate);
    addToHidden(gate, layer.inputProjection, {}, layer.afterInputNorm);
}

/// The embedding, and what layers are given of it beside the hidden state.
void Batch::embed(std::span<const int32_t> tokens, View out) const {
    const ModelPlan& m = model.plan;
    backend.enterPart(0);
    backend.embed(model.tokenEmbedding, tokens, out, m.embeddingScale);
    if (m.perLayerEmbedding > 0) perLayerInputs(tokens, out);
}

/// Layers [first, end). Behind the last one that writes keys, only the `wanted` last rows.
void Batch::layers(std::size_t first, std::size_t end, int32_t wanted) const {
    const ModelPlan& m = model.plan;
    const auto lastWriting = std::size_t(lastWritingLayer(m));
    for (std::size_t i = first; i < end; ++i) {
        const LayerOnBackend& layer = model.layers[i];
        const int32_t n = i < lastWriting ? rows : wanted;
        if (n == 0 && i > lastWriting) return;
        backend.enterPart(int32_t(i) + 1, all(model.x));
        m.layers[i].deltaNet ? deltaNet(m.layers[i], layer, n) : attention(m.layers[i], layer, n);
        if (n == 0) continue;
        if (!model.router)
            feedForward(layer, n);
        else
            m.shared == SharedExpert::Beside ? expertsBeside(layer, n) : experts(layer, n);
        if (m.perLayerEmbedding > 0) addPerLayerInput(i, layer, n);
        if (layer.outputScale != 1) backend.scale(last(model.x, n), layer.outputScale, 0);
    }
}

void Batch::hidden(std::span<const int32_t> tokens, int32_t wanted) const {
    embed(tokens, all(model.x));
    layers(0, model.layers.size(), wanted);
}

/// logits = W rmsNorm(x).
void Batch::logits(View x) const {
    const ModelPlan& m = model.plan;
    const View out{model.logits, 0, x.rows};
    const Product product{model.output, out, model.outputBias, {}};

    backend.enterPart(int32_t(model.layers.size()) + 1, x);
    backend.matmul(normed(x, model.outputNorm), {&product, 1});
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
             int32_t logitRows, TopLogits top) {
    assert(logitRows >= 0 && logitRows <= model.maxLogitRows);
    const Batch batch = begin(backend, model, tokens, pos0);
    batch.hidden(tokens, logitRows);
    if (logitRows > 0) batch.logits(batch.last(model.x, logitRows));
    if (logitRows > 0 && top.count > 0)
        backend.topValues({model.logits, 0, 1}, top.tokens, top.count, {model.top, 0, topRows(model.plan.vocabSize)});
    backend.finish();
}

void forwardHidden(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
                   int32_t wanted) {
    begin(backend, model, tokens, pos0).hidden(tokens, wanted);
    backend.finish();
}

void forwardLayers(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t first,
                   int32_t end) {
    assert(first >= 0 && first < end && std::size_t(end) <= model.layers.size());
    const Batch batch = begin(backend, model, tokens, 0);
    if (first == 0 || model.plan.perLayerEmbedding > 0)
        batch.embed(tokens, batch.all(first == 0 ? model.x : model.xNorm));
    batch.layers(std::size_t(first), std::size_t(end), batch.rows);
    backend.finish();
}

void logitsOfHidden(Backend& backend, const ModelOnBackend& model, int32_t pos0, int32_t row0, int32_t rows) {
    assert(rows >= 1 && rows <= model.maxLogitRows);
    backend.begin(pos0);
    Batch{backend, model, row0 + rows}.logits({model.x, row0, rows});
    backend.finish();
}

} // namespace nibble
