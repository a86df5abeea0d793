#include <models/forward.h>

#include <algorithm>
#include <map>
#include <models/binder.h>

namespace nibble {
namespace {

void bindFeedForward(Binder& binder, int64_t width, int64_t ff, const std::string& prefix, FeedForwardOnBackend& out) {
    const Binder::Part gateUp[] = {{&out.gate, "ffn_gate", ff}, {&out.up, "ffn_up", ff}};
    binder.parts(prefix, gateUp, "ffn_up", width);
    binder.matrix(out.down, prefix + "ffn_down.weight", width, ff);
    binder.optionalVector(out.gateBias, prefix + "ffn_gate.bias", ff);
    binder.optionalVector(out.upBias, prefix + "ffn_up.bias", ff);
    binder.optionalVector(out.downBias, prefix + "ffn_down.bias", width);
}

void bindExperts(Binder& binder, const ModelPlan& plan, int64_t ff, const std::string& prefix, LayerOnBackend& out) {
    const int64_t width = plan.embedding, n = plan.router.experts;
    FeedForwardOnBackend& ffn = out.ffn;
    binder.matrix(out.router, prefix + "ffn_gate_inp.weight", n, width);
    binder.optionalVector(out.routerBias, prefix + "ffn_gate_inp.bias", n);
    const Binder::Part gateUp[] = {{&ffn.gate, "ffn_gate_exps", ff}, {&ffn.up, "ffn_up_exps", ff}};
    binder.parts(prefix, gateUp, "ffn_gate_up_exps", width, n);
    binder.experts(ffn.down, prefix + "ffn_down_exps.weight", width, ff, n);
    binder.optionalVectors(ffn.gateBias, prefix + "ffn_gate_exps.bias", n, ff);
    binder.optionalVectors(ffn.upBias, prefix + "ffn_up_exps.bias", n, ff);
    binder.optionalVectors(ffn.downBias, prefix + "ffn_down_exps.bias", n, width);
}

/// What every token passes besides the experts it chooses, of width `ff`.
void bindShared(Binder& binder, const ModelPlan& plan, int64_t ff, const std::string& prefix, LayerOnBackend& out) {
    const int64_t width = plan.embedding;
    if (plan.shared == SharedExpert::Gated) {
        binder.matrix(out.shared.gate, prefix + "ffn_gate_shexp.weight", ff, width);
        binder.matrix(out.shared.up, prefix + "ffn_up_shexp.weight", ff, width);
        binder.matrix(out.shared.down, prefix + "ffn_down_shexp.weight", width, ff);
        binder.matrix(out.sharedGate, prefix + "ffn_gate_inp_shexp.weight", 1, width);
    } else if (plan.shared == SharedExpert::Beside) {
        bindFeedForward(binder, width, ff, prefix, out.shared);
        binder.vector(out.routerNorm, prefix + "ffn_gate_inp.scale", width);
        binder.vector(out.expertScales, prefix + "ffn_down_exps.scale", plan.router.experts);
        binder.vector(out.beforeExpertsNorm, prefix + "pre_ffw_norm_2.weight", width);
        binder.vector(out.afterExpertsNorm, prefix + "post_ffw_norm_2.weight", width);
        binder.vector(out.afterSharedNorm, prefix + "post_ffw_norm_1.weight", width);
    }
}

void bindAttention(Binder& binder, const ModelPlan& plan, const LayerPlan& layer, const std::string& prefix,
                   bool valuesAreKeys, LayerOnBackend& out) {
    const int64_t width = plan.embedding;
    const int64_t q = int64_t(layer.nHeads) * layer.keyDim, attended = int64_t(layer.nHeads) * layer.valueDim;
    const int64_t k = int64_t(layer.nKvHeads) * layer.keyDim, v = int64_t(layer.nKvHeads) * layer.valueDim;

    const Binder::Part parts[] = {{&out.q, "attn_q", q}, {&out.k, "attn_k", k}, {&out.v, "attn_v", v}};
    const std::size_t bound = layer.kvFrom >= 0 ? 1 : valuesAreKeys ? 2 : 3;
    if (plan.gatedAttention) {
        binder.interleaved(out.q, out.queryGate, prefix + "attn_q.weight", q, width, layer.keyDim);
        binder.parts(prefix, std::span(parts).subspan(1, bound - 1), "attn_qkv", width);
    } else {
        binder.parts(prefix, std::span(parts).first(bound), "attn_qkv", width);
    }
    for (const char* name : {"attn_k.weight", "attn_v.weight", "attn_k_norm.weight"})
        if (layer.kvFrom >= 0) binder.unused(prefix + name);
    binder.matrix(out.attnOut, prefix + "attn_output.weight", width, attended);
    binder.optionalVector(out.qBias, prefix + "attn_q.bias", q);
    binder.optionalVector(out.kBias, prefix + "attn_k.bias", k);
    binder.optionalVector(out.vBias, prefix + "attn_v.bias", v);
    binder.optionalVector(out.attnOutBias, prefix + "attn_output.bias", width);
    if (plan.qkNorm != QkNorm::None) {
        const bool whole = plan.qkNorm == QkNorm::WholeRow;
        binder.vector(out.qNorm, prefix + "attn_q_norm.weight", whole ? q : layer.keyDim);
        if (layer.kvFrom < 0) binder.vector(out.kNorm, prefix + "attn_k_norm.weight", whole ? k : layer.keyDim);
    }
    binder.optionalVector(out.sinks, prefix + "attn_sinks.weight", layer.nHeads);
}

void bindDeltaNet(Binder& binder, int64_t width, const DeltaNetSpec& spec, const std::string& prefix,
                  LayerOnBackend& out) {
    const int64_t heads = spec.nValueHeads, values = heads * spec.valueDim;
    binder.matrix(out.net.qkv, prefix + "attn_qkv.weight", spec.channels(), width);
    binder.matrix(out.net.outputGate, prefix + "attn_gate.weight", values, width);
    binder.matrix(out.net.alpha, prefix + "ssm_alpha.weight", heads, width);
    binder.matrix(out.net.beta, prefix + "ssm_beta.weight", heads, width);
    binder.vectors(out.net.weights.taps, prefix + "ssm_conv1d.weight", spec.channels(), spec.taps);
    binder.vector(out.net.weights.decay, prefix + "ssm_a", heads);
    binder.vector(out.net.weights.step, prefix + "ssm_dt.bias", heads);
    binder.vector(out.net.outputNorm, prefix + "ssm_norm.weight", spec.valueDim);
    binder.matrix(out.attnOut, prefix + "ssm_out.weight", width, values);
}

void bindLayer(Binder& binder, const ModelPlan& plan, const LayerPlan& layer, const std::string& prefix,
               bool valuesAreKeys, LayerOnBackend& out) {
    const int64_t width = plan.embedding, ff = layer.feedForward;
    binder.norm(out.attnNorm, prefix, plan.norms.beforeAttention, width);
    if (layer.deltaNet)
        bindDeltaNet(binder, width, layer.deltaNet, prefix, out);
    else
        bindAttention(binder, plan, layer, prefix, valuesAreKeys, out);
    binder.norm(out.afterAttnNorm, prefix, plan.norms.afterAttention, width);
    binder.norm(out.ffnNorm, prefix, plan.norms.beforeFeedForward, width);
    if (plan.router.experts > 0) {
        bindExperts(binder, plan, ff, prefix, out);
        bindShared(binder, plan, layer.sharedWidth, prefix, out);
    } else {
        bindFeedForward(binder, width, ff, prefix, out.ffn);
    }
    binder.norm(out.afterFfnNorm, prefix, plan.norms.afterFeedForward, width);
    if (const int64_t own = plan.perLayerEmbedding; own > 0) {
        binder.matrix(out.inputGate, prefix + "inp_gate.weight", own, width);
        binder.matrix(out.inputProjection, prefix + "proj.weight", width, own);
        binder.vector(out.afterInputNorm, prefix + "post_norm.weight", width);
    }
    binder.optionalNumber(out.outputScale, prefix + "layer_output_scale.weight");
}

/// What the embedding of every layer comes from.
void bindPerLayerEmbedding(Binder& binder, ModelOnBackend& model) {
    const int64_t own = model.plan.perLayerEmbedding, all = own * int64_t(model.plan.layers.size());
    if (own == 0) return;
    binder.matrix(model.perLayerTable, "per_layer_token_embd.weight", model.plan.vocabSize, all, WeightUse::FileRows);
    binder.matrix(model.perLayerProjection, "per_layer_model_proj.weight", all, model.plan.embedding);
    binder.vector(model.perLayerNorm, "per_layer_proj_norm.weight", own);
}

void addBuffers(Backend& backend, ModelOnBackend& model) {
    const ModelPlan& plan = model.plan;
    std::map<std::pair<std::string, int64_t>, BufferId> shared; // by name and width
    const auto buffer = [&](const char* name, int64_t cols, int64_t rowsPerToken = 1) {
        BufferId& id = shared[{name, cols}];
        if (!id) id = backend.addBuffer(name, model.maxRows * rowsPerToken, cols);
        return id;
    };
    const int64_t used = std::max(plan.router.used, 1);
    model.x = buffer("x", plan.embedding);
    model.xNorm = buffer("x_norm", plan.embedding);
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const LayerPlan& layer = plan.layers[i];
        LayerOnBackend& out = model.layers[i];
        if (layer.deltaNet) {
            out.net.qkvRows = buffer("qkv", layer.deltaNet.channels());
            out.attended = buffer("attended", int64_t(layer.deltaNet.nValueHeads) * layer.deltaNet.valueDim);
            out.net.outputGateRows =
                buffer("output_gate", int64_t(layer.deltaNet.nValueHeads) * layer.deltaNet.valueDim);
            out.net.alphaRows = buffer("alpha", layer.deltaNet.nValueHeads);
            out.net.betaRows = buffer("beta", layer.deltaNet.nValueHeads);
        } else {
            out.qRows = buffer("q", int64_t(layer.nHeads) * layer.keyDim);
            if (layer.kvFrom < 0) {
                out.kRows = buffer("k", int64_t(layer.nKvHeads) * layer.keyDim);
                out.vRows = buffer("v", int64_t(layer.nKvHeads) * layer.valueDim);
            }
            out.attended = buffer("attended", int64_t(layer.nHeads) * layer.valueDim);
            if (plan.gatedAttention) out.queryGateRows = buffer("query_gate", int64_t(layer.nHeads) * layer.valueDim);
        }
        out.ffn.gateRows = buffer("gate", layer.feedForward, used);
        out.ffn.upRows = buffer("up", layer.feedForward, used);
        if (layer.sharedWidth > 0) {
            out.shared.gateRows = buffer("shared_gate", layer.sharedWidth);
            out.shared.upRows = buffer("shared_up", layer.sharedWidth);
        }
    }
    if (model.router) {
        model.routerLogits = buffer("router", plan.router.experts);
        model.expertRows = buffer("experts", plan.embedding, used);
        if (plan.shared == SharedExpert::Beside) model.mixedRows = buffer("mixed", plan.embedding);
        if (plan.shared == SharedExpert::Gated) model.dimRows = buffer("dim", 1);
    }
    if (const int64_t own = plan.perLayerEmbedding; own > 0) {
        model.perLayerTokens = buffer("token_inputs", own * int64_t(plan.layers.size()));
        model.perLayer = buffer("layer_inputs", own * int64_t(plan.layers.size()));
        model.inputGateRows = buffer("input_gate", own);
        model.inputRows = buffer("input", own);
    }
    model.logits = backend.addBuffer("logits", model.maxLogitRows, plan.vocabSize);
    model.top = backend.addBuffer("top", topRows(plan.vocabSize), 2 * kMostTopValues);
}

/// What of the text each layer keeps.
void addMemories(Backend& backend, ModelOnBackend& model, KvFormat kv) {
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const LayerPlan& layer = model.plan.layers[i];
        LayerOnBackend& out = model.layers[i];
        backend.enterPart(int32_t(i) + 1);
        if (layer.deltaNet)
            out.net.state = backend.addState(layer.deltaNet);
        else if (layer.kvFrom >= 0)
            out.kv = model.layers[std::size_t(layer.kvFrom)].kv;
        else
            out.kv = backend.addKv({.capacity = kvCapacity(layer, model.contextLength, model.maxRows),
                                    .nKvHeads = layer.nKvHeads,
                                    .keyDim = layer.keyDim,
                                    .valueDim = layer.valueDim,
                                    .format = kv});
    }
}

} // namespace

