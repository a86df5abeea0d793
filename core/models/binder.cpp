#include <models/binder.h>

#include <algorithm>
#include <base/progress.h>
#include <base/text.h>
#include <nibble/error.h>

namespace nibble {

const WeightRows* Binder::sound(const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required,
                                int64_t planes) {
    const WeightRows* tensor = m_source.find(name);
    if (!tensor) {
        if (required) m_faults.push_back(name + " is missing");
        return nullptr;
    }
    m_known.insert(tensor->name);
    if (int64_t(tensor->planes.size()) != planes || tensor->rows != rows || tensor->cols != cols) {
        m_faults.push_back(nibble::format("%s is %lld x %lld x %zu instead of %lld x %lld", name.c_str(),
                                          (long long)tensor->cols, (long long)tensor->rows, tensor->planes.size(),
                                          (long long)cols, (long long)rows) +
                           (planes > 1 ? nibble::format(" x %lld", (long long)planes) : ""));
        return nullptr;
    }
    if (use == WeightUse::Vector && nibble::format(tensor->format).codeBits != 0) {
        m_faults.push_back(name + " is in the format " + nibble::format(tensor->format).name + " instead of F32");
        return nullptr;
    }
    return tensor;
}

void Binder::bind(WeightId& target, const std::string& name, int64_t rows, int64_t cols, WeightUse use, bool required,
                  int64_t planes) {
    if (const WeightRows* tensor = sound(name, rows, cols, use, required, planes))
        m_bindings.push_back({&target, *tensor, use, m_part});
}

void Binder::parts(const std::string& layer, std::span<const Part> parts, const char* fused, int64_t cols,
                   int64_t planes) {
    const std::string name = layer + fused + ".weight";
    int64_t total = 0;
    for (const Part& part : parts) total += part.rows;
    const WeightRows* whole = m_source.find(layer + parts.front().name + ".weight") ? nullptr : m_source.find(name);
    if (!whole || whole->rows != total) {
        for (const Part& part : parts) experts(*part.target, layer + part.name + ".weight", part.rows, cols, planes);
        return;
    }
    if (!sound(name, total, cols, WeightUse::Matmul, true, planes)) return;
    int64_t first = 0;
    for (const Part& part : parts) {
        m_bindings.push_back({part.target, whole->slice(first, part.rows), WeightUse::Matmul, m_part});
        first += part.rows;
    }
}

void Binder::interleaved(WeightId& first, WeightId& second, const std::string& name, int64_t rows, int64_t cols,
                         int64_t group) {
    const WeightRows* both = sound(name, 2 * rows, cols, WeightUse::Matmul, true);
    if (!both) return;
    m_bindings.push_back({&first, both->everyOther(group, 0), WeightUse::Matmul, m_part});
    m_bindings.push_back({&second, both->everyOther(group, 1), WeightUse::Matmul, m_part});
}

/// Tensors that would change the result if they were used must not be left out in silence. Elsewhere (other modalities,
/// extra heads) unknown tensors are none of our business.
void Binder::refuseUnknownTensors(std::size_t layers) const {
    static constexpr std::string_view kHarmless[] = {"attn_rot_embd.weight", "rope_freqs.weight",
                                                     "attn_rot_embd.inv_freq"};
    static constexpr std::string_view kChangesMeaning[] = {"position_embd.weight",   "token_types.weight",
                                                           "token_embd_norm.weight", "token_embd_norm.bias",
                                                           "output_norm.bias",       "per_layer_token_embd.weight"};
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
    for (const Binding& b : m_bindings) total += double(b.rows.bytes());
    backend.setStop(stop); // one tensor may be most of the model
    ProgressMeter meter(progress, std::move(stop), "Loading", total);
    for (const Binding& b : m_bindings) {
        meter.update(done, b.rows.name);
        backend.enterPart(b.part);
        *b.target = backend.addWeight(b.rows, b.use);
        done += double(b.rows.bytes());
    }
    meter.finish();
    backend.setStop({});
}

} // namespace nibble
