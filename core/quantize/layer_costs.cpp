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
constexpr std::size_t kCostliest = 3;

int32_t layerOf(const WeightRows& tensor) {
    return int32_t(std::max<int64_t>(blockNumber(tensor.name), kOutsideLayers));
}

/// The original with one layer of the smaller model. A layer is changed as a whole: what scales took from one of its
/// tensors and gave to another stays together.
class OneRoundedLayer final : public ChangedSource {
public:
    OneRoundedLayer(const ModelSource& original, const ModelSource& smaller, int32_t layer) : ChangedSource(original) {
        for (WeightRows& tensor : m_tensors)
            if (layerOf(tensor) == layer) tensor = *smaller.find(tensor.name);
    }
};

std::string listed(const std::vector<int32_t>& layers) {
    std::string words;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (i > 0) words += i + 1 == layers.size() ? " and " : ", ";
        words += layers[i] == kOutsideLayers ? "the tables of words" : "layer " + std::to_string(layers[i]);
    }
    words[0] = char(std::toupper(static_cast<unsigned char>(words[0])));
    return words;
}

/// Names those that cost most, and what it takes to give them more.
void nameCostliest(LayerCostReport& report) {
    std::vector<LayerCost> byCost;
    double sum = 0;
    for (const LayerCost& layer : report.layers) {
        sum += layer.divergence;
        if (layer.finerBytes > 0 && layer.divergence > 0) byCost.push_back(layer);
    }
    std::ranges::stable_sort(byCost, std::greater<>(), &LayerCost::divergence);
    byCost.resize(std::min(byCost.size(), kCostliest));
    double theirs = 0;
    for (const LayerCost& layer : byCost) {
        report.costliest.push_back(layer.layer);
        report.costliestFinerBytes += layer.finerBytes;
        theirs += layer.divergence;
    }
    report.sentence = byCost.empty()
                          ? "No layer costs anything that finer bits would give back."
                          : format("%s cost%s most: %.0f %% of what all layers cost one by one. About one bit more in "
                                   "%s takes %s.",
                                   listed(report.costliest).c_str(), byCost.size() == 1 ? "s" : "", 100 * theirs / sum,
                                   byCost.size() == 1 ? "it" : "them", humanBytes(report.costliestFinerBytes).c_str());
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
    nameCostliest(report);
    report.seconds = secondsSince(start);
    return report;
}

} // namespace nibble
