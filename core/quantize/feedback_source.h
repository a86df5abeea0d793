// The error feedback of a model's matrices, as they are written one after the other. Second moments are large, so only
// those of the next matrices are summed at a time: the text is read again for as many of them as fit into memory.
#pragma once

#include <map>
#include <memory>
#include <models/model_source.h>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <quantize/error_feedback.h>
#include <set>
#include <stop_token>
#include <string>

namespace nibble {

class FeedbackSource {
public:
    FeedbackSource(const ModelSource& source, CalibrationOptions options, ThreadPool& pool, ProgressFn progress,
                   std::stop_token stop)
        : m_source(source), m_options(std::move(options)), m_pool(pool), m_progress(std::move(progress)),
          m_stop(std::move(stop)) {}

    /// Null where it cannot be had: for experts, embeddings, vectors, and rows too long to factor. Ask in the order of
    /// source.tensors(): what earlier ones left is forgotten.
    std::shared_ptr<const ErrorFeedback> of(std::size_t tensor);

    /// Bytes that it allocates at most, beside those of reading the text.
    static uint64_t memory(const ModelSource& source);

private:
    using Moments = std::shared_ptr<std::vector<float>>;
    static bool eligible(const WeightRows& tensor);
    void readFor(std::size_t tensor);

    const ModelSource& m_source;
    CalibrationOptions m_options;
    ThreadPool& m_pool;
    ProgressFn m_progress;
    std::stop_token m_stop;
    std::map<std::string, Moments, std::less<>> m_moments;
    std::set<std::string> m_seen; // names that the text was read for
    // Matrices with the same inputs come one after the other and share the last one.
    Moments m_lastMoments;
    std::shared_ptr<const ErrorFeedback> m_last;
};

} // namespace nibble
