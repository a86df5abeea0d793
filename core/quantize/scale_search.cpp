#include <quantize/scale_search.h>

#include <algorithm>
#include <array>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <cmath>
#include <quantize/error_feedback.h>

namespace nibble {

namespace {

constexpr double kLargestPower = 0.8, kStep = 0.1; // of the inputs' sizes; then half a step around the best one
constexpr double kWeightsPower = 0.5;
constexpr int64_t kSampled = kSearchedRows / 12; // rows of a matrix, for each power and for none
constexpr double kLeastGain = 0.01;              // of the error: less is not worth a changed norm

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

bool isQuantized(const Format& format) { return format.codeBits > 0; }

/// The search for one input.
class InputSearch {
public:
    /// `moments`: those of `tokens` inputs, of which `inputs` are some. `errorsLeft`: (cols), or empty where all of an
    /// error stays.
    InputSearch(const ModelSource& source, std::span<const Format* const> formats, const ImportanceMatrix* importance,
                const ScaledInput& input, const std::vector<float>& moments, std::vector<double> errorsLeft,
                const std::vector<float>& inputs, int64_t tokens)
        : m_input(input), m_moments(moments), m_inputs(inputs), m_errorsLeft(std::move(errorsLeft)),
          m_cols(std::size_t(source.tensors()[input.consumers[0]].cols)),
          m_tokensEach(inputs.empty() ? 0 : double(tokens) * double(m_cols) / double(inputs.size())),
          m_logInputs(m_cols / std::size_t(input.repeats)), m_logWeights(m_logInputs.size()) {
        for (const std::size_t t : input.consumers) {
            const WeightRows& tensor = source.tensors()[t];
            Sample sample{formats[t], {}, importance ? importance->of(tensor) : std::vector<float>(), 1};
            const int64_t rows = std::min(kSampled, tensor.rows);
            sample.rowsEach = double(tensor.rows) / double(rows);
            sample.weights.resize(std::size_t(rows) * m_cols);
            for (int64_t r = 0; r < rows; ++r)
                tensor.decodeRow(r * tensor.rows / rows, sample.weights.data() + std::size_t(r) * m_cols);
            m_samples.push_back(std::move(sample));
        }
        for (std::size_t c = 0; c < m_cols; ++c) m_logInputs[producing(input, c)] += double(moments[c * m_cols + c]);
        for (const Sample& sample : m_samples)
            for (std::size_t i = 0; i < sample.weights.size(); ++i)
                m_logWeights[producing(input, i % m_cols)] +=
                    double(sample.weights[i]) * sample.weights[i] * sample.rowsEach;
        m_usable = toLogSizes(m_logInputs) && toLogSizes(m_logWeights);
    }

    /// Scales of the producer's channels; empty where none gain anything.
    std::vector<float> best(ThreadPool& pool) const {
        if (!m_usable) return {};
        std::vector<double> powers = {0};
        for (double power = kStep; power < kLargestPower + kStep / 2; power += kStep) powers.push_back(power);
        const Found coarse = leastOf(powers, pool);
        const Found fine = leastOf({coarse.power - kStep / 2, coarse.power + kStep / 2}, pool);
        const Found& found = fine.error < coarse.error ? fine : coarse;
        const std::vector<float> unchanged(m_cols, 1.f);
        return found.error < (1 - kLeastGain) * errorOf(unchanged) ? scalesFor(found.power) : std::vector<float>();
    }

private:
    struct Sample {
        const Format* to;
        std::vector<float> weights, importance; // (rows, cols), (cols) or empty
        double rowsEach;                        // of the matrix, for each of the sample's
    };
    struct Found {
        double power, error;
    };

    /// Sums of squares become logarithms of their roots. False where there is nothing but zeros, or not a number.
    static bool toLogSizes(std::vector<double>& squares) {
        const double largest = std::ranges::max(squares);
        if (!(largest > 0) || !std::isfinite(largest)) return false;
        for (double& value : squares) value = 0.5 * std::log(std::max(value, largest * 1e-8)); // dead channels
        return true;
    }

    /// Of the producer's channels, with the least and the largest as far from 1.
    std::vector<float> scalesFor(double power) const {
        std::vector<double> logs;
        for (std::size_t c = 0; c < m_logInputs.size(); ++c)
            logs.push_back(power * m_logInputs[c] - kWeightsPower * m_logWeights[c]);
        const auto [low, high] = std::ranges::minmax(logs);
        std::vector<float> scales;
        for (const double value : logs) scales.push_back(float(std::exp(value - (low + high) / 2)));
        return scales;
    }

