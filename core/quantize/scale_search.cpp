#include <quantize/scale_search.h>

#include <algorithm>
#include <array>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <cmath>

namespace nibble {

namespace {

constexpr int kSteps = 20;          // of a, from 0 to 1
constexpr int64_t kSampled = 32;    // rows of a matrix
constexpr double kLeastGain = 0.01; // of the error: less is not worth a changed norm

/// Finds the tensors of one layer.
class Layer {
public:
    Layer(const ModelSource& source, std::size_t number)
        : m_source(source), m_prefix("blk." + std::to_string(number) + ".") {}

    std::string name(const char* part) const { return m_prefix + part + ".weight"; }
    const WeightRows* find(const char* part) const {
        const WeightRows* tensor = m_source.find(name(part));
        return tensor && tensor->planes.size() == 1 ? tensor : nullptr;
    }
    /// Adds the parts that read the input; false where one of them is not there as a plain matrix.
    bool addConsumers(std::initializer_list<const char*> parts, ScaledInput& input) const {
        for (const char* part : parts) {
            const WeightRows* tensor = find(part);
            if (!tensor || tensor->dims != 2) return false;
            input.consumers.push_back(std::size_t(tensor - m_source.tensors().data()));
        }
        std::ranges::sort(input.consumers);
        return true;
    }
    /// A matrix as a producer of its rows.
    std::vector<std::string> producers(const char* part) const {
        std::vector<std::string> names = {name(part)};
        const std::string bias = m_prefix + part + ".bias";
        if (m_source.find(bias)) names.push_back(bias);
        return names;
    }
    int64_t inputWidth(const ScaledInput& input) const { return m_source.tensors()[input.consumers.front()].cols; }

private:
    const ModelSource& m_source;
    std::string m_prefix;
};

/// What a norm feeds, where it feeds these and nothing else.
void addNorm(const Layer& layer, const char* norm, std::initializer_list<const char*> parts,
             std::vector<ScaledInput>& all) {
    ScaledInput input;
    if (!norm || !layer.find(norm) || !layer.addConsumers(parts, input)) return;
    input.producers = {layer.name(norm)};
    input.run = layer.inputWidth(input);
    if (layer.find(norm)->cols == input.run) all.push_back(std::move(input));
}

void addValues(const Layer& layer, const LayerPlan& plan, std::vector<ScaledInput>& all) {
    ScaledInput input;
    const WeightRows* values = layer.find("attn_v");
    if (!values || !layer.addConsumers({"attn_output"}, input)) return;
    input.producers = layer.producers("attn_v");
    input.run = plan.valueDim;
    input.repeats = plan.nHeads / plan.nKvHeads;
    if (values->rows == int64_t(plan.nKvHeads) * plan.valueDim &&
        values->rows * input.repeats == layer.inputWidth(input))
        all.push_back(std::move(input));
}

void addUp(const Layer& layer, std::vector<ScaledInput>& all) {
    ScaledInput input;
    const WeightRows* up = layer.find("ffn_up");
    if (!up || !layer.find("ffn_gate") || !layer.addConsumers({"ffn_down"}, input)) return;
    input.producers = layer.producers("ffn_up");
    input.run = layer.inputWidth(input);
    if (up->rows == input.run) all.push_back(std::move(input));
}

/// Of `channels` channels of the input, the producer's that channel c comes from.
std::size_t producing(const ScaledInput& input, std::size_t c) {
    const auto run = std::size_t(input.run), repeats = std::size_t(input.repeats);
    return c / (run * repeats) * run + c % run;
}

/// The root mean square of the producer's channels.
std::vector<double> sizesOf(const ScaledInput& input, const std::vector<float>& moments, std::size_t cols) {
    std::vector<double> sizes(cols / std::size_t(input.repeats));
    for (std::size_t c = 0; c < cols; ++c) sizes[producing(input, c)] += double(moments[c * cols + c]);
    for (double& size : sizes) size = std::sqrt(size);
    return sizes;
}

/// sizes^a, with the least and the largest as far from 1. Empty where that cannot be had.
std::vector<float> scalesFor(const std::vector<double>& sizes, double a) {
    double largest = 0;
    for (const double size : sizes) largest = std::max(largest, size);
    if (!(largest > 0) || !std::isfinite(largest)) return {};
    std::vector<double> powers;
    for (const double size : sizes) powers.push_back(std::pow(std::max(size / largest, 1e-4), a)); // dead channels
    const auto [low, high] = std::ranges::minmax(powers);
    std::vector<float> scales;
    for (const double power : powers) scales.push_back(float(power / std::sqrt(low * high)));
    return scales;
}

std::vector<float> expanded(const ScaledInput& input, const std::vector<float>& scales) {
    std::vector<float> columns(scales.size() * std::size_t(input.repeats));
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = scales[producing(input, c)];
    return columns;
}

/// Sum over rows of e H e^T for the errors e (rows, n).
double outputError(const std::vector<float>& errors, const std::vector<float>& moments, std::size_t n) {
    std::vector<float> sums(n);
    double total = 0;
    for (std::size_t row = 0; row < errors.size(); row += n) {
        const float* const e = errors.data() + row;
        std::ranges::fill(sums, 0.f);
        for (std::size_t i = 0; i < n; ++i) {
            const float* const h = moments.data() + i * n;
            for (std::size_t j = 0; j < n; ++j) sums[j] += e[i] * h[j];
        }
        for (std::size_t j = 0; j < n; ++j) total += double(e[j]) * sums[j];
    }
    return total;
}

/// The search for one input.
class InputSearch {
public:
    InputSearch(const ModelSource& source, std::span<const Format* const> formats, const ImportanceMatrix* importance,
                const ScaledInput& input, const std::vector<float>& moments)
        : m_input(input), m_moments(moments), m_cols(std::size_t(source.tensors()[input.consumers[0]].cols)) {
        for (const std::size_t t : input.consumers) {
            const WeightRows& tensor = source.tensors()[t];
            Sample sample{formats[t], {}, importance ? importance->of(tensor) : std::vector<float>()};
            const int64_t rows = std::min(kSampled, tensor.rows);
            sample.weights.resize(std::size_t(rows) * m_cols);
            for (int64_t r = 0; r < rows; ++r)
                tensor.decodeRow(r * tensor.rows / rows, sample.weights.data() + std::size_t(r) * m_cols);
            m_samples.push_back(std::move(sample));
        }
    }

