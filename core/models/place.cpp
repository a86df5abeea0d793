#include <models/forward.h>

#include <algorithm>
#include <base/progress.h>
#include <base/text.h>
#include <map>
#include <nibble/error.h>
#include <set>

namespace nibble {
namespace {

/// Finds a model's tensors and collects everything that is wrong with them.
class Binder {
public:
    explicit Binder(const ModelSource& source) : m_source(source) {}

    /// `target` becomes the tensor's id once all are found to be sound.
    void matrix(WeightId& target, const std::string& name, int64_t rows, int64_t cols,
                WeightUse use = WeightUse::Matmul) {
        bind(target, name, rows, cols, use, true);
    }
    void vector(WeightId& target, const std::string& name, int64_t n) {
        bind(target, name, 1, n, WeightUse::Vector, true);
    }
    /// Absent is fine: then `target` stays none.
    void optionalVector(WeightId& target, const std::string& name, int64_t n) {
        bind(target, name, 1, n, WeightUse::Vector, false);
    }

    /// What is bound from here on belongs to this part of the model (Backend::enterPart).
    void enterPart(int32_t part) { m_part = part; }

    void refuseUnknownTensors(std::size_t layers) const;
    void throwFaults() const;
    void load(Backend& backend, const ProgressFn& progress, std::stop_token stop) const;

private:
    struct Binding {
        WeightId* target;
        const WeightRows* rows;
        WeightUse use;
        int32_t part;
    };

    void bind(WeightId& target, const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required);

