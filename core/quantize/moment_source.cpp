#include <quantize/moment_source.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <quantize/calibrate.h>
#include <quantize/observed_backend.h>

namespace nibble {

namespace {

constexpr int64_t kLongestRow = 8192;                // beyond it factoring takes hours on a processor
constexpr uint64_t kMomentBytes = uint64_t(1) << 30; // of one reading

/// Copies columns i <= j of each row j of (n, n) to row i.
void mirror(std::vector<float>& moments, std::size_t n) {
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t i = 0; i < j; ++i) moments[i * n + j] = moments[j * n + i];
}

} // namespace

bool MomentSource::eligible(const WeightRows& tensor) {
    return tensor.name.starts_with("blk.") && tensor.dims == 2 && tensor.planes.size() == 1 &&
           tensor.cols <= kLongestRow;
}

uint64_t MomentSource::memory(const ModelSource& source) {
    uint64_t all = 0, largest = 0;
    for (const WeightRows& tensor : source.tensors()) {
        if (!eligible(tensor)) continue;
        all += bytesOf(tensor);
        largest = std::max(largest, bytesOf(tensor));
    }
    return std::min(all, std::max(kMomentBytes, largest));
}

void MomentSource::readFor(std::size_t tensor) {
    m_moments.clear();
    std::set<std::string> names;
    uint64_t bytes = 0;
    for (std::size_t t = tensor; t < m_source.tensors().size(); ++t) {
        const WeightRows& next = m_source.tensors()[t];
        if (!eligible(next) || m_seen.contains(next.name)) continue;
        bytes += bytesOf(next);
        if (bytes > kMomentBytes && !names.empty()) break;
        names.insert(next.name);
    }
    ObservedBackend backend(makeCpuBackend(m_pool), m_pool, names);
    readThrough(backend, m_source, m_options, m_progress, m_stop);
    m_seen.merge(names);
    std::set<const std::vector<float>*> whole; // products of the same input share theirs
    for (const ObservedBackend::Inputs& in : backend.inputs())
        if (in.moments) {
            if (whole.insert(in.moments.get()).second) mirror(*in.moments, in.sumOfSquares.size());
            m_moments[in.name] = in.moments;
        }
}

std::shared_ptr<const std::vector<float>> MomentSource::of(std::size_t tensor) {
    const WeightRows& rows = m_source.tensors()[tensor];
    if (!eligible(rows)) return nullptr;
    if (!m_seen.contains(rows.name)) readFor(tensor);
    const auto found = m_moments.find(rows.name);
    if (found == m_moments.end()) return nullptr;
    std::shared_ptr<const std::vector<float>> moments = std::move(found->second);
    m_moments.erase(found);
    return moments;
}

} // namespace nibble
