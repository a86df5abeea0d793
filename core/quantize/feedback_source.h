// The error feedback of a model's matrices, as they are written one after the other.
#pragma once

#include <quantize/channel_scales.h>
#include <quantize/error_feedback.h>
#include <quantize/moment_source.h>

namespace nibble {

class FeedbackSource {
public:
    /// `scales`: what the matrices' columns have been multiplied with, so that their inputs are smaller than the
    /// source's; may be null.
    FeedbackSource(const ModelSource& source, const ChannelScales* scales, CalibrationOptions options, ThreadPool& pool,
                   ProgressFn progress, std::stop_token stop)
        : m_source(source), m_scales(scales), m_pool(pool),
          m_moments(source, std::move(options), pool, std::move(progress), std::move(stop)) {}

    /// Null where it cannot be had: for experts, embeddings, vectors, and rows too long to factor. Ask in the order of
    /// source.tensors(): what earlier ones left is forgotten.
    std::shared_ptr<const ErrorFeedback> of(std::size_t tensor);

    /// Bytes that it allocates at most, beside those of reading the text.
    static uint64_t memory(const ModelSource& source);

private:
    const ModelSource& m_source;
    const ChannelScales* m_scales;
    ThreadPool& m_pool;
    MomentSource m_moments;
    // Matrices with the same inputs come one after the other and share the last one.
    std::shared_ptr<const std::vector<float>> m_lastMoments;
    std::shared_ptr<const ErrorFeedback> m_last;
};

} // namespace nibble
