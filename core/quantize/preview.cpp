#include <quantize/preview.h>

#include <algorithm>
#include <base/clock.h>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <cmath>
#include <compare/sample_text.h>
#include <compare/statistics.h>
#include <nibble/estimate.h>
#include <quantize/calibrate.h>
#include <quantize/importance.h>
#include <quantize/making_time.h>
#include <quantize/quantize.h>

namespace nibble {

namespace {

constexpr double kMostRounded = 160e6;    // weights that a probe rounds: more are sampled by layers
constexpr double kMostWork = 135e6 * 512; // weights times tokens that a probe reads
constexpr std::size_t kFewestTokens = 128, kMostTokens = 2048;
constexpr int64_t kMostPieces = 16;

// Between the divergence of a probe and the one that compareModels() measures lie other pieces of text and chance. Over
// five stops of SmolLM2, the demo model and two goldens of other shapes tests/bench/preview.py measured 0.77 to 1.33
// times the probe's; the factor covers them with some room.
constexpr double kOtherText = 1.5;
constexpr double kSampledLayers = 1.5; // beside it, where only some layers were rounded: the others may cost more

/// Which tensors a probe rounds: all, or those of every n-th layer.
struct Sample {
    std::vector<bool> rounded;
    double share = 1;
    std::size_t tokens = 0; // to read
};

Sample sampleOf(const ModelSource& source) {
    double weights = 0;
    int64_t layers = 0;
    for (const WeightRows& tensor : source.tensors()) {
        weights += double(tensor.elements());
        layers = std::max(layers, blockNumber(tensor.name) + 1);
    }
    const auto step = std::max<int64_t>(1, int64_t(std::ceil(weights / kMostRounded)));
    Sample sample;
    int64_t taken = 0;
    const auto takes = [&](int64_t layer) { return layer % step == step / 2; };
    for (int64_t layer = 0; layer < layers; ++layer) taken += takes(layer);
    const bool all = step == 1 || taken == 0;
    for (const WeightRows& tensor : source.tensors()) {
        const int64_t layer = blockNumber(tensor.name);
        // Embeddings and output get many bits in every recipe, and are as large as many layers.
        sample.rounded.push_back(all || (layer >= 0 && takes(layer)));
    }
    if (!all) sample.share = double(taken) / double(layers);
    sample.tokens = std::size_t(std::clamp(kMostWork / weights, double(kFewestTokens), double(kMostTokens)));
    return sample;
}

/// What a quick job knows of the inputs (importance.h), in the form of what was measured.
ImportanceMatrix estimatedImportance(const ModelSource& source, const Sample& sample, ThreadPool& pool) {
    constexpr float kCertain = 1e6f; // tokens: so that of() gives the estimate as it is
    ImportanceMatrix matrix;
    for (std::size_t t = 0; t < sample.rounded.size(); ++t) {
        const WeightRows& tensor = source.tensors()[t];
        if (!sample.rounded[t]) continue;
        std::vector<float> importance = inputImportance(source, tensor, pool);
        if (importance.empty()) continue;
        for (float& value : importance) value *= kCertain;
        matrix.tensors[tensor.name] = {std::move(importance), std::vector<float>(tensor.planes.size(), kCertain)};
    }
    return matrix;
}

StopPreview plannedStop(const RecipeInfo& recipe, const PreviewOptions& options) {
    StopPreview stop;
    stop.recipe = recipe.name;
    stop.label = recipe.label;
    stop.stop = recipe.stop;
    EstimateRequest request;
    request.model = options.source;
    request.recipe = recipe.name;
    request.threads = options.threads;
    const Estimate estimate = estimateModel(request);
    stop.memoryBytes = estimate.totalBytes;
    stop.fits = estimate.verdict.fit != Fit::DoesNotFit;
    return stop;
}

} // namespace

Predicted divergenceRange(const ProbeResult& probe, double share) {
    const double expected = probe.divergence / share; // small divergences of independent errors add up
    const double chance = probe.divergence > 0 ? 2 * probe.divergenceError / probe.divergence : 0;
    const double factor = kOtherText * (1 + chance) * (share < 1 ? kSampledLayers : 1);
    return {expected, expected / factor, expected * factor};
}

Predicted agreementRange(const ProbeResult& probe, const Predicted& divergence) {
    // Logits move by about the square root of the divergence, and as many words change as move past another.
    const double scale = probe.divergence > 0 ? std::sqrt(divergence.expected / probe.divergence) : 1;
    const double spread = divergence.expected > 0 ? std::sqrt(divergence.high / divergence.expected) : 1;
    const auto same = int64_t(std::llround(probe.agreement * double(probe.rows)));
    const Interval chance = wilsonInterval(same, std::max<int64_t>(probe.rows, 1));
    const auto changed = [&](double share) { return std::clamp((1 - share) * scale, 0.0, 1.0); };
    return {1 - changed(probe.agreement), 1 - std::min(changed(chance.low) * spread, 1.0),
            1 - changed(chance.high) / spread};
}

std::vector<std::vector<int32_t>> sampledText(const ModelSource& source, std::size_t tokens) {
    const std::string_view text = sampleText();
    const std::size_t middle = text.find('\n', text.size() / 2);
    std::vector<std::vector<int32_t>> all =
        piecesOf(source, std::string(text.substr(middle)), kMostPieces * kPieceTokens);
    const std::size_t length = std::min(tokens, kSampledPiece), n = std::min(tokens / length, all.size());
    std::vector<std::vector<int32_t>> pieces;
    for (std::size_t i = 0; i < n; ++i) {
        pieces.push_back(std::move(all[(2 * i + 1) * all.size() / (2 * n)]));
        pieces.back().resize(std::min(pieces.back().size(), length));
    }
    return pieces;
}

int recommendedStop(const std::vector<StopPreview>& stops) {
    int exact = -1, small = -1;
    for (int i = 0; i < int(stops.size()); ++i) {
        const StopPreview& stop = stops[std::size_t(i)];
        if (!stop.fits) continue;
        if (exact < 0) exact = i; // most bits come first
        const std::string verdict = verdictOf(stop.divergence.expected, stop.agreement.expected);
        if (verdict == "almost identical" || verdict == "very close" || verdict == "close") small = i;
    }
    return small >= 0 ? small : exact;
}

Preview previewModel(const PreviewOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    const auto source = openModel(options.source);
    Preview preview;
    std::vector<QuantizeJob> jobs;
    ThreadPool pool(options.threads > 0 ? options.threads : ThreadPool::physicalCores());
    for (const RecipeInfo& recipe : recipes()) {
        if (recipe.stop == 0) continue;
        preview.stops.push_back(plannedStop(recipe, options));
        jobs.push_back(plannedJob(*source, {.source = options.source,
                                            .recipe = recipe.name,
                                            .threads = options.threads,
                                            .allowRequantize = options.allowRequantize}));
    }
    ProgressMeter meter(progress, stop, "Trying it on a sample", double(jobs.size()) + 1);
    const Sample sample = sampleOf(*source);
    preview.roundedShare = sample.share;
    const ImportanceMatrix importance = estimatedImportance(*source, sample, pool);
    const DivergenceProbe probe(*source, &importance, sampledText(*source, sample.tokens), kSampledPiece / 2, pool,
                                stop);
    MakingTime making(*source, probe.secondsPerToken(), pool);
    for (std::size_t s = 0; s < jobs.size(); ++s) {
        StopPreview& one = preview.stops[s];
        meter.update(double(s + 1), one.recipe);
        std::vector<FormatId> formats;
        for (std::size_t t = 0; t < jobs[s].choices.size(); ++t)
            formats.push_back(sample.rounded[t] ? jobs[s].choices[t].format : source->tensors()[t].format);
        const ProbeResult result = probe.measure(formats);
        preview.tokens = int32_t(result.rows);
        one.fileBytes = jobs[s].plan.fileBytes;
        one.makingMemoryBytes = jobs[s].plan.peakMemoryBytes;
        one.seconds = making.of(jobs[s]);
        one.divergence = divergenceRange(result, sample.share);
        one.agreement = agreementRange(result, one.divergence);
        one.drift = driftOf(one.divergence.expected);
        one.verdict = verdictOf(one.divergence.expected, one.agreement.expected);
    }
    const int best = recommendedStop(preview.stops);
    if (best >= 0) preview.stops[std::size_t(best)].recommended = true;
    meter.finish();
    preview.seconds = secondsSince(start);
    return preview;
}

} // namespace nibble
