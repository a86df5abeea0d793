// How long making a model smaller will take, from trying each part of the work on a little of it. Private to
// core/quantize.
#pragma once

#include <array>
#include <map>
#include <nibble/preview.h>
#include <quantize/quantize.h>

namespace nibble {

class MakingTime {
public:
    /// `secondsPerToken`: the original's, reading.
    MakingTime(const ModelSource& source, double secondsPerToken, ThreadPool& pool);

    /// Seconds, by Care.
    std::array<Predicted, std::size(kCareNames)> of(const QuantizeJob& job);

private:
    /// Of all weights, each rounded by itself, and of writing them.
    double rounding(const QuantizeJob& job);
    double secondsPerWeight(FormatId id, const WeightRows& tensor);
    /// Of what scales, GPTQ and the descent take beside it. After rounding().
    double feedback(const QuantizeJob& job) const;
    void timeFeedback();

    const ModelSource& m_source;
    ThreadPool& m_pool;
    std::map<FormatId, double> m_secondsPerWeight;
    double m_tokens = 0;  // of the text that is read
    double m_reading = 0; // of it, once, and of finding and factoring moments, below, per multiplication:
    double m_secondsPerMoment = 0, m_secondsPerFactor = 0, m_secondsPerFeedback = 0;
};

} // namespace nibble
