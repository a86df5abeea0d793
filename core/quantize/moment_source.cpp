#include <quantize/moment_source.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <compute/backend.h>
#include <quantize/calibrate.h>
#include <quantize/moments.h>
#include <quantize/observed_backend.h>

namespace nibble {

namespace {

constexpr int64_t kLongestRow = 8192;                // beyond it factoring takes hours on a processor
constexpr uint64_t kMomentBytes = uint64_t(1) << 30; // of one reading

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

std::set<std::string> MomentSource::namesFor(const ModelSource& source, std::size_t tensor,
                                             const std::set<std::string>& seen) {
    std::set<std::string> names;
    uint64_t bytes = 0;
    for (std::size_t t = tensor; t < source.tensors().size(); ++t) {
        const WeightRows& next = source.tensors()[t];
        if (!eligible(next) || seen.contains(next.name)) continue;
        bytes += bytesOf(next);
        if (bytes > kMomentBytes && !names.empty()) break;
        names.insert(next.name);
    }
    return names;
}

int64_t MomentSource::readings(const ModelSource& source) {
    std::set<std::string> seen;
    int64_t readings = 0;
    for (std::size_t t = 0; t < source.tensors().size(); ++t) {
        const WeightRows& tensor = source.tensors()[t];
        if (!eligible(tensor) || seen.contains(tensor.name)) continue;
        seen.merge(namesFor(source, t, seen));
        ++readings;
    }
    return readings;
}

void MomentSource::readFor(std::size_t tensor) {
    m_moments.clear();
    std::set<std::string> names = namesFor(m_source, tensor, m_seen);
    ObservedBackend backend(makeCpuBackend(m_pool), m_pool, names);
    readThrough(backend, m_source, m_options, m_progress, m_stop);
    m_seen.merge(names);
    std::set<const std::vector<float>*> whole; // products of the same input share theirs
    for (const ObservedBackend::Inputs& in : backend.inputs())
        if (in.moments) {
            if (whole.insert(in.moments.get()).second) mirrorMoments(*in.moments, in.sumOfSquares.size());
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
