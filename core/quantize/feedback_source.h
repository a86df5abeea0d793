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

    /// Bytes that it allocates at most.
    static uint64_t memory(const ModelSource& source, const CalibrationOptions& options, int32_t threads);

private:
    const ModelSource& m_source;
    const ChannelScales* m_scales;
    ThreadPool& m_pool;
    MomentSource m_moments;
    /// Moments whose numbers have become the feedback's; they tell which matrices it is of.
    std::map<std::shared_ptr<const std::vector<float>>, std::shared_ptr<const ErrorFeedback>> m_found;
};

} // namespace nibble