int32_t kvCapacity(const LayerPlan& layer, int32_t contextLength, int32_t maxRows) {
    if (layer.window == 0 || layer.window >= contextLength - maxRows) return contextLength;
    return layer.window + maxRows;
}

ModelOnBackend placeModel(Backend& backend, const ModelSource& source, int32_t contextLength, KvFormat kv,
                          int32_t maxRows, int32_t maxLogitRows, const ProgressFn& progress, std::stop_token stop) {
    ModelOnBackend model;
    model.plan = planOf(source, contextLength);
    model.contextLength = contextLength;
    model.maxRows = maxRows;
    model.maxLogitRows = maxLogitRows;
    model.layers.resize(model.plan.layers.size());
    const int64_t width = model.plan.embedding, vocab = model.plan.vocabSize;

    Binder binder(source);
    const bool tied = source.find("output.weight") == nullptr;
    binder.matrix(model.tokenEmbedding, "token_embd.weight", vocab, width,
                  tied ? WeightUse::EmbeddingAndMatmul : WeightUse::Embedding);
    bindPerLayerEmbedding(binder, model);
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        binder.enterPart(int32_t(i) + 1);
        const std::string prefix = "blk." + std::to_string(i) + ".";
        const bool fused = source.find(prefix + "attn_qkv.weight") != nullptr;
        const bool valuesAreKeys = model.plan.valueNorm && !fused && !source.find(prefix + "attn_v.weight");
        bindLayer(binder, model.plan, model.plan.layers[i], prefix, valuesAreKeys, model.layers[i]);
    }
    binder.enterPart(int32_t(model.layers.size()) + 1);
    binder.vector(model.outputNorm, "output_norm.weight", width);
    if (!tied) binder.matrix(model.output, "output.weight", vocab, width);
    binder.optionalVector(model.outputBias, "output.bias", vocab);
    binder.refuseUnknownTensors(model.layers.size());
    binder.throwFaults();
    binder.load(backend, progress, std::move(stop));
    if (tied) model.output = model.tokenEmbedding;

    for (const RopeSpec& rope : model.plan.ropes) model.ropes.push_back(backend.addRope(rope));
    if (model.plan.router.experts > 0) model.router = backend.addRouter(model.plan.router);
    addBuffers(backend, model);
    addMemories(backend, model, kv);
    backend.prepare(maxRows);
    return model;
}

} // namespace nibble
