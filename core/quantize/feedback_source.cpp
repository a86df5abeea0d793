#include <quantize/feedback_source.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <quantize/calibrate.h>
#include <quantize/observed_backend.h>

namespace nibble {

namespace {

constexpr int64_t kLongestRow = 8192;                // beyond it factoring takes hours on a processor
constexpr uint64_t kMomentBytes = uint64_t(1) << 30; // of one reading

} // namespace

bool FeedbackSource::eligible(const WeightRows& tensor) {
    return tensor.name.starts_with("blk.") && tensor.dims == 2 && tensor.planes.size() == 1 &&
           tensor.cols <= kLongestRow;
}

uint64_t FeedbackSource::memory(const ModelSource& source) {
    uint64_t all = 0, largest = 0;
    for (const WeightRows& tensor : source.tensors()) {
        if (!eligible(tensor)) continue;
        const uint64_t bytes = uint64_t(tensor.cols) * uint64_t(tensor.cols) * sizeof(float);
        all += bytes;
        largest = std::max(largest, bytes);
    }
    // Behind the moments: the last factor, and two matrices to find the next one in.
    return std::min(all, std::max(kMomentBytes, largest)) + 4 * largest;
}

void FeedbackSource::readFor(std::size_t tensor) {
    m_moments.clear();
    std::set<std::string> names;
    uint64_t bytes = 0;
    for (std::size_t t = tensor; t < m_source.tensors().size(); ++t) {
        const WeightRows& next = m_source.tensors()[t];
        if (!eligible(next) || m_seen.contains(next.name)) continue;
        bytes += uint64_t(next.cols) * uint64_t(next.cols) * sizeof(float);
        if (bytes > kMomentBytes && !names.empty()) break;
        names.insert(next.name);
    }
    ObservedBackend backend(makeCpuBackend(m_pool), m_pool, names);
    readThrough(backend, m_source, m_options, m_progress, m_stop);
    m_seen.merge(names);
    for (const ObservedBackend::Inputs& in : backend.inputs())
        if (in.moments) m_moments[in.name] = in.moments;
}

std::shared_ptr<const ErrorFeedback> FeedbackSource::of(std::size_t tensor) {
    const WeightRows& rows = m_source.tensors()[tensor];
    if (!eligible(rows)) return nullptr;
    if (!m_seen.contains(rows.name)) readFor(tensor);
    const auto found = m_moments.find(rows.name);
    if (found == m_moments.end()) return nullptr;
    const Moments moments = std::move(found->second);
    m_moments.erase(found);
    if (moments != m_lastMoments) {
        m_last = std::make_shared<ErrorFeedback>(*moments, rows.cols, m_pool);
        m_lastMoments = moments;
    }
    return m_last->usable() ? m_last : nullptr;
}

} // namespace nibble