    /// Scales of the producer's channels; empty where none gain anything.
    std::vector<float> best(ThreadPool& pool) const {
        const std::vector<double> sizes = sizesOf(m_input, m_moments, m_cols);
        if (scalesFor(sizes, 1).empty()) return {};
        std::array<double, kSteps + 1> errors;
        pool.forEach(kSteps + 1, 1, [&](int64_t begin, int64_t end, int) {
            for (int64_t step = begin; step < end; ++step)
                errors[std::size_t(step)] = errorOf(expanded(m_input, scalesFor(sizes, double(step) / kSteps)));
        });
        const auto least = std::size_t(std::ranges::min_element(errors) - errors.begin());
        if (!(errors[least] < (1 - kLeastGain) * errors[0])) return {};
        return scalesFor(sizes, double(least) / kSteps);
    }

private:
    struct Sample {
        const Format* to;
        std::vector<float> weights, importance; // (rows, cols), (cols) or empty
    };

    double errorOf(const std::vector<float>& columns) const {
        double total = 0;
        for (const Sample& sample : m_samples) {
            std::vector<float> values = sample.weights, importance = sample.importance;
            for (std::size_t i = 0; i < values.size(); ++i) values[i] *= columns[i % m_cols];
            for (std::size_t c = 0; c < importance.size(); ++c) importance[c] /= columns[c] * columns[c];
            std::vector<std::byte> blocks(sample.to->rowBytes(int64_t(values.size())));
            for (std::size_t at = 0; at < values.size(); at += m_cols)
                sample.to->encode(values.data() + at, blocks.data() + sample.to->rowBytes(int64_t(at)), int64_t(m_cols),
                                  importance.empty() ? nullptr : importance.data());
            sample.to->decode(blocks.data(), values.data(), int64_t(values.size()));
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = values[i] / columns[i % m_cols] - sample.weights[i];
            total += outputError(values, m_moments, m_cols);
        }
        return total;
    }

    const ScaledInput& m_input;
    const std::vector<float>& m_moments;
    std::size_t m_cols;
    std::vector<Sample> m_samples;
};

/// Whether a format is coarse enough for scales to matter.
bool isCoarse(const Format& format) { return format.codeBits > 0 && format.codeBits < 8; }

} // namespace

std::vector<ScaledInput> scaledInputs(const ModelSource& source, const ModelPlan& plan) {
    std::vector<ScaledInput> all;
    const bool shares = std::ranges::any_of(plan.layers, [](const LayerPlan& l) { return l.kvFrom >= 0; });
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const Layer layer(source, i);
        if (plan.layers[i].deltaNet || shares) continue;
        addNorm(layer, plan.norms.beforeAttention, {"attn_q", "attn_k", "attn_v"}, all);
        if (!plan.valueNorm) addValues(layer, plan.layers[i], all);
        if (plan.router.experts > 0) continue;
        addNorm(layer, plan.norms.beforeFeedForward, {"ffn_gate", "ffn_up"}, all);
        addUp(layer, all);
    }
    std::ranges::sort(all, {}, [](const ScaledInput& input) { return input.consumers.front(); });
    return all;
}

ChannelScales searchScales(const ModelSource& source, std::span<const Format* const> formats,
                           const ImportanceMatrix* importance, const CalibrationOptions& text, ThreadPool& pool,
                           const ProgressFn& progress, const std::stop_token& stop) {
    ChannelScales result;
    const std::vector<ScaledInput> inputs = scaledInputs(source, planOf(source));
    ProgressMeter meter(progress, stop, "Finding scales", double(inputs.size()));
    MomentSource allMoments(source, text, pool, {}, stop);
    for (const ScaledInput& input : inputs) {
        meter.update(double(&input - inputs.data()));
        if (!std::ranges::all_of(input.consumers, [&](std::size_t t) { return isCoarse(*formats[t]); })) continue;
        const auto moments = allMoments.of(input.consumers.front());
        if (!moments) continue;
        const std::vector<float> scales = InputSearch(source, formats, importance, input, *moments).best(pool);
        if (scales.empty()) continue;
        for (const std::size_t t : input.consumers) result.columns[source.tensors()[t].name] = expanded(input, scales);
        for (const std::string& producer : input.producers) result.rows[producer] = scales;
    }
    meter.finish();
    return result;
}

} // namespace nibble
