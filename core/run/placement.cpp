#include <run/placement.h>

#include <algorithm>
#include <base/text.h>
#include <base/thread_pool.h>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nibble/error.h>
#include <run/processor_speed.h>

namespace nibble {
namespace {

constexpr double kMostStreamRows = 512; // no batch is longer

/// The number in "gpu3".
std::size_t gpuIndex(const std::string& device) {
    std::size_t index = 0;
    const char* end = device.data() + device.size();
    const bool named = device.starts_with("gpu");
    const auto parsed = std::from_chars(device.data() + (named ? 3 : 0), end, index);
    if (!named || parsed.ec != std::errc() || parsed.ptr != end)
        throw Error(ErrorKind::BadRequest, "There is no device \"" + printable(device, 40) + "\".", {},
                    "Known are cpu, gpu0, gpu1 and so on: see `nibble-cli devices`.");
    return index;
}

/// What is known of a card. One that may run models by itself (software devices are asked for by name) is tested where
/// nothing is known yet and there is a tester.
std::optional<CardVerdict> verdictOn(const VulkanDevice& card, const CardTester& test) {
    std::optional<CardVerdict> verdict = knownVerdict(card);
    if (!verdict && test && canTestCards() && card.usable && card.type != VulkanDeviceType::Software)
        verdict = test(card);
    return verdict;
}

/// The card to use; null with the reason.
const VulkanDevice* findCard(const VulkanDevices& all, const std::string& device, const CardTester& test,
                             std::string& reason) {
    if (all.devices.empty()) {
        reason = all.whyNone;
        return nullptr;
    }
    if (device.empty()) return bestCard(all.devices, test, reason);
    const std::size_t index = gpuIndex(device);
    if (index >= all.devices.size()) {
        reason = "This computer has no graphics card " + device + ".";
        return nullptr;
    }
    const VulkanDevice& card = all.devices[index];
    return mayUse(card, verdictOn(card, test), reason) ? &card : nullptr;
}

/// What of the model the card gets wrong, in words; empty: nothing.
std::string refusedPart(const ModelSource& source, const VulkanDevice& card) {
    const auto verdict = knownVerdict(card);
    if (!verdict) return {};
    const ModelPlan plan = planOf(source);
    if (plan.router.experts > 0 && verdict->test.refusesExperts()) return "layers of experts";
    if (isRecurrent(plan) && verdict->test.refusesRecurrent()) return "recurrent layers";
    const std::vector<FormatId> refused = verdict->test.refusedFormats();
    for (const WeightRows& tensor : source.tensors())
        if (tensor.rows > 1 && std::ranges::find(refused, tensor.format) != refused.end())
            return std::string(format(tensor.format).name) + " weights";
    return {};
}

/// The device that a choice names; "" for automatic.
std::string deviceOf(const DeviceChoice& choice) {
    if (choice.gpuLayers == 0) return "cpu";
    return choice.device.empty() && choice.gpuLayers > 0 ? "gpu0" : choice.device;
}

uint64_t gpuBytes(const ModelSource& source, const SessionShape& shape, const Placement& placement) {
    const std::unique_ptr<Backend> backend = makeDryBackend(placement, shape.terms);
    placeModel(*backend, source, shape.contextLength, shape.kv, rowsOfBatch(shape, placement), shape.maxLogitRows);
    return backend->deviceMemory().total();
}

/// All layers of a model that cannot be divided, or none with the reason. `gpuLayers` as in placeOnCard().
void placeWhole(const ModelSource& source, const SessionShape& shape, const char* what, int32_t gpuLayers,
                Placement& placement) {
    Placement whole = placement;
    whole.gpuLayers = placement.layers;
    const uint64_t bytes = gpuBytes(source, shape, whole);
    if (gpuLayers < 0 ? bytes <= gpuBudget(placement.gpu) : gpuLayers >= placement.layers) {
        placement = whole;
        return;
    }
    const std::string card = placement.gpu.name;
    placement = placeOnProcessor(source, placement.level, placement.threads);
    placement.reason =
        nibble::format("%s would have to hold all of this model (%s), %s, so the processor does the work.",
                       card.c_str(), humanBytes(bytes).c_str(), what);
}

/// rowsWorthStreaming() for the model's layers. For tests and measurements, NIBBLE_STREAM_ROWS says it (0: never).
int32_t streamRowsOf(const ModelSource& source, const SelfTest* test) {
    if (const char* rows = std::getenv("NIBBLE_STREAM_ROWS")) return std::max(0, std::atoi(rows));
    if (!test) return 0;
    const ModelPlan plan = planOf(source);
    const auto layers = double(plan.layers.size());
    double macs = 0, bytes = 0, crossing = 0;
    for (const WeightRows& tensor : source.tensors()) {
        if (tensor.rows == 1 || !tensor.name.starts_with("blk.")) continue;
        const double read = tensor.planes.size() > 1 ? double(plan.router.used) / double(tensor.planes.size()) : 1;
        macs += read * double(tensor.elements()) / layers;
        bytes += double(tensor.bytes()) / layers;
    }
    for (const LayerPlan& layer : plan.layers) {
        const DeltaNetSpec& net = layer.deltaNet;
        const int32_t values = net ? net.channels() + net.nValueHeads * (2 + net.valueDim)
                                   : (layer.nHeads + layer.nKvHeads) * (layer.keyDim + layer.valueDim);
        crossing += sizeof(float) * double(values) / layers;
    }
    return rowsWorthStreaming(macs, bytes, crossing, test->card, test->processor);
}

/// The most layers whose memory the card has; bytes only grow with the layers.
int32_t mostLayers(const ModelSource& source, const SessionShape& shape, Placement placement) {
    const uint64_t budget = gpuBudget(placement.gpu);
    int32_t fits = 0, tooMany = placement.layers + 1;
    while (tooMany - fits > 1) {
        placement.gpuLayers = fits == 0 && tooMany > placement.layers ? placement.layers : (fits + tooMany) / 2;
        (gpuBytes(source, shape, placement) <= budget ? fits : tooMany) = placement.gpuLayers;
    }
    return fits;
}

} // namespace

int32_t rowsWorthStreaming(double macs, double bytes, double crossing, const ComputeSpeed& card,
                           const ComputeSpeed& processor) {
    if (card.uploadBytes <= 0 || card.macs <= 0 || processor.macs <= 0) return 0;
    const double saved = macs / processor.macs - macs / card.macs - crossing / card.uploadBytes; // seconds for a token
    const double rows = bytes / card.uploadBytes / saved;
    return saved > 0 && rows < kMostStreamRows ? std::max(2, int32_t(std::ceil(rows))) : 0;
}

const VulkanDevice* bestCard(const std::vector<VulkanDevice>& cards, const CardTester& test, std::string& reason) {
    std::string why;
    for (const VulkanDevice& card : cards) {
        if (!card.usable) {
            why = card.whyNot;
        } else if (card.type == VulkanDeviceType::Software) {
            why = card.name + " is used only where it is chosen.";
        } else if (const auto verdict = verdictOn(card, test)) {
            if (worthUsing(card, *verdict, why)) return &card;
        } else if (canTestCards()) {
            return &card; // tested when a model is loaded on it
        } else {
            why = card.name + " has not been tested yet: run `nibble-cli doctor`.";
        }
        if (reason.empty()) reason = why;
    }
    return nullptr;
}

uint64_t gpuBudget(const VulkanDevice& device) {
    const uint64_t kept = std::max<uint64_t>(device.memoryBytes / 10, 512ull << 20);
    return device.availableBytes - std::min(device.availableBytes, kept);
}

Placement placeOnProcessor(const ModelSource& source, CpuLevel level, int threads) {
    Placement placement;
    placement.level = level;
    placement.threads = threads;
    placement.cpuBytesPerSecond = knownProcessorSpeed();
    placement.layers = int32_t(planOf(source).layers.size());
    return placement;
}

Placement placeOnCard(const ModelSource& source, const SessionShape& shape, const VulkanDevice& card, int32_t gpuLayers,
                      CpuLevel level, int threads) {
    Placement placement = placeOnProcessor(source, level, threads);
    placement.gpu = card;
    const auto verdict = knownVerdict(card);
    if (verdict) {
        placement.gpuBytesPerSecond = verdict->test.card.weightBytes;
        placement.gpuMacsPerSecond = verdict->test.card.macs;
        placement.cpuBytesPerSecond = verdict->test.processor.weightBytes;
    }
    try {
        if (const char* what = onlyOnOneDevice(planOf(source))) {
            placeWhole(source, shape, what, gpuLayers, placement);
            return placement;
        }
        placement.streamRows = streamRowsOf(source, verdict ? &verdict->test : nullptr);
        placement.gpuLayers = std::min(gpuLayers, placement.layers);
        if (gpuLayers < 0)
            placement.gpuLayers = mostLayers(source, shape, placement);
        else
            gpuBytes(source, shape, placement); // whether the card can address all pieces
    } catch (const Error& e) {
        if (e.kind != ErrorKind::Unsupported) throw;
        placement = placeOnProcessor(source, level, threads);
        placement.reason = card.name + " cannot run this model, so the processor does the work. " + e.message;
        return placement;
    }
    if (gpuLayers < 0 && placement.gpuLayers < placement.layers)
        placement.reason = nibble::format("%s has %s of free memory: room for %d of %d layers.", card.name.c_str(),
                                          humanBytes(gpuBudget(card)).c_str(), placement.gpuLayers, placement.layers);
    return placement;
}

Placement choosePlacement(const ModelSource& source, const SessionShape& shape, const DeviceChoice& choice,
                          CpuLevel level, int threads, const CardTester& test) {
    Placement onCpu = placeOnProcessor(source, level, threads);
    const std::string device = deviceOf(choice);
    if (device == "cpu") return onCpu;
    if (!device.empty()) gpuIndex(device); // a wrong name is an error even without any card

    const VulkanDevices all = vulkanDevices();
    const VulkanDevice* card = findCard(all, device, test, onCpu.reason);
    if (!card) return onCpu;
    if (const std::string refused = refusedPart(source, *card); !refused.empty()) {
        onCpu.reason = card->name + " computes " + refused + " wrongly, so the processor does the work.";
        return onCpu;
    }
    Placement placement = placeOnCard(source, shape, *card, choice.gpuLayers, level, threads);
    if (placement.gpuLayers > 0) placement.device = "gpu" + std::to_string(card - all.devices.data());
    return placement;
}

VulkanOptions cardOptions(const VulkanDevice& card) {
    VulkanOptions options;
    options.uuid = card.uuid;
    if (const auto verdict = knownVerdict(card)) {
        options.integerDot = verdict->test.integerDot ? IntegerDot::WhereOffered : IntegerDot::Never;
        options.matrixUnits = verdict->test.matrixUnits;
    }
    if (const char* fault = std::getenv("NIBBLE_VULKAN_FAULT")) {
        char kernel[64] = "";
        std::sscanf(fault, "allocation %d", &options.faults.allocation);
        std::sscanf(fault, "submission %d", &options.faults.submission);
        std::sscanf(fault, "kernel %63s", kernel);
        options.faults.idleKernels = kernel;
    }
    return options;
}

std::unique_ptr<Backend> makeBackend(const Placement& placement, InputTerms terms, ThreadPool& pool) {
    if (placement.onlyCpu()) return makeCpuBackend(pool, placement.level, terms);
    VulkanOptions options = cardOptions(placement.gpu);
    options.terms = terms;
    std::unique_ptr<Backend> gpu = makeVulkanBackend(pool, options);
    if (placement.onlyGpu()) return gpu;
    return makeSplitBackend(makeCpuBackend(pool, placement.level, terms), std::move(gpu),
                            placement.layers - placement.gpuLayers, placement.streamRows);
}

std::unique_ptr<Backend> makeDryBackend(const Placement& placement, InputTerms terms) {
    if (placement.onlyCpu()) return makeDryBackend(placement.level, placement.threads, terms);
    std::unique_ptr<Backend> gpu = makeDryVulkanBackend(placement.gpu.limits, terms);
    if (placement.onlyGpu()) return gpu;
    return makeSplitBackend(makeDryBackend(placement.level, placement.threads, terms), std::move(gpu),
                            placement.layers - placement.gpuLayers, placement.streamRows);
}

} // namespace nibble
