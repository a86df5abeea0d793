#include <quantize/moment_source.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <charconv>
#include <quantize/moments.h>

namespace nibble {

namespace {

constexpr int64_t kLongestRow = 20480;               // beyond it moments have gigabytes and take hours to factor
constexpr uint64_t kMomentBytes = uint64_t(1) << 30; // of one stretch, where it has several inputs
constexpr std::string_view kLayerPrefix = "blk.";

/// l of blk.l.*; none where that is no layer of the plan.
std::optional<std::size_t> layerOf(const WeightRows& tensor, const ModelPlan& plan) {
    const std::string_view rest = std::string_view(tensor.name).substr(kLayerPrefix.size());
    std::size_t layer = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    const bool isLayer = error == std::errc() && end != rest.data() + rest.size() && *end == '.';
    return isLayer && layer < plan.layers.size() ? std::optional(layer) : std::nullopt;
}

} // namespace

MomentSource::MomentSource(const ModelSource& source, CalibrationOptions options, ThreadPool& pool, ProgressFn progress,
                           std::stop_token stop)
    : m_source(source), m_options(std::move(options)), m_pool(pool), m_progress(std::move(progress)),
      m_stop(std::move(stop)), m_stretches(stretchesOf(source, planOf(source))) {
    for (const Stretch& stretch : m_stretches)
        for (const std::string& name : stretch.names) m_stretchOf[name] = &stretch;
}

bool MomentSource::eligible(const WeightRows& tensor) {
    return tensor.name.starts_with(kLayerPrefix) && tensor.dims == 2 && tensor.planes.size() == 1 &&
           tensor.cols <= kLongestRow;
}

bool MomentSource::sharesInputs(const ModelSource& source, const WeightRows& tensor) {
    constexpr std::pair<std::string_view, std::string_view> kBeside[] = {
        {"attn_k.", "attn_q."}, {"attn_v.", "attn_q."}, {"ffn_up.", "ffn_gate."}};
    return std::ranges::any_of(kBeside, [&](const auto& pair) {
        const std::size_t at = tensor.name.find(pair.first);
        if (at == std::string::npos) return false;
        return source.find(std::string(tensor.name).replace(at, pair.first.size(), pair.second)) != nullptr;
    });
}

std::vector<MomentSource::Stretch> MomentSource::stretchesOf(const ModelSource& source, const ModelPlan& plan) {
    std::vector<Stretch> stretches;
    for (int32_t first = 0; first < int32_t(plan.layers.size());) {
        Stretch next{.first = first, .end = nextCut(plan, first)};
        const int32_t end = next.end;
        for (const WeightRows& tensor : source.tensors()) {
            if (!eligible(tensor)) continue;
            const auto layer = layerOf(tensor, plan);
            if (!layer || int32_t(*layer) < first || int32_t(*layer) >= end) continue;
            const bool shares = sharesInputs(source, tensor);
            const uint64_t bytes = shares ? 0 : bytesOf(tensor);
            if (next.bytes + bytes > kMomentBytes && !next.names.empty()) {
                stretches.push_back(std::move(next));
                next = {.first = first, .end = end};
            }
            next.names.push_back(tensor.name);
            next.bytes += bytes;
            next.cols += shares ? 0 : tensor.cols;
        }
        next.goesOn = true;
        stretches.push_back(std::move(next));
        first = end;
    }
    return stretches;
}

uint64_t MomentSource::memory(const ModelSource& source, const CalibrationOptions& options, int32_t threads) {
    uint64_t most = 0;
    int64_t longest = 0;
    const uint64_t samples = uint64_t(options.tokens / ObservedBackend::kSampleStep + 1) * sizeof(float);
    for (const Stretch& stretch : stretchesOf(source, planOf(source)))
        most = std::max(most, stretch.bytes + samples * uint64_t(stretch.cols));
    for (const WeightRows& tensor : source.tensors())
        if (eligible(tensor)) longest = std::max(longest, tensor.cols);
    const uint64_t columns = uint64_t(longest) * kPieceTokens * sizeof(float); // of a piece's inputs, turned
    return layerReaderMemory(source, options, threads) + most + columns;
}

double MomentSource::readings(const ModelSource& source) {
    const ModelPlan plan = planOf(source);
    int32_t passed = 0;
    for (const Stretch& stretch : stretchesOf(source, plan)) passed += stretch.end - stretch.first;
    return double(passed) / double(plan.layers.size());
}

void MomentSource::read(const Stretch& stretch) {
    if (!m_reader) {
        m_backend = std::make_unique<ObservedBackend>(makeCpuBackend(m_pool), m_pool);
        m_reader = std::make_unique<LayerReader>(*m_backend, m_source, m_options, m_stop);
    }
    m_known.clear();
    m_backend->sumMoments({stretch.names.begin(), stretch.names.end()}, m_keepsSamples);
    m_reader->read(stretch.first, stretch.end, stretch.goesOn, m_progress);
    std::set<const std::vector<float>*> whole; // products of the same input share theirs
    for (const ObservedBackend::Inputs& in : m_backend->inputs())
        if (in.moments) {
            if (whole.insert(in.moments.get()).second) mirrorLower(*in.moments, in.sumOfSquares.size());
            m_known[in.name] = {in.moments, in.sample};
        }
    m_backend->sumMoments({}); // they are ours alone now
    m_read = &stretch;
}

std::shared_ptr<std::vector<float>> MomentSource::of(std::size_t tensor) {
    const std::string& name = m_source.tensors()[tensor].name;
    const auto stretch = m_stretchOf.find(name);
    if (stretch == m_stretchOf.end()) return nullptr;
    if (m_read != stretch->second) read(*stretch->second);
    const auto found = m_known.find(name);
    if (found == m_known.end()) return nullptr;
    Known known = std::move(found->second);
    m_known.erase(found);
    m_sample = std::move(known.sample);
    return std::move(known.moments);
}

} // namespace nibble
