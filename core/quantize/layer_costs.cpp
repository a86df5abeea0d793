#include <algorithm>
#include <base/clock.h>
#include <base/progress.h>
#include <base/text.h>
#include <map>
#include <models/changed_source.h>
#include <nibble/human.h>
#include <nibble/layer_costs.h>
#include <quantize/divergence_probe.h>
#include <quantize/mixture.h>
#include <quantize/preview.h>
#include <quantize/recipe.h>

namespace nibble {

namespace {

constexpr std::size_t kTokens = 1024; // read for every layer
constexpr std::size_t kMostNamed = 3;

static_assert(kOutsideLayers == -1, "as blockNumber() has it");
int32_t layerOf(const WeightRows& tensor) { return int32_t(blockNumber(tensor.name)); }

/// The original with one layer of the smaller model. A layer is changed as a whole: what scales took from one of its
/// tensors and gave to another stays together.
class OneRoundedLayer final : public ChangedSource {
public:
    OneRoundedLayer(const ModelSource& original, const ModelSource& smaller, int32_t layer) : ChangedSource(original) {
        for (WeightRows& tensor : m_tensors)
            if (layerOf(tensor) == layer) tensor = *smaller.find(tensor.name);
    }
};

/// "layer 29, layer 18 and the tables of words"
std::string listed(const std::vector<int32_t>& layers) {
    std::string words;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (i > 0) words += i + 1 == layers.size() ? " and " : ", ";
        words += layers[i] == kOutsideLayers ? "the tables of words" : "layer " + std::to_string(layers[i]);
    }
    return words;
}

/// Where finer formats gain most for their bytes.
void nameWorthMost(LayerCostReport& report) {
    std::vector<LayerCost> finer;
    double sum = 0, theirs = 0;
    for (const LayerCost& layer : report.layers) {
        sum += layer.divergence;
        if (layer.finerBytes > 0 && layer.divergence > 0) finer.push_back(layer);
    }
    std::ranges::stable_sort(finer, std::greater<>(),
                             [](const LayerCost& l) { return l.divergence / double(l.finerBytes); });
    finer.resize(std::min(finer.size(), kMostNamed));
    for (const LayerCost& layer : finer) {
        report.worthMost.push_back(layer.layer);
        report.worthMostBytes += layer.finerBytes;
        theirs += layer.divergence;
    }
    report.sentence =
        finer.empty()
            ? "No layer costs anything that finer bits would give back."
            : format("More bits gain most in %s: %.0f %% of what all layers cost one by one. About one bit a weight "
                     "more there takes %s.",
                     listed(report.worthMost).c_str(), 100 * theirs / sum, humanBytes(report.worthMostBytes).c_str());
}

} // namespace

LayerCostReport measureLayerCosts(const LayerCostOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    const auto original = openModel(options.original), smaller = openModel(options.smaller);
    const Mixture as = mixtureOfFile(*original, *smaller); // refuses models that do not belong together

    LayerCostReport report;
    std::map<int32_t, LayerCost> layers;
    for (std::size_t t = 0; t < as.formats.size(); ++t) {
        const WeightRows& tensor = original->tensors()[t];
        LayerCost& layer = layers[layerOf(tensor)];
        layer.layer = layerOf(tensor);
        const uint64_t bytes = bytesInFile(tensor, as.formats[t]);
        layer.bytes += bytes;
        layer.finerBytes += bytesInFile(tensor, finerFormat(*original, tensor, as.formats[t])) - bytes;
    }

    ProgressMeter meter(progress, stop, "Measuring layers", double(layers.size()) + 2);
    ThreadPool pool(options.threads);
    const DivergenceProbe probe(*original, nullptr, sampledText(*original, kTokens), kSampledPiece / 2, pool, stop);
    meter.update(1, "all together");
    const ProbeResult all = probe.measure(*smaller);
    report.divergence = all.divergence;
    report.tokens = int32_t(all.rows);
    for (auto& [number, layer] : layers) {
        meter.update(double(report.layers.size()) + 2, number == kOutsideLayers ? "" : format("layer %d", number));
        const ProbeResult result = probe.measure(OneRoundedLayer(*original, *smaller, number));
        layer.divergence = result.divergence;
        layer.divergenceError = result.divergenceError;
        report.layers.push_back(layer);
    }
    meter.finish();
    nameWorthMost(report);
    report.seconds = secondsSince(start);
    return report;
}

} // namespace nibble
