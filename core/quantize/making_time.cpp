#include <quantize/making_time.h>

#include <algorithm>
#include <base/clock.h>
#include <base/thread_pool.h>
#include <cmath>
#include <quantize/calibrate.h>
#include <quantize/error_feedback.h>
#include <quantize/moment_source.h>
#include <quantize/moments.h>
#include <quantize/scale_search.h>

namespace nibble {

namespace {

constexpr int64_t kTimedWeights = 1 << 19;
constexpr double kDiskBytesPerSecond = 200e6;
constexpr int64_t kTimedCols = 512, kTimedTokens = 256; // of a matrix that GPTQ is tried on
constexpr int64_t kTimedRows = 4 * ErrorFeedback::kRows;

Predicted around(double seconds) { return {seconds, seconds * 0.5, seconds * 2 + 1}; }

} // namespace

MakingTime::MakingTime(const ModelSource& source, double secondsPerToken, ThreadPool& pool)
    : m_source(source), m_pool(pool) {
    for (const std::vector<int32_t>& piece : calibrationPieces(source, {}).pieces) m_tokens += double(piece.size());
    m_reading = m_tokens * secondsPerToken;
    timeFeedback();
}

std::array<Predicted, std::size(kCareNames)> MakingTime::of(const QuantizeJob& job) {
    const double quick = rounding(job), better = quick + m_reading;
    return {around(quick), around(better), around(better + feedback(job))};
}

double MakingTime::rounding(const QuantizeJob& job) {
    std::map<FormatId, std::pair<const WeightRows*, double>> formats; // the largest tensor, and all weights
    for (std::size_t t = 0; t < job.choices.size(); ++t) {
        const WeightRows& tensor = m_source.tensors()[t];
        auto& [largest, weights] = formats[job.choices[t].format];
        if (!largest || tensor.elements() > largest->elements()) largest = &tensor;
        weights += double(tensor.elements());
    }
    double seconds = 0;
    for (const auto& [id, found] : formats) seconds += found.second * secondsPerWeight(id, *found.first);
    return std::max(seconds, double(job.plan.fileBytes) / kDiskBytesPerSecond); // written meanwhile
}

double MakingTime::secondsPerWeight(FormatId id, const WeightRows& tensor) {
    const auto [kept, isNew] = m_secondsPerWeight.try_emplace(id, 0);
    if (!isNew) return kept->second;
    const Format& to = format(id);
    const int64_t rows = std::clamp<int64_t>(kTimedWeights / tensor.cols, 1, tensor.rows);
    const auto start = Clock::now();
    m_pool.forEach(rows, 8, [&](int64_t begin, int64_t end, int) {
        std::vector<float> weights(std::size_t(tensor.cols), 0.f);
        std::vector<std::byte> bytes(to.rowBytes(tensor.cols));
        for (int64_t row = begin; row < end; ++row) {
            tensor.decodeRow(row, weights.data(), 0);
            if (to.encode) to.encode(weights.data(), bytes.data(), tensor.cols, nullptr);
        }
    });
    return kept->second = secondsSince(start) / double(rows * tensor.cols);
}

void MakingTime::timeFeedback() {
    std::vector<float> inputs(std::size_t(kTimedTokens * kTimedCols)), moments(std::size_t(kTimedCols * kTimedCols)),
        columns;
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = std::sin(0.7f * float(i) * float(i % 97)); // any
    auto start = Clock::now();
    addMoments(inputs.data(), kTimedCols, kTimedTokens, kTimedCols, moments, columns, m_pool);
    m_secondsPerMoment = secondsSince(start) / double(kTimedTokens * kTimedCols * kTimedCols);

    mirrorLower(moments, kTimedCols);
    start = Clock::now();
    const ErrorFeedback feedback(moments, kTimedCols, m_pool);
    m_secondsPerFactor = secondsSince(start) / std::pow(double(kTimedCols), 3);
    if (!feedback.usable()) return;

    const Format& to = format(FormatId::Q4_0); // all take about as long
    start = Clock::now();
    m_pool.forEach(kTimedRows, ErrorFeedback::kRows, [&](int64_t begin, int64_t end, int) {
        std::vector<float> weights(inputs.begin() + begin * kTimedCols, inputs.begin() + end * kTimedCols);
        std::vector<std::byte> bytes(to.rowBytes(kTimedCols) * uint64_t(end - begin));
        feedback.encodeRows(weights.data(), int(end - begin), to, nullptr, bytes.data());
    });
    m_secondsPerFeedback = secondsSince(start) / double(kTimedRows * kTimedCols * kTimedCols);
}

double MakingTime::feedback(const QuantizeJob& job) const {
    double seconds = 2 * MomentSource::readings(m_source) * m_reading; // for scales, and for GPTQ
    for (std::size_t t = 0; t < job.choices.size(); ++t) {
        const WeightRows& tensor = m_source.tensors()[t];
        if (!MomentSource::eligible(tensor) || format(job.choices[t].format).codeBits == 0) continue;
        const auto n = double(tensor.cols);
        seconds += m_secondsPerWeight.at(job.choices[t].format) * double(kSearchedRows) * n;
        seconds += m_secondsPerFeedback * double(tensor.rows) * n * n;
        if (!MomentSource::sharesInputs(m_source, tensor)) // for scales, and for GPTQ
            seconds += 2 * (m_secondsPerMoment * m_tokens * n * n + m_secondsPerFactor * n * n * n);
    }
    return seconds;
}

} // namespace nibble