    const ModelSource& m_source;
    int32_t m_part = 0;
    std::vector<Binding> m_bindings;
    std::set<std::string_view> m_known;
    std::vector<std::string> m_faults;
};

void Binder::bind(WeightId& target, const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required) {
    const WeightRows* tensor = m_source.find(name);
    if (!tensor) {
        if (required) m_faults.push_back(name + " is missing");
        return;
    }
    m_known.insert(tensor->name);
    if (tensor->planes.size() != 1 || tensor->rows != rows || tensor->cols != cols) {
        m_faults.push_back(nibble::format("%s is %lld x %lld x %zu instead of %lld x %lld", name.c_str(),
                                          (long long)tensor->cols, (long long)tensor->rows, tensor->planes.size(),
                                          (long long)cols, (long long)rows));
    } else if (use == WeightUse::Vector && nibble::format(tensor->format).codeBits != 0) {
        m_faults.push_back(name + " is in the format " + nibble::format(tensor->format).name + " instead of F32");
    } else {
        m_bindings.push_back({&target, tensor, use, m_part});
    }
}

/// Tensors that would change the result if they were used must not be left out in silence. Elsewhere (other modalities,
/// extra heads) unknown tensors are none of our business.
void Binder::refuseUnknownTensors(std::size_t layers) const {
    static constexpr std::string_view kHarmless[] = {"attn_rot_embd.weight", "rope_freqs.weight",
                                                     "attn_rot_embd.inv_freq"};
    static constexpr std::string_view kChangesMeaning[] = {
        "position_embd.weight", "token_types.weight",       "token_embd_norm.weight",    "token_embd_norm.bias",
        "output_norm.bias",     "rope_factors_long.weight", "rope_factors_short.weight", "per_layer_token_embd.weight"};
    for (const WeightRows& tensor : m_source.tensors()) {
        const std::string_view name = tensor.name;
        if (m_known.contains(name)) continue;
        bool refused = std::ranges::find(kChangesMeaning, name) != std::end(kChangesMeaning);
        if (name.starts_with("blk.")) {
            const std::size_t dot = name.find('.', 4);
            const bool ours = dot < 4 + 6 && std::size_t(std::atoi(tensor.name.c_str() + 4)) < layers;
            refused = ours && std::ranges::find(kHarmless, name.substr(dot + 1)) == std::end(kHarmless);
        }
        if (refused)
            throw Error(ErrorKind::Unsupported,
                        "This model has a part that Nibble does not know, so its answers would be wrong.",
                        m_source.metadata().origin + ": tensor " + printable(name, 100), "Choose another model.");
    }
}

void Binder::throwFaults() const {
    if (m_faults.empty()) return;
    std::string list;
    const std::size_t shown = std::min<std::size_t>(m_faults.size(), 20);
    for (std::size_t i = 0; i < shown; ++i) list += (i ? "; " : "") + m_faults[i];
    if (shown < m_faults.size()) list += nibble::format("; and %zu more", m_faults.size() - shown);
    throw Error(ErrorKind::BadFile, "The weights in this model's file do not fit its description.",
                m_source.metadata().origin + ": " + list, "Download the model again or choose another one.");
}

void Binder::load(Backend& backend, const ProgressFn& progress, std::stop_token stop) const {
    double total = 0, done = 0;
    for (const Binding& b : m_bindings) total += double(b.rows->bytes());
    backend.setStop(stop); // one tensor may be most of the model
    ProgressMeter meter(progress, std::move(stop), "Loading", total);
    for (const Binding& b : m_bindings) {
        meter.update(done, b.rows->name);
        backend.enterPart(b.part);
        *b.target = backend.addWeight(*b.rows, b.use);
        done += double(b.rows->bytes());
    }
    meter.finish();
    backend.setStop({});
}

void bindLayer(Binder& binder, const ModelPlan& plan, const LayerPlan& layer, const std::string& prefix,
               LayerOnBackend& out) {
    const int64_t width = plan.embedding, ff = layer.feedForward;
    const int64_t q = int64_t(layer.nHeads) * layer.keyDim, attended = int64_t(layer.nHeads) * layer.valueDim;
    const int64_t k = int64_t(layer.nKvHeads) * layer.keyDim, v = int64_t(layer.nKvHeads) * layer.valueDim;

    binder.vector(out.attnNorm, prefix + "attn_norm.weight", width);
    binder.matrix(out.q, prefix + "attn_q.weight", q, width);
    binder.matrix(out.k, prefix + "attn_k.weight", k, width);
    binder.matrix(out.v, prefix + "attn_v.weight", v, width);
    binder.matrix(out.attnOut, prefix + "attn_output.weight", width, attended);
    binder.optionalVector(out.qBias, prefix + "attn_q.bias", q);
    binder.optionalVector(out.kBias, prefix + "attn_k.bias", k);
    binder.optionalVector(out.vBias, prefix + "attn_v.bias", v);
    binder.optionalVector(out.attnOutBias, prefix + "attn_output.bias", width);
    if (plan.qkNormPerHead) {
        binder.vector(out.qNorm, prefix + "attn_q_norm.weight", layer.keyDim);
        binder.vector(out.kNorm, prefix + "attn_k_norm.weight", layer.keyDim);
    }
    binder.vector(out.ffnNorm, prefix + "ffn_norm.weight", width);
    binder.matrix(out.gate, prefix + "ffn_gate.weight", ff, width);
    binder.matrix(out.up, prefix + "ffn_up.weight", ff, width);
    binder.matrix(out.down, prefix + "ffn_down.weight", width, ff);
    binder.optionalVector(out.gateBias, prefix + "ffn_gate.bias", ff);
    binder.optionalVector(out.upBias, prefix + "ffn_up.bias", ff);
    binder.optionalVector(out.downBias, prefix + "ffn_down.bias", width);
}

void addBuffers(Backend& backend, ModelOnBackend& model, KvFormat kv) {
    const ModelPlan& plan = model.plan;
    std::map<std::pair<std::string, int64_t>, BufferId> shared; // by name and width
    const auto buffer = [&](const char* name, int64_t cols) {
        BufferId& id = shared[{name, cols}];
        if (!id) id = backend.addBuffer(name, model.maxRows, cols);
        return id;
    };
    model.x = buffer("x", plan.embedding);
    model.xNorm = buffer("x_norm", plan.embedding);
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const LayerPlan& layer = plan.layers[i];
        LayerOnBackend& out = model.layers[i];
        out.qRows = buffer("q", int64_t(layer.nHeads) * layer.keyDim);
        out.kRows = buffer("k", int64_t(layer.nKvHeads) * layer.keyDim);
        out.vRows = buffer("v", int64_t(layer.nKvHeads) * layer.valueDim);
        out.attended = buffer("attended", int64_t(layer.nHeads) * layer.valueDim);
        out.gateRows = buffer("gate", layer.feedForward);
        out.upRows = buffer("up", layer.feedForward);
        backend.enterPart(int32_t(i) + 1);
        out.kv = backend.addKv({.capacity = kvCapacity(layer, model.contextLength, model.maxRows),
                                .nKvHeads = layer.nKvHeads,
                                .keyDim = layer.keyDim,
                                .valueDim = layer.valueDim,
                                .format = kv});
    }
    model.logits = backend.addBuffer("logits", model.maxLogitRows, plan.vocabSize);
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
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        binder.enterPart(int32_t(i) + 1);
        bindLayer(binder, model.plan, model.plan.layers[i], "blk." + std::to_string(i) + ".", model.layers[i]);
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
    addBuffers(backend, model, kv);
    backend.prepare(maxRows);
    return model;
}

} // namespace nibble
