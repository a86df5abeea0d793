#include <quantize/feedback_source.h>

#include <algorithm>

namespace nibble {

uint64_t FeedbackSource::memory(const ModelSource& source, const CalibrationOptions& options, int32_t threads) {
    uint64_t largest = 0;
    for (const WeightRows& tensor : source.tensors())
        if (MomentSource::eligible(tensor)) largest = std::max(largest, MomentSource::bytesOf(tensor));
    // A feedback has moments and a factor. The next one takes over its moments, while the last one may be in use.
    return MomentSource::memory(source, options, threads) + 3 * largest;
}

std::shared_ptr<const ErrorFeedback> FeedbackSource::of(std::size_t tensor) {
    std::erase_if(m_found, [](const auto& found) { return found.first.use_count() == 1; }); // of nothing to come
    const auto moments = m_moments.of(tensor);
    if (!moments) return nullptr;
    auto& feedback = m_found[moments];
    if (!feedback) { // those who share inputs share their scales
        const WeightRows& rows = m_source.tensors()[tensor];
        const std::vector<float>* scales = m_scales ? m_scales->columnsOf(rows.name) : nullptr;
        feedback = std::make_shared<ErrorFeedback>(std::move(*moments), rows.cols, m_pool, scales);
    }
    return feedback->usable() ? feedback : nullptr;
}

} // namespace nibble
