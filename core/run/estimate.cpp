#include <run/memory_state.h>
#include <run/placement.h>

#include <algorithm>
#include <base/text.h>
#include <models/changed_source.h>
#include <nibble/error.h>

namespace nibble {
namespace {

constexpr int32_t kDefaultContext = 4096;
constexpr uint64_t kTightBytes = 512ull << 20;

constexpr int32_t kMostRows = 512; // of a batch

/// Largest batch whose largest operation is that much work.
int32_t batchRows(double macs, double macsOfRow) {
    return std::clamp(int32_t(std::min(macs / macsOfRow, double(kMostRows))) / 64 * 64, 64, kMostRows);
}

/// Multiply-adds of the largest operation for each row of a batch.
double largestOperation(const ModelPlan& plan) {
    double largest = 1;
    for (const LayerPlan& layer : plan.layers)
        largest = std::max(largest, 2.0 * plan.embedding * // gate and up together
                                        std::max(double(layer.feedForward) * std::max(plan.router.used, 1),
                                                 double(layer.sharedWidth)));
    return largest;
}

/// Logits are computed in slices that take about 16 MiB.
int32_t logitRows(const ModelPlan& plan) {
    return int32_t(std::clamp<int64_t>((16ll << 20) / 4 / plan.vocabSize, 8, 64));
}

class SourceWithFormats final : public ChangedSource {
public:
    SourceWithFormats(const ModelSource& source, const FormatOfTensor& formatOf) : ChangedSource(source) {
        // Backends may look at how rows are aligned: in a GGUF file of ours, as here.
        alignas(64) static const std::byte kNowhere[64] = {};
        for (WeightRows& tensor : m_tensors) {
            if (tensor.rows <= 1) continue;
            tensor.format = formatOf(tensor);
            tensor.ropeHeads = 0;
            tensor.order = nullptr;
            std::ranges::fill(tensor.planes, kNowhere);
            tensor.makers.clear();
        }
    }
    bool isHuggingFace() const override { return false; }
};

Forecast forecastOf(const Work& all, const Work& onCard, const Placement& placement) {
    Forecast forecast;
    double seconds = 0;
    const auto add = [&](double bytes, double bytesPerSecond) {
        if (bytes <= 0) return true;
        forecast.formula +=
            nibble::format("%s%s / %s/s", forecast.formula.empty() ? "1 / (" : " + ",
                           humanBytes(uint64_t(bytes)).c_str(), humanBytes(uint64_t(bytesPerSecond)).c_str());
        if (bytesPerSecond > 0) seconds += bytes / bytesPerSecond;
        return bytesPerSecond > 0;
    };
    const double card = onCard.weightBytes + onCard.kvBytes;
    if (!add(card, placement.gpuBytesPerSecond) ||
        !add(all.weightBytes + all.kvBytes - card, placement.cpuBytesPerSecond))
        return {};
    forecast.tokensPerSecond = 1 / seconds;
    forecast.formula += nibble::format(") = %.1f tokens per second", forecast.tokensPerSecond);
    return forecast;
}

} // namespace

SessionShape sessionShape(const ModelPlan& plan, int32_t contextLength, const std::string& kvFormat, bool precise) {
    SessionShape shape;
    if (precise) shape.terms = InputTerms::Two;
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
    // Stopping waits for the operation under way: about a tenth of a second on a slow office computer.
    constexpr double kMacsPerOperation = 8e9;
    shape.macsOfRow = largestOperation(plan);
    shape.maxRows = std::min(batchRows(kMacsPerOperation, shape.macsOfRow), shape.contextLength);
    shape.maxLogitRows = std::min(logitRows(plan), shape.maxRows);
    return shape;
}

int32_t rowsOfBatch(const SessionShape& shape, const Placement& placement) {
    if (!placement.onlyGpu() && !placement.streams()) return shape.maxRows;
    constexpr double kSeconds = 0.05; // of an operation, so that the desktop's picture does not stand still
    const int32_t rows = batchRows(placement.gpuMacsPerSecond * kSeconds, shape.macsOfRow);
    return std::clamp(rows, shape.maxRows, std::max(shape.maxRows, std::min(kMostRows, shape.contextLength)));
}

std::unique_ptr<ModelSource> withFormats(const ModelSource& source, const FormatOfTensor& formatOf) {
    return std::make_unique<SourceWithFormats>(source, formatOf);
}

Estimate estimateSource(const ModelSource& source, uint64_t fileBytes, const SessionShape& shape,
                        const Placement& placement, std::optional<uint64_t> available) {
    const std::unique_ptr<Backend> backend = makeDryBackend(placement, shape.terms);
    const ModelOnBackend model =
        placeModel(*backend, source, shape.contextLength, shape.kv, rowsOfBatch(shape, placement), shape.maxLogitRows);
    const MemoryUse memory = backend->memory();

    Estimate result;
    result.contextLength = shape.contextLength;
    result.fileBytes = fileBytes;
    result.weightBytes = memory.weights + memory.mappedWeights;
    result.kvBytes = memory.kv;
    result.activationBytes = memory.activations;
    result.scratchBytes = memory.scratch;
    result.totalBytes = memory.total();
    result.fileRowBytes = memory.fileRows;
    result.gpuBytes = backend->deviceMemory().total();
    result.device = placement.device;
    result.deviceReason = placement.reason;
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
    result.forecast = forecastOf(work, backend->deviceWork(), placement);
    // A card without memory of its own takes the processor's.
    const bool ownMemory = placement.gpuLayers > 0 && placement.gpu.type == VulkanDeviceType::Discrete;
    const uint64_t onCard = ownMemory ? result.gpuBytes : 0;
    result.verdict = judgeFit({result.totalBytes - onCard, available ? *available : memoryForModels()},
                              placement.layers, {onCard, gpuBudget(placement.gpu)}, placement.gpuLayers);
    return result;
}

Estimate estimateImagined(const ModelSource& source, uint64_t fileBytes, const SessionShape& shape,
                          const ImaginedComputer& computer, int32_t gpuLayers) {
    Placement placement = placeOnProcessor(source, bestCpuLevel(), 0);
    if (computer.cardBytes > 0) {
        VulkanDevice card;
        card.name = "The graphics card";
        card.memoryBytes = card.availableBytes = computer.cardBytes;
        placement = placeOnCard(source, shape, card, gpuLayers, placement.level, 0);
        if (placement.gpuLayers > 0) placement.device = "gpu0";
    }
    placement.gpuBytesPerSecond = computer.cardBytesPerSecond;
    placement.cpuBytesPerSecond = computer.memoryBytesPerSecond;
    return estimateSource(source, fileBytes, shape, placement,
                          memoryForModels({.total = computer.memoryBytes, .available = computer.memoryBytes}));
}

FitVerdict judgeFit(MemoryQuestion memory, int32_t layers, MemoryQuestion card, int32_t layersOnGpu) {
    const auto spare = [](const MemoryQuestion& q) {
        const bool fits = q.neededBytes <= q.availableBytes;
        const uint64_t difference = fits ? q.availableBytes - q.neededBytes : q.neededBytes - q.availableBytes;
        const auto bytes = int64_t(std::min<uint64_t>(difference, INT64_MAX));
        return fits ? bytes : -bytes;
    };
    const bool usesCard = card.neededBytes > 0;
    const int64_t inMemory = spare(memory), onCard = usesCard ? spare(card) : INT64_MAX;
    const bool cardDecides = onCard < inMemory;

    FitVerdict verdict;
    verdict.layers = layers;
    verdict.layersOnGpu = layersOnGpu;
    verdict.spareBytes = std::min(inMemory, onCard);
    const uint64_t difference = uint64_t(std::abs(verdict.spareBytes));
    if (verdict.spareBytes < 0) {
        verdict.fit = Fit::DoesNotFit;
        verdict.sentence = "Does not fit: " + humanBytes(difference) + " of " +
                           (cardDecides ? "the graphics card's memory" : "memory") + " are missing";
        return verdict;
    }
    const uint64_t available = (cardDecides ? card : memory).availableBytes;
    verdict.fit = layersOnGpu > 0 && layersOnGpu < layers ? Fit::FitsPartly : Fit::Fits;
    verdict.tight = difference < std::max(available / 10, kTightBytes) && !cardDecides; // the card's share is kept back
    std::string where;
    if (verdict.fit == Fit::FitsPartly)
        where = nibble::format(", %d of %d layers on the graphics card", layersOnGpu, layers);
    else if (usesCard)
        where = " on the graphics card";
    verdict.sentence = (verdict.tight ? "Just fits" : "Fits") + where + ", with " + humanBytes(difference) +
                       " to spare" + (verdict.tight ? ": close other programs first" : "");
    return verdict;
}

} // namespace nibble
