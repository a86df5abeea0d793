#include <quantize/mixture.h>

#include <algorithm>
#include <base/progress.h>
#include <base/text.h>
#include <cmath>
#include <functional>
#include <nibble/error.h>
#include <quantize/budget.h>
#include <quantize/divergence_probe.h>
#include <quantize/recipe.h>
#include <quantize/rounding_error.h>

namespace nibble {

namespace {

constexpr double kMostCorrection = 8; // of a sensitivity, by the repair round
constexpr double kRepairedShare = 0.8;

/// Every format that each tensor may get, with its bytes and what it is predicted to cost.
struct Choices {
    std::vector<std::vector<FormatId>> formats;
    std::vector<std::vector<FormatCost>> costs;

    Mixture at(const std::vector<std::size_t>& places) const {
        Mixture mixture;
        for (std::size_t t = 0; t < places.size(); ++t) {
            mixture.formats.push_back(formats[t][places[t]]);
            mixture.costs.push_back(costs[t][places[t]].cost);
        }
        return mixture;
    }
};

Choices choicesOf(const ModelSource& source) {
    Choices choices;
    for (const WeightRows& tensor : source.tensors()) {
        choices.formats.push_back(formatsFor(source, tensor));
        choices.costs.emplace_back();
        for (const FormatId id : choices.formats.back()) choices.costs.back().push_back({bytesInFile(tensor, id), 0});
    }
    return choices;
}

void predictCosts(const ModelSource& source, const ImportanceMatrix& importance, const Sensitivities& sensitivities,
                  ThreadPool& pool, ProgressMeter meter, Choices& choices) {
    for (std::size_t t = 0; t < choices.formats.size(); ++t) {
        const WeightRows& tensor = source.tensors()[t];
        const auto found = sensitivities.find(tensor.name);
        if (choices.formats[t].size() == 1 || found == sensitivities.end()) continue;
        const std::vector<double> errors = roundingErrors(tensor, choices.formats[t], importance.of(tensor), pool);
        for (std::size_t f = 0; f < errors.size(); ++f) {
            const bool coded = format(choices.formats[t][f]).codeBits > 0;
            choices.costs[t][f].cost = found->second.rounding * errors[f] + (coded ? found->second.inputs : 0);
        }
        meter.update(double(t + 1), tensor.name);
    }
}

double costOf(const MatrixGroup& group, const std::vector<double>& costs) {
    double sum = 0;
    for (const std::size_t t : group.tensors) sum += costs[t];
    return sum;
}

/// Those that kRepairedShare of the costs lie in: the others are not worth a probe each.
std::vector<MatrixGroup> costliest(std::vector<MatrixGroup> groups, const std::vector<double>& costs) {
    std::ranges::stable_sort(groups, std::greater<>(), [&](const MatrixGroup& group) { return costOf(group, costs); });
    double all = 0, sum = 0;
    for (const double cost : costs) all += cost;
    std::size_t n = 0;
    while (n < groups.size() && sum < kRepairedShare * all) sum += costOf(groups[n++], costs);
    groups.resize(n);
    return groups;
}

} // namespace

uint64_t bytesInFile(const WeightRows& tensor, FormatId id) {
    constexpr uint64_t kAlignment = 32;
    const uint64_t bytes = format(id).rowBytes(tensor.cols) * uint64_t(tensor.rows) * tensor.planes.size();
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

uint64_t smallestMixture(const ModelSource& source) { return leastBytes(choicesOf(source).costs); }

Mixture guessMixture(const ModelSource& source, uint64_t limit) {
    Choices choices = choicesOf(source);
    for (std::size_t t = 0; t < choices.costs.size(); ++t)
        for (std::size_t f = 0; f < choices.costs[t].size(); ++f) // a bit more, and errors are half as large
            choices.costs[t][f].cost =
                double(source.tensors()[t].elements()) * std::exp2(-2 * format(choices.formats[t][f]).bitsPerWeight());
    return choices.at(shareBudget(choices.costs, limit));
}

Mixture mixtureOfFile(const ModelSource& source, const ModelSource& like) {
    const std::string file = like.path().string();
    Mixture mixture;
    for (const WeightRows& tensor : source.tensors()) {
        const WeightRows* other = like.find(tensor.name);
        if (!other || other->rows != tensor.rows || other->cols != tensor.cols ||
            other->planes.size() != tensor.planes.size())
            throw Error(ErrorKind::BadRequest, "This file is of another model, so its formats do not fit.",
                        file + ": " + tensor.name, "Name a file that was made from the same model.");
        if (!format(other->format).encode && other->format != tensor.format)
            throw Error(ErrorKind::Unsupported, "Nibble cannot write a format of this file.",
                        file + ": " + tensor.name + " is in " + format(other->format).name);
        mixture.formats.push_back(other->format);
    }
    return mixture;
}

FormatId finerFormat(const ModelSource& source, const WeightRows& tensor, FormatId now) {
    const std::vector<FormatId> all = formatsFor(source, tensor); // by their bits
    const auto bits = [](FormatId id) { return format(id).bitsPerWeight(); };
    const auto finer = std::ranges::lower_bound(all, bits(now) + 1, {}, bits);
    if (finer == all.end()) return now;
    return *(std::ranges::upper_bound(all, bits(*finer), {}, bits) - 1); // of equal bits the newest
}

void makeFiner(const ModelSource& source, std::span<const int32_t> layers, Mixture& mixture) {
    for (const int32_t layer : layers) {
        bool known = false;
        for (std::size_t t = 0; t < mixture.formats.size(); ++t) {
            const WeightRows& tensor = source.tensors()[t];
            if (blockNumber(tensor.name) != layer) continue;
            mixture.formats[t] = finerFormat(source, tensor, mixture.formats[t]);
            known = true;
        }
        if (!known)
            throw Error(ErrorKind::BadRequest, "The model has no such layer.", nibble::format("layer %d", layer),
                        "'nibble-cli layers ORIGINAL SMALLER' names the layers.");
    }
}

Mixture findMixture(const ModelSource& source, const ImportanceMatrix& importance, const Sensitivities& sensitivities,
                    uint64_t limit, const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                    std::stop_token stop) {
    Choices choices = choicesOf(source);
    predictCosts(source, importance, sensitivities, pool,
                 ProgressMeter(progress, stop, "Trying formats", double(choices.formats.size())), choices);
    Mixture first = choices.at(shareBudget(choices.costs, limit));

    const std::vector<MatrixGroup> groups = costliest(groupMatrices(source), first.costs);
    ProgressMeter meter(progress, stop, "Checking the formats", double(groups.size()) + 3);
    const DivergenceProbe probe(source, &importance, text, pool, stop);
    double done = 0;
    meter.update(++done);
    for (const MatrixGroup& group : groups) {
        std::vector<FormatId> formats;
        for (const WeightRows& tensor : source.tensors()) formats.push_back(tensor.format);
        for (const std::size_t t : group.tensors) formats[t] = first.formats[t];
        const double factor =
            std::clamp(probe.of(formats) / costOf(group, first.costs), 1 / kMostCorrection, kMostCorrection);
        for (const std::size_t t : group.tensors)
            for (FormatCost& option : choices.costs[t]) option.cost *= factor;
        meter.update(++done, group.kind);
    }
    Mixture second = choices.at(shareBudget(choices.costs, limit));
    for (Mixture* mixture : {&first, &second}) {
        mixture->divergence = probe.of(mixture->formats);
        meter.update(++done);
    }
    meter.finish();
    return *second.divergence < *first.divergence ? second : first;
}

} // namespace nibble