    Found leastOf(const std::vector<double>& powers, ThreadPool& pool) const {
        std::vector<double> errors(powers.size());
        pool.forEach(int64_t(powers.size()), 1, [&](int64_t begin, int64_t end, int) {
            for (int64_t i = begin; i < end; ++i)
                errors[std::size_t(i)] = errorOf(expanded(m_input, scalesFor(powers[std::size_t(i)])));
        });
        const auto least = std::size_t(std::ranges::min_element(errors) - errors.begin());
        return {powers[least], errors[least]};
    }

    /// What it costs the outputs of a sample's rows that engines round inputs of quantized weights, too: to 8 bits, in
    /// blocks as long as the weights'.
    double inputRoundingError(const Sample& sample, const std::vector<float>& columns) const {
        if (!isQuantized(*sample.to)) return 0;
        const std::size_t block = sample.to->blockSize;
        std::vector<double> squares(m_cols / block);
        for (std::size_t i = 0; i < sample.weights.size(); ++i) {
            const double weight = double(sample.weights[i]) * columns[i % m_cols];
            squares[i % m_cols / block] += weight * weight;
        }
        double total = 0;
        for (std::size_t at = 0; at < m_inputs.size(); at += m_cols)
            for (std::size_t b = 0; b < squares.size(); ++b) {
                float largest = 0;
                for (std::size_t c = b * block; c < (b + 1) * block; ++c)
                    largest = std::max(largest, std::fabs(m_inputs[at + c] / columns[c]));
                const double step = double(largest) / 127;
                total += step * step / 12 * squares[b];
            }
        return total * m_tokensEach;
    }

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
            total += sample.rowsEach * (errorOfOutputs(values) + inputRoundingError(sample, columns));
        }
        return total;
    }

    double errorOfOutputs(const std::vector<float>& errors) const {
        if (m_errorsLeft.empty()) return outputError(errors, m_moments, m_cols);
        double total = 0;
        for (std::size_t i = 0; i < errors.size(); ++i)
            total += m_errorsLeft[i % m_cols] * double(errors[i]) * double(errors[i]);
        return total;
    }

    const ScaledInput& m_input;
    const std::vector<float>&m_moments, &m_inputs;
    std::vector<double> m_errorsLeft;
    std::size_t m_cols;
    double m_tokensEach;                           // of the text, for each input of the sample
    std::vector<double> m_logInputs, m_logWeights; // how large the producer's channels are, and what reads them
    bool m_usable = false;
    std::vector<Sample> m_samples;
};

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
                           const ImportanceMatrix* importance, bool feedback, int leastBits,
                           const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                           const std::stop_token& stop) {
    ChannelScales result;
    const std::vector<ScaledInput> inputs = scaledInputs(source, planOf(source));
    ProgressMeter meter(progress, stop, "Finding scales", double(inputs.size()));
    MomentSource allMoments(source, text, pool, {}, stop);
    allMoments.keepSamples();
    for (const ScaledInput& input : inputs) {
        meter.update(double(&input - inputs.data()));
        int fewest = 0; // of those that are quantized
        for (const std::size_t t : input.consumers)
            if (const int bits = formats[t]->codeBits; bits > 0) fewest = fewest == 0 ? bits : std::min(fewest, bits);
        if (fewest == 0 || fewest < leastBits) continue;
        const auto moments = allMoments.of(input.consumers.front());
        if (!moments) continue;
        std::vector<double> errorsLeft;
        if (feedback)
            errorsLeft = ErrorFeedback::errorsLeft(*moments, source.tensors()[input.consumers.front()].cols, pool);
        const std::vector<float> scales = InputSearch(source, formats, importance, input, *moments,
                                                      std::move(errorsLeft), allMoments.sample(), allMoments.tokens())
                                              .best(pool);
        if (scales.empty()) continue;
        for (const std::size_t t : input.consumers) result.columns[source.tensors()[t].name] = expanded(input, scales);
        for (const std::string& producer : input.producers) result.rows[producer] = scales;
    }
    meter.finish();
    return result;
}

} // namespace nibble
