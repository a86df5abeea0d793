#include <run/estimate.h>

#include <algorithm>
#include <base/text.h>
#include <nibble/error.h>

namespace nibble {
namespace {

constexpr int32_t kDefaultContext = 4096;
constexpr uint64_t kTightBytes = 512ull << 20;

/// Largest batch. Stopping waits for the operation under way, so a big model gets smaller batches: the work of its
/// largest operation stays below about a tenth of a second on a slow office computer.
int32_t batchRows(const ModelPlan& plan) {
    constexpr double kMacsPerOperation = 8e9;
    double largest = 1;
    for (const LayerPlan& layer : plan.layers)
        largest = std::max(largest, 2.0 * plan.embedding * layer.feedForward); // gate and up together
    return std::clamp(int32_t(kMacsPerOperation / largest) / 64 * 64, 64, 512);
}

/// Logits are computed in slices that take about 16 MiB.
int32_t logitRows(const ModelPlan& plan) {
    return int32_t(std::clamp<int64_t>((16ll << 20) / 4 / plan.vocabSize, 8, 64));
}

class SourceWithFormats final : public ModelSource {
public:
    SourceWithFormats(const ModelSource& source, const FormatOfTensor& formatOf) : m_source(source) {
        // Backends may look at how rows are aligned: in a GGUF file of ours, as here.
        alignas(64) static const std::byte kNowhere[64] = {};
        for (WeightRows tensor : source.tensors()) {
            if (tensor.rows > 1) {
                tensor.format = formatOf(tensor);
                tensor.ropeHeads = 0;
                std::ranges::fill(tensor.planes, kNowhere);
            }
            m_tensors.push_back(std::move(tensor));
        }
    }
    const std::filesystem::path& path() const override { return m_source.path(); }
    bool isHuggingFace() const override { return false; }
    const GgufMetadata& metadata() const override { return m_source.metadata(); }
    std::span<const WeightRows> tensors() const override { return m_tensors; }
    void check() const override { m_source.check(); }
    uint64_t fileBytes() const override { return m_source.fileBytes(); }

private:
    const ModelSource& m_source;
    std::vector<WeightRows> m_tensors;
};

} // namespace

SessionShape sessionShape(const ModelPlan& plan, int32_t contextLength, const std::string& kvFormat) {
    SessionShape shape;
    if (contextLength < 0 || contextLength > plan.contextLength)
        throw Error(ErrorKind::BadRequest,
                    nibble::format("This model can keep at most %d tokens in mind.", plan.contextLength),
                    nibble::format("context length %d was asked for", contextLength), "Choose a smaller context.");
    shape.contextLength = contextLength > 0 ? contextLength : std::min(kDefaultContext, plan.contextLength);
    if (kvFormat == "q8_0") {
        shape.kv = KvFormat::Q8_0;
    } else if (kvFormat != "f16") {
        throw Error(ErrorKind::BadRequest, "The format of the conversation's memory is f16 or q8_0.",
                    "kvFormat: " + printable(kvFormat, 40));
    }
    shape.maxRows = std::min(batchRows(plan), shape.contextLength);
    shape.maxLogitRows = std::min(logitRows(plan), shape.maxRows);
    return shape;
}

std::unique_ptr<ModelSource> withFormats(const ModelSource& source, const FormatOfTensor& formatOf) {
    return std::make_unique<SourceWithFormats>(source, formatOf);
}

Estimate estimateSource(const ModelSource& source, uint64_t fileBytes, const SessionShape& shape, CpuLevel level,
                        int threads) {
    const std::unique_ptr<Backend> backend = makeDryBackend(level, threads);
    const ModelOnBackend model =
        placeModel(*backend, source, shape.contextLength, shape.kv, shape.maxRows, shape.maxLogitRows);
    const MemoryUse memory = backend->memory();

    Estimate result;
    result.contextLength = shape.contextLength;
    result.fileBytes = fileBytes;
    result.weightBytes = memory.weights + memory.mappedWeights;
    result.kvBytes = memory.kv;
    result.activationBytes = memory.activations;
    result.scratchBytes = memory.scratch;
    result.totalBytes = memory.total();
    double bytes = 0, weights = 0;
    for (const WeightRows& tensor : source.tensors()) {
        bytes += double(tensor.bytes());
        weights += double(tensor.elements());
    }
    result.bitsPerWeight = bytes * 8 / std::max(weights, 1.0);

    backend->resetWork();
    const int32_t token = 0;
    forward(*backend, model, {&token, 1}, (shape.contextLength - 1) / 2, 1);
    const Work work = backend->work();
    result.decodeMacsPerToken = work.macs;
    result.decodeBytesPerToken = work.weightBytes + work.kvBytes;
    result.verdict = judgeFit(result.totalBytes, listDevices().front().availableBytes, int32_t(model.layers.size()));
    return result;
}

FitVerdict judgeFit(uint64_t neededBytes, uint64_t availableBytes, int32_t layers) {
    FitVerdict verdict;
    verdict.layers = layers;
    const bool fits = neededBytes <= availableBytes;
    const uint64_t difference = fits ? availableBytes - neededBytes : neededBytes - availableBytes;
    const auto bytes = int64_t(std::min<uint64_t>(difference, INT64_MAX));
    verdict.fit = fits ? Fit::Fits : Fit::DoesNotFit;
    verdict.spareBytes = fits ? bytes : -bytes;
    verdict.tight = fits && difference < std::max(availableBytes / 10, kTightBytes);
    if (!fits) {
        verdict.sentence = "Does not fit: " + humanBytes(difference) + " of memory are missing";
    } else if (verdict.tight) {
        verdict.sentence = "Just fits, with " + humanBytes(difference) + " to spare: close other programs first";
    } else {
        verdict.sentence = "Fits, with " + humanBytes(difference) + " to spare";
    }
    return verdict;
}

} // namespace nibble
