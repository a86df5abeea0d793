// The public structs as JSON (reports: compare/report_json.cpp). protocol.h is the document that this file follows.
#include <cmath>
#include <nibble/json.h>

namespace nibble {

using nlohmann::json;

namespace {

json pathJson(const std::filesystem::path& path) { return path.string(); }

const char* fitName(Fit fit) {
    switch (fit) {
    case Fit::Fits:
        return "fits";
    case Fit::FitsPartly:
        return "fits-partly";
    case Fit::DoesNotFit:
        return "does-not-fit";
    }
    return "does-not-fit";
}

const char* finishName(Finish finish) {
    switch (finish) {
    case Finish::EndOfTurn:
        return "end-of-turn";
    case Finish::StopString:
        return "stop-string";
    case Finish::MaxTokens:
        return "max-tokens";
    case Finish::ContextFull:
        return "context-full";
    case Finish::Stopped:
        return "stopped";
    }
    return "stopped";
}

/// A float as people write it: 0.8, not 0.800000011920929.
double plain(float value) { return std::round(double(value) * 1e6) / 1e6; }

json verdictJson(const FitVerdict& value) {
    return {{"fit", fitName(value.fit)}, {"layersOnGpu", value.layersOnGpu},
            {"layers", value.layers},    {"spareBytes", value.spareBytes},
            {"tight", value.tight},      {"sentence", value.sentence}};
}

} // namespace

json toJson(const DeviceInfo& value) {
    return {{"id", value.id},
            {"name", value.name},
            {"kind", value.kind},
            {"driver", value.driver},
            {"memoryBytes", value.memoryBytes},
            {"availableBytes", value.availableBytes},
            {"threads", value.threads},
            {"usable", value.usable},
            {"whyNot", value.whyNot}};
}

json toJson(const SpeedReport& value) {
    return {{"device", value.device},
            {"name", value.name},
            {"whyNoCard", value.whyNoCard},
            {"processorBytesPerSecond", value.processorBytesPerSecond},
            {"bytesPerSecond", value.bytesPerSecond},
            {"referenceWeights", kReferenceWeights},
            {"referenceBytes", kReferenceWeights * kReferenceBits / 8},
            {"tokensPerSecond", value.tokensPerSecond},
            {"seconds", value.seconds}};
}

json toJson(const RecipeInfo& value) {
    return {{"name", value.name},
            {"stop", value.stop},
            {"label", value.label},
            {"sentence", value.sentence},
            {"nominalBits", value.nominalBits}};
}

json toJson(const ModelInfo& value, bool withTensors) {
    json out = {{"path", pathJson(value.path)},   {"name", value.name},
                {"container", value.container},   {"architecture", value.architecture},
                {"sizeLabel", value.sizeLabel},   {"license", value.license},
                {"formatName", value.formatName}, {"bitsPerWeight", value.bitsPerWeight},
                {"fileBytes", value.fileBytes},   {"weightBytes", value.weightBytes},
                {"parameters", value.parameters}, {"contextLength", value.contextLength},
                {"layers", value.layers},         {"embedding", value.embedding},
                {"heads", value.heads},           {"kvHeads", value.kvHeads},
                {"headDim", value.headDim},       {"feedForward", value.feedForward},
                {"experts", value.experts},       {"expertsUsed", value.expertsUsed},
                {"vocab", value.vocab},           {"tiedEmbedding", value.tiedEmbedding},
                {"quantized", value.quantized},   {"hasChatTemplate", value.hasChatTemplate},
                {"supported", value.supported},   {"unsupportedReason", value.unsupportedReason},
                {"warnings", value.warnings},     {"bytesByFormat", value.bytesByFormat}};
    if (!withTensors) return out;
    json& tensors = out["tensors"] = json::array();
    for (const TensorSummary& t : value.tensors)
        tensors.push_back({{"name", t.name}, {"format", t.format}, {"shape", t.shape}, {"bytes", t.bytes}});
    json& metadata = out["metadata"] = json::array();
    for (const auto& [key, text] : value.metadata) metadata.push_back(json::array({key, text}));
    return out;
}

json toJson(const LibraryEntry& value) {
    json out = {{"path", pathJson(value.path)}, {"problem", value.problem}};
    if (value.info) out["info"] = toJson(*value.info, false);
    return out;
}

json toJson(const HubHit& value) {
    return {{"name", value.name}, {"downloads", value.downloads}, {"gated", value.gated}, {"hasGguf", value.hasGguf}};
}

json toJson(const HubModel& value) {
    json choices = json::array();
    for (const HubChoice& choice : value.choices)
        choices.push_back({{"name", choice.name},
                           {"isFolder", choice.isFolder},
                           {"formatName", choice.formatName},
                           {"bytes", choice.bytes},
                           {"files", choice.files.size()},
                           {"verdict", verdictJson(choice.verdict)}});
    return {{"name", value.name},   {"revision", value.revision}, {"license", value.license},
            {"gated", value.gated}, {"choices", choices},         {"chosen", value.chosen}};
}

json toJson(const DownloadReport& value) {
    return {{"path", pathJson(value.path)},
            {"bytes", value.bytes},
            {"continuedAt", value.continuedAt},
            {"seconds", value.seconds}};
}

json toJson(const UnfinishedDownload& value) {
    return {{"id", value.id},   {"name", value.name},   {"choice", value.choice},
            {"hub", value.hub}, {"bytes", value.bytes}, {"doneBytes", value.doneBytes}};
}

json toJson(const Pack& value) {
    json models = json::array();
    for (const PackedModel& model : value.models)
        models.push_back({{"name", model.name},
                          {"license", model.license},
                          {"place", model.place},
                          {"files", model.files.size()},
                          {"bytes", model.bytes()}});
    return {{"name", value.name}, {"bytes", value.bytes()}, {"models", models}};
}

json toJson(const PackReport& value) {
    json installed = json::array(), present = json::array();
    for (const auto& path : value.installed) installed.push_back(pathJson(path));
    for (const auto& path : value.present) present.push_back(pathJson(path));
    return {{"installed", installed}, {"present", present}};
}

json toJson(const Estimate& value) {
    return {{"contextLength", value.contextLength},
            {"fileBytes", value.fileBytes},
            {"weightBytes", value.weightBytes},
            {"kvBytes", value.kvBytes},
            {"activationBytes", value.activationBytes},
            {"scratchBytes", value.scratchBytes},
            {"totalBytes", value.totalBytes},
            {"fileRowBytes", value.fileRowBytes},
            {"gpuBytes", value.gpuBytes},
            {"device", value.device},
            {"deviceReason", value.deviceReason},
            {"bitsPerWeight", value.bitsPerWeight},
            {"decodeMacsPerToken", value.decodeMacsPerToken},
            {"decodeBytesPerToken", value.decodeBytesPerToken},
            {"forecast", {{"tokensPerSecond", value.forecast.tokensPerSecond}, {"formula", value.forecast.formula}}},
            {"verdict", verdictJson(value.verdict)}};
}

json toJson(const QuantizePlan& value) {
    json tensors = json::array();
    for (const PlannedTensor& t : value.tensors)
        tensors.push_back({{"name", t.name},
                           {"from", t.from},
                           {"to", t.to},
                           {"shape", t.shape},
                           {"bytesBefore", t.bytesBefore},
                           {"bytesAfter", t.bytesAfter},
                           {"reason", t.reason}});
    return {{"recipe", value.recipe},
            {"fileBytes", value.fileBytes},
            {"sourceBytes", value.sourceBytes},
            {"peakMemoryBytes", value.peakMemoryBytes},
            {"bitsPerWeight", value.bitsPerWeight},
            {"tensors", std::move(tensors)}};
}

json toJson(const QuantizeReport& value) {
    return {{"output", pathJson(value.output)},
            {"seconds", value.seconds},
            {"continuedAt", value.continuedAt},
            {"plan", toJson(value.plan)}};
}

json toJson(const UnfinishedQuantize& value) {
    return {{"output", pathJson(value.output)},
            {"source", pathJson(value.source)},
            {"recipe", value.recipe},
            {"size", value.size},
            {"sizeOf", value.sizeOf},
            {"formatsOf", pathJson(value.formatsOf)},
            {"finerLayers", value.finerLayers},
            {"plain", value.plain},
            {"care", value.care},
            {"sampleText", pathJson(value.sampleText)},
            {"tensors", value.tensors},
            {"finishedTensors", value.finishedTensors}};
}

json toJson(const Predicted& value) { return {{"expected", value.expected}, {"low", value.low}, {"high", value.high}}; }

json toJson(const Preview& value) {
    json stops = json::array();
    for (const StopPreview& stop : value.stops) {
        json seconds;
        for (std::size_t care = 0; care < stop.seconds.size(); ++care)
            seconds[kCareNames[care]] = toJson(stop.seconds[care]);
        stops.push_back({{"recipe", stop.recipe},
                         {"label", stop.label},
                         {"stop", stop.stop},
                         {"fileBytes", stop.fileBytes},
                         {"memoryBytes", stop.memoryBytes},
                         {"makingMemoryBytes", stop.makingMemoryBytes},
                         {"seconds", std::move(seconds)},
                         {"divergence", toJson(stop.divergence)},
                         {"agreement", toJson(stop.agreement)},
                         {"drift", stop.drift},
                         {"verdict", stop.verdict},
                         {"fits", stop.fits},
                         {"recommended", stop.recommended}});
    }
    return {{"stops", std::move(stops)},
            {"tokens", value.tokens},
            {"roundedShare", value.roundedShare},
            {"seconds", value.seconds}};
}

json toJson(const LayerCostReport& value) {
    json layers = json::array();
    for (const LayerCost& layer : value.layers)
        layers.push_back({{"layer", layer.layer},
                          {"divergence", layer.divergence},
                          {"divergenceError", layer.divergenceError},
                          {"bytes", layer.bytes},
                          {"finerBytes", layer.finerBytes}});
    return {{"layers", std::move(layers)},  {"divergence", value.divergence},         {"tokens", value.tokens},
            {"worthMost", value.worthMost}, {"worthMostBytes", value.worthMostBytes}, {"sentence", value.sentence},
            {"seconds", value.seconds}};
}

json toJson(const CalibrateReport& value) {
    return {{"output", pathJson(value.output)},
            {"tensors", value.tensors},
            {"tokens", value.tokens},
            {"seconds", value.seconds}};
}

json toJson(const Session::Info& value, const Sampling& suggested) {
    return {{"name", value.name},
            {"backend", value.backend},
            {"cpuLevel", value.cpuLevel},
            {"device", value.device},
            {"deviceReason", value.deviceReason},
            {"layers", value.layers},
            {"gpuLayers", value.gpuLayers},
            {"contextLength", value.contextLength},
            {"vocabSize", value.vocabSize},
            {"memoryBytes", value.memoryBytes},
            {"hasChatTemplate", value.hasChatTemplate},
            {"thinks", value.thinks},
            {"canSwitchThinking", value.canSwitchThinking},
            {"loadSeconds", value.loadSeconds},
            {"suggestedSampling", toJson(suggested)}};
}

json toJson(const Generated& value) {
    return {{"text", value.text},
            {"finish", finishName(value.finish)},
            {"promptTokens", value.promptTokens},
            {"reusedTokens", value.reusedTokens},
            {"generatedTokens", value.tokens.size()},
            {"contextUsed", value.contextUsed},
            {"contextLength", value.contextLength},
            {"droppedTurns", value.droppedTurns},
            {"prefillSeconds", value.prefillSeconds},
            {"decodeSeconds", value.decodeSeconds},
            {"seed", value.seed}};
}

json toJson(const Progress& value) {
    return {
        {"stage", value.stage}, {"item", value.item}, {"fraction", value.fraction}, {"secondsLeft", value.secondsLeft}};
}

json toJson(const Error& value) {
    return {{"kind", errorKindName(value.kind)},
            {"message", value.message},
            {"detail", value.detail},
            {"whatToDo", value.whatToDo}};
}

json toJson(const Sampling& value) {
    return {{"temperature", plain(value.temperature)},
            {"topK", value.topK},
            {"topP", plain(value.topP)},
            {"minP", plain(value.minP)},
            {"repeatPenalty", plain(value.repeatPenalty)},
            {"repeatLastN", value.repeatLastN},
            {"presencePenalty", plain(value.presencePenalty)},
            {"frequencyPenalty", plain(value.frequencyPenalty)},
            {"dryMultiplier", plain(value.dryMultiplier)},
            {"dryBase", plain(value.dryBase)},
            {"dryAllowedLength", value.dryAllowedLength},
            {"dryBreakers", value.dryBreakers},
            {"xtcProbability", plain(value.xtcProbability)},
            {"xtcThreshold", plain(value.xtcThreshold)},
            {"mirostatTau", plain(value.mirostatTau)},
            {"mirostatEta", plain(value.mirostatEta)},
            {"seed", value.seed}};
}

} // namespace nibble
