#include <quantize/feedback_source.h>

#include <algorithm>

namespace nibble {

uint64_t FeedbackSource::memory(const ModelSource& source) {
    uint64_t largest = 0;
    for (const WeightRows& tensor : source.tensors())
        if (MomentSource::eligible(tensor)) largest = std::max(largest, MomentSource::bytesOf(tensor));
    // Behind the moments: two matrices of the last feedback, and four to find the next one in.
    return MomentSource::memory(source) + 6 * largest;
}

std::shared_ptr<const ErrorFeedback> FeedbackSource::of(std::size_t tensor) {
    const auto moments = m_moments.of(tensor);
    if (!moments) return nullptr;
    if (moments != m_lastMoments) { // those who share inputs share their scales
        const WeightRows& rows = m_source.tensors()[tensor];
        const std::vector<float>* scales = m_scales ? m_scales->columnsOf(rows.name) : nullptr;
        m_last =
            std::make_shared<ErrorFeedback>(scales ? scaledMoments(*moments, *scales) : *moments, rows.cols, m_pool);
        m_lastMoments = moments;
    }
    return m_last->usable() ? m_last : nullptr;
}

} // namespace nibble
