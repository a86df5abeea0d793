#include <quantize/sensitivity.h>

#include <algorithm>
#include <base/progress.h>
#include <cmath>
#include <quantize/divergence_probe.h>
#include <quantize/recipe.h>
#include <quantize/rounding_error.h>

namespace nibble {

namespace {

constexpr int64_t kGroups = 28;
constexpr double kCoarseBits = 4.5, kFineBits = 8.5;

/// One group, or all groups of a kind, in about so many bits.
struct Probe {
    std::string name;
    std::vector<std::size_t> tensors;
    std::vector<FormatId> formats; // of the whole model
    double error = 0;              // summed over the tensors
    double cost = 0;
};

class Probing {
public:
    Probing(const ModelSource& source, const ImportanceMatrix* importance, const CalibrationOptions& text,
            ThreadPool& pool, const std::stop_token& stop)
        : m_source(source), m_importance(importance), m_pool(pool), m_probe(source, importance, text, pool, stop) {}

    /// The error of each tensor in these bits is added to `errors`.
    Probe run(const std::string& name, const std::vector<std::size_t>& tensors, double bits,
              std::map<std::size_t, double>& errors) {
        Probe probe{name, tensors, {}, 0, 0};
        for (const WeightRows& tensor : m_source.tensors()) probe.formats.push_back(tensor.format);
        for (const std::size_t t : tensors) {
            const WeightRows& tensor = m_source.tensors()[t];
            const FormatId to = nearest(tensor, bits);
            probe.formats[t] = to;
            errors[t] = roundingErrors(tensor, {&to, 1}, m_importance ? m_importance->of(tensor) : std::vector<float>(),
                                       m_pool)[0];
            probe.error += errors[t];
        }
        probe.cost = m_probe.of(probe.formats);
        return probe;
    }

private:
    FormatId nearest(const WeightRows& tensor, double bits) const {
        const std::vector<FormatId> all = formatsFor(m_source, tensor);
        return *std::ranges::min_element(all, {},
                                         [&](FormatId id) { return std::fabs(format(id).bitsPerWeight() - bits); });
    }

    const ModelSource& m_source;
    const ImportanceMatrix* m_importance;
    ThreadPool& m_pool;
    DivergenceProbe m_probe;
};

} // namespace

std::vector<MatrixGroup> groupMatrices(const ModelSource& source) {
    std::map<std::string, std::map<int64_t, std::vector<std::size_t>>> kinds; // by layer
    int64_t layers = 1;
    for (std::size_t t = 0; t < source.tensors().size(); ++t) {
        const std::string& name = source.tensors()[t].name;
        if (formatsFor(source, source.tensors()[t]).size() == 1) continue;
        const int64_t block = blockNumber(name);
        kinds[block < 0 ? name : name.substr(name.find('.', 4) + 1)][block].push_back(t);
        layers = std::max(layers, block + 1);
    }
    const int64_t wanted = std::max<int64_t>(kGroups / std::max<int64_t>(int64_t(kinds.size()), 1), 1);
    const int64_t stretch = (layers + wanted - 1) / wanted; // of layers in a group
    std::vector<MatrixGroup> groups;
    for (const auto& [kind, ofLayer] : kinds) {
        int64_t last = -1; // stretch of the group under way
        for (const auto& [block, tensors] : ofLayer) {
            const int64_t at = std::max<int64_t>(block, 0) / stretch;
            if (at != last) groups.push_back({kind, {}});
            last = at;
            groups.back().tensors.insert(groups.back().tensors.end(), tensors.begin(), tensors.end());
        }
    }
    return groups;
}

std::vector<FormatId> formatsFor(const ModelSource& source, const WeightRows& tensor) {
    if (isNeverQuantized(tensor)) return {source.isHuggingFace() ? FormatId::F32 : tensor.format};
    std::vector<FormatId> all;
    for (const Format* f : formats())
        if (f->codeBits > 0 && f->encode && tensor.cols % f->blockSize == 0) all.push_back(f->id);
    const FormatId own = tensor.format == FormatId::F32 ? FormatId::F16 : tensor.format;
    if (std::ranges::find(all, own) == all.end()) all.push_back(own);
    std::ranges::stable_sort(all, {}, [](FormatId id) { return format(id).bitsPerWeight(); });
    return all;
}

Sensitivities measureSensitivities(const ModelSource& source, const ImportanceMatrix* importance,
                                   const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                                   std::stop_token stop) {
    const std::vector<MatrixGroup> groups = groupMatrices(source);
    std::map<std::string, std::vector<std::size_t>> kinds;
    for (const MatrixGroup& group : groups)
        kinds[group.kind].insert(kinds[group.kind].end(), group.tensors.begin(), group.tensors.end());

    ProgressMeter meter(progress, stop, "Measuring what rounding costs", double(groups.size() + kinds.size()) + 1);
    Probing probing(source, importance, text, pool, stop);
    double done = 0;
    meter.update(++done);
    std::vector<Probe> probes;
    std::map<std::size_t, double> errors, fineErrors, rounding, inputs; // by tensor
    for (const MatrixGroup& group : groups) {
        probes.push_back(probing.run(group.kind, group.tensors, kCoarseBits, errors));
        for (const std::size_t t : group.tensors)
            rounding[t] = probes.back().error > 0 ? probes.back().cost / probes.back().error : 0;
        meter.update(++done, group.kind);
    }
    // What rounding finely costs beyond its small errors is due to the inputs, which are rounded alike in all formats.
    for (const auto& [kind, tensors] : kinds) {
        const Probe fine = probing.run(kind, tensors, kFineBits, fineErrors);
        double predicted = 0;
        for (const std::size_t t : tensors) predicted += rounding[t] * fineErrors[t];
        for (const std::size_t t : tensors) inputs[t] = std::max(fine.cost - predicted, 0.0) / double(tensors.size());
        meter.update(++done, kind);
    }
    Sensitivities sensitivities;
    for (const Probe& probe : probes) {
        double ofInputs = 0;
        for (const std::size_t t : probe.tensors) ofInputs += inputs[t];
        const double share = probe.cost > 0 ? std::max(1 - ofInputs / probe.cost, 0.1) : 1;
        for (const std::size_t t : probe.tensors)
            sensitivities[source.tensors()[t].name] = {rounding[t] * share, inputs[t]};
    }
    meter.finish();
    return sensitivities;
}

} // namespace nibble
