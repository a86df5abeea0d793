#include <algorithm>
#include <nibble/compare.h>
#include <nibble/devices.h>
#include <nibble/error.h>
#include <nibble/estimate.h>
#include <nibble/hub.h>
#include <nibble/inspect.h>
#include <nibble/json.h>
#include <nibble/layer_costs.h>
#include <nibble/library.h>
#include <nibble/measure.h>
#include <nibble/pack.h>
#include <nibble/passport.h>
#include <nibble/preview.h>
#include <nibble/protocol.h>
#include <nibble/quantize.h>
#include <service/verbs.h>

namespace nibble {

using nlohmann::json;

namespace {

constexpr int32_t kMostThreads = 1024;
constexpr int32_t kMostTokens = 1 << 24; // no model's context is longer
constexpr int32_t kMostLayers = 100000;
constexpr std::size_t kMostMessages = 100000;

json devices(Params& params, Call&) {
    params.rejectUnknown();
    json list = json::array();
    for (const DeviceInfo& device : listDevices()) list.push_back(toJson(device));
    return {{"devices", std::move(list)}};
}

json measure(Params& params, Call& call) {
    params.rejectUnknown();
    return toJson(measureThisComputer(call.progress, call.stop));
}

json recipeList(Params& params, Call&) {
    params.rejectUnknown();
    json list = json::array();
    for (const RecipeInfo& recipe : recipes()) list.push_back(toJson(recipe));
    return {{"recipes", std::move(list)}};
}

/// What the file says was measured of it; only a file that says so is opened again. A damaged passport says nothing;
/// whether the weights are still those that were measured is for verify.
void addPassport(json& out, const ModelInfo& info) try {
    const auto isOfPassport = [](const auto& pair) { return pair.first.starts_with(kPassportPrefix); };
    if (std::ranges::none_of(info.metadata, isOfPassport)) return;
    if (const std::optional<Passport> found = readPassport(info.path)) out["passport"] = toJson(*found);
} catch (const Error&) {
}

json models(Params& params, Call&) {
    std::filesystem::path folder = params.path("folder", {});
    params.rejectUnknown();
    if (folder.empty()) folder = defaultModelFolder();
    json list = json::array();
    for (const LibraryEntry& entry : listModels(folder)) {
        list.push_back(toJson(entry));
        if (entry.info) addPassport(list.back()["info"], *entry.info);
    }
    return {{"folder", folder.string()}, {"models", std::move(list)}};
}

json inspect(Params& params, Call&) {
    const std::filesystem::path path = params.path("path");
    params.rejectUnknown();
    const ModelInfo info = inspectModel(path);
    json out = toJson(info, true);
    addPassport(out, info);
    return out;
}

DeviceChoice deviceChoice(Params& params) {
    DeviceChoice choice;
    choice.device = params.text("device", choice.device);
    choice.gpuLayers = params.integer("gpuLayers", choice.gpuLayers, -1, kMostLayers);
    return choice;
}

json estimate(Params& params, Call&) {
    EstimateRequest request;
    request.model = params.path("model");
    request.recipe = params.text("recipe", request.recipe);
    request.contextLength = params.integer("contextLength", request.contextLength, 0, kMostTokens);
    request.kvFormat = params.choice("kvFormat", request.kvFormat, {"f16", "q8_0"});
    request.device = deviceChoice(params);
    request.precise = params.flag("precise", request.precise);
    request.threads = params.integer("threads", request.threads, 0, kMostThreads);
    params.rejectUnknown();
    return toJson(estimateModel(request));
}

/// What plan and quantize have in common.
QuantizeOptions quantizeOptions(Params& params) {
    QuantizeOptions options;
    options.source = params.path("source");
    options.allowRequantize = params.flag("allowRequantize", options.allowRequantize);
    options.care = careOf(params.choice("care", kCareNames[0], {kCareNames[0], kCareNames[1], kCareNames[2]}));
    options.calibration.text = params.text("sampleText", "");
    options.size.asFile = params.path("formatsOf", {});
    options.size.finerLayers = params.integers("finerLayers", kOutsideLayers, kMostLayers);
    return options;
}

json plan(Params& params, Call&) {
    QuantizeOptions options = quantizeOptions(params);
    options.recipe = options.size.given() ? params.text("recipe", options.recipe) : params.text("recipe");
    options.output = params.path("output", {});
    params.rejectUnknown();
    json answer = toJson(planQuantize(options));
    if (!options.output.empty()) answer["finishedTensors"] = finishedTensors(options);
    return answer;
}

json quantize(Params& params, Call& call) {
    QuantizeOptions options = quantizeOptions(params);
    options.recipe = params.text("recipe", options.recipe);
    options.output = params.path("output");
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    options.overwrite = params.flag("overwrite", options.overwrite);
    params.rejectUnknown();
    options.keepWhenStopped = [&call] { return call.ending.load(); };
    return toJson(quantizeModel(options, call.progress, call.stop));
}

json preview(Params& params, Call& call) {
    PreviewOptions options;
    options.source = params.path("source");
    options.allowRequantize = params.flag("allowRequantize", options.allowRequantize);
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    params.rejectUnknown();
    return toJson(previewModel(options, call.progress, call.stop));
}

json layers(Params& params, Call& call) {
    LayerCostOptions options;
    options.original = params.path("original");
    options.smaller = params.path("smaller");
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    params.rejectUnknown();
    return toJson(measureLayerCosts(options, call.progress, call.stop));
}

json unfinished(Params& params, Call&) {
    std::filesystem::path folder = params.path("folder", {});
    params.rejectUnknown();
    if (folder.empty()) folder = defaultModelFolder();
    json list = json::array();
    for (const UnfinishedQuantize& job : listUnfinished(folder)) list.push_back(toJson(job));
    return {{"jobs", std::move(list)}};
}

json discard(Params& params, Call&) {
    const std::filesystem::path output = params.path("output");
    params.rejectUnknown();
    discardUnfinished(output);
    return json::object();
}

/// A model that cannot be read leaves the loaded one in place; then the loaded one makes room before the new one comes.
json load(Params& params, Call& call) {
    LoadOptions options;
    options.model = params.path("model");
    options.contextLength = params.integer("contextLength", options.contextLength, 0, kMostTokens);
    options.kvFormat = params.choice("kvFormat", options.kvFormat, {"f16", "q8_0"});
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    options.device = deviceChoice(params);
    options.precise = params.flag("precise", options.precise);
    options.ignoreMemory = params.flag("ignoreMemory", options.ignoreMemory);
    params.rejectUnknown();
    const ModelInfo info = inspectModel(options.model);
    if (!info.supported) throw Error(ErrorKind::Unsupported, info.unsupportedReason, options.model.string());
    call.session.reset();
    call.session = Session::load(options, call.progress, call.stop);
    return toJson(call.session->info(), call.session->suggestedSampling());
}

json unload(Params& params, Call& call) {
    params.rejectUnknown();
    call.session.reset();
    return json::object();
}

Sampling samplingOf(Params params, Sampling sampling) {
    sampling.temperature = params.number("temperature", sampling.temperature, 0, 100);
    sampling.topK = params.integer("topK", sampling.topK, 0, kMostTokens);
    sampling.topP = params.number("topP", sampling.topP, 0, 1);
    sampling.minP = params.number("minP", sampling.minP, 0, 1);
    sampling.repeatPenalty = params.number("repeatPenalty", sampling.repeatPenalty, 0.01f, 100);
    sampling.repeatLastN = params.integer("repeatLastN", sampling.repeatLastN, 0, kMostTokens);
    sampling.presencePenalty = params.number("presencePenalty", sampling.presencePenalty, -100, 100);
    sampling.frequencyPenalty = params.number("frequencyPenalty", sampling.frequencyPenalty, -100, 100);
    sampling.dryMultiplier = params.number("dryMultiplier", sampling.dryMultiplier, 0, 100);
    sampling.dryBase = params.number("dryBase", sampling.dryBase, 1, 10);
    sampling.dryAllowedLength = params.integer("dryAllowedLength", sampling.dryAllowedLength, 1, 50);
    sampling.dryBreakers = params.texts("dryBreakers", sampling.dryBreakers);
    sampling.xtcProbability = params.number("xtcProbability", sampling.xtcProbability, 0, 1);
    sampling.xtcThreshold = params.number("xtcThreshold", sampling.xtcThreshold, 0, 1);
    sampling.mirostatTau = params.number("mirostatTau", sampling.mirostatTau, 0, 100);
    sampling.mirostatEta = params.number("mirostatEta", sampling.mirostatEta, 0, 1);
    sampling.seed = params.seed("seed", sampling.seed);
    params.rejectUnknown();
    return sampling;
}

Session& loadedSession(Call& call, const std::string& verb) {
    if (call.session) return *call.session;
    throw Error(ErrorKind::BadRequest, "No model is loaded.", "verb " + verb, "Open a model first (verb load).");
}

json tokens(Params& params, Call& call) {
    const std::string text = params.text("text");
    params.rejectUnknown();
    return {{"tokens", loadedSession(call, "tokens").tokenize(text, false).size()}};
}

json chat(Params& params, Call& call) {
    std::vector<Message> messages;
    for (Params& message : params.objects("messages", kMostMessages)) {
        messages.push_back({message.text("role"), message.text("content")});
        message.rejectUnknown();
    }
    GenerateOptions options;
    options.thinking = params.optionalFlag("thinking");
    options.sampling = samplingOf(params.object("sampling"),
                                  call.session ? call.session->suggestedSampling(options.thinking) : options.sampling);
    options.maxTokens = params.integer("maxTokens", options.maxTokens, 0, kMostTokens);
    options.stopStrings = params.texts("stop");
    options.jsonSchema = params.text("jsonSchema", "");
    options.dropOldestTurns = params.flag("dropOldestTurns", options.dropOldestTurns);
    const bool allowChatMl = params.flag("allowChatMl", false);
    params.rejectUnknown();
    if (messages.empty())
        throw Error(ErrorKind::BadRequest, "There is nothing to answer: params.messages is empty.", "params.messages");
    return toJson(loadedSession(call, "chat").chat(messages, options, call.text, call.stop, allowChatMl));
}

json compare(Params& params, Call& call) {
    CompareOptions options;
    options.original = params.path("original");
    options.smaller = params.path("smaller");
    options.text = params.path("text", options.text);
    options.chunkTokens = params.integer("chunkTokens", options.chunkTokens, 16, kMostTokens);
    options.chunks = params.integer("chunks", options.chunks, 1, 1000000);
    options.prompts = params.texts("prompts");
    options.answerTokens = params.integer("answerTokens", options.answerTokens, 1, kMostTokens);
    options.generate.sampling.temperature = 0;
    options.generate.sampling = samplingOf(params.object("sampling"), options.generate.sampling);
    options.measure = params.flag("measure", options.measure);
    options.speed = params.flag("speed", options.speed);
    options.tasks = params.flag("tasks", options.tasks);
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    params.rejectUnknown();
    return toJson(compareModels(options, call.progress, call.stop));
}

json ask(Params& params, Call& call) {
    AskOptions options;
    options.models = params.paths("models");
    options.prompts = params.texts("prompts");
    options.answerTokens = params.integer("answerTokens", options.answerTokens, 1, kMostTokens);
    options.generate.sampling.temperature = 0;
    options.generate.sampling = samplingOf(params.object("sampling"), options.generate.sampling);
    options.threads = params.integer("threads", options.threads, 0, kMostThreads);
    options.onAnswer = [&call](const AskReport& report) {
        json data = toJson(report.answers.back());
        data["memoryBytes"] = json::array();
        for (const AskedModel& model : report.models) data["memoryBytes"].push_back(model.memoryBytes);
        call.event("answer", std::move(data));
    };
    params.rejectUnknown();
    return toJson(askModels(options, call.progress, call.stop));
}

json report(Params& params, Call&) {
    const CompareReport measured = compareReportFrom(params.raw("report"));
    const std::filesystem::path output = params.path("output");
    const bool overwrite = params.flag("overwrite", false);
    params.rejectUnknown();
    writeReport(measured, output, overwrite);
    return {{"output", output.string()}};
}

json passport(Params& params, Call& call) {
    const std::filesystem::path model = params.path("model"), original = params.path("original");
    const CompareReport measured = compareReportFrom(params.raw("report"));
    params.rejectUnknown();
    return toJson(writePassport(model, original, measured, call.progress, call.stop));
}

json verify(Params& params, Call& call) {
    const std::filesystem::path model = params.path("model");
    params.rejectUnknown();
    const std::optional<Passport> found = readPassport(model);
    json out = {{"found", found.has_value()}, {"holds", false}};
    if (!found) return out;
    out["passport"] = toJson(*found);
    out["holds"] = passportHolds(model, call.progress, call.stop);
    return out;
}

HubAccess hubAccess(Params& params, Call& call) {
    HubAccess access;
    access.address = params.text("hub", "");
    access.proxy = params.text("proxy", "");
    access.token = params.text("token", "");
    access.onConnection = [&call](const std::string& host) { call.event("connection", {{"host", host}}); };
    return access;
}

json searchForModels(Params& params, Call& call) {
    const std::string words = params.text("words");
    const HubAccess access = hubAccess(params, call);
    params.rejectUnknown();
    json hits = json::array();
    for (const HubHit& hit : searchHub(words, access, call.stop)) hits.push_back(toJson(hit));
    return {{"hits", std::move(hits)}};
}

json lookUp(Params& params, Call& call) {
    const std::string name = params.text("name");
    const HubAccess access = hubAccess(params, call);
    params.rejectUnknown();
    return toJson(lookUpOnHub(name, access, call.stop));
}

json download(Params& params, Call& call) {
    DownloadRequest request;
    request.name = params.text("name");
    request.choice = params.text("choice", "");
    request.folder = params.path("folder", {});
    request.access = hubAccess(params, call);
    params.rejectUnknown();
    return toJson(downloadModel(request, call.progress, call.stop));
}

json downloads(Params& params, Call&) {
    const std::filesystem::path folder = params.path("folder", {});
    params.rejectUnknown();
    json list = json::array();
    for (const UnfinishedDownload& each : listDownloads(folder)) list.push_back(toJson(each));
    return {{"downloads", std::move(list)}};
}

json discardOneDownload(Params& params, Call&) {
    const std::filesystem::path folder = params.path("folder", {});
    const std::string id = params.text("id");
    params.rejectUnknown();
    discardDownload(folder, id);
    return json::object();
}

/// What each model of a pack needs is known from its files, before anything is copied.
json pack(Params& params, Call&) {
    const std::filesystem::path path = params.path("pack");
    std::filesystem::path folder = params.path("folder", {});
    params.rejectUnknown();
    if (folder.empty()) folder = defaultModelFolder();
    const Pack found = readPack(path);
    json out = toJson(found);
    for (std::size_t i = 0; i < found.models.size(); ++i) {
        const PackedModel& model = found.models[i];
        json& each = out["models"][i];
        std::error_code ignored;
        each["present"] = std::filesystem::exists(std::filesystem::symlink_status(folder / model.place, ignored));
        each["problem"] = "";
        try {
            each["verdict"] = toJson(estimateModel({.model = path / model.place}))["verdict"];
        } catch (const Error& error) {
            each["problem"] = error.what();
        }
    }
    return out;
}

json checkOnePack(Params& params, Call& call) {
    const std::filesystem::path path = params.path("pack");
    params.rejectUnknown();
    checkPack(path, call.progress, call.stop);
    return json::object();
}

json installOnePack(Params& params, Call& call) {
    const std::filesystem::path path = params.path("pack"), folder = params.path("folder", {});
    params.rejectUnknown();
    return toJson(installPack(path, folder, call.progress, call.stop));
}

constexpr Verb kVerbs[] = {
    {protocol::kDevices, true, devices},
    {protocol::kRecipes, true, recipeList},
    {protocol::kModels, true, models},
    {protocol::kInspect, true, inspect},
    {protocol::kEstimate, true, estimate},
    {protocol::kPlan, true, plan},
    {protocol::kQuantize, false, quantize},
    {protocol::kLoad, false, load},
    {protocol::kUnload, false, unload},
    {protocol::kChat, false, chat},
    {protocol::kTokens, false, tokens},
    {protocol::kCompare, false, compare},
    {protocol::kAsk, false, ask},
    {protocol::kMeasure, false, measure},
    {protocol::kReport, true, report},
    {protocol::kPassport, false, passport},
    {protocol::kVerify, false, verify},
    {protocol::kPreview, false, preview},
    {protocol::kLayers, false, layers},
    {protocol::kUnfinished, true, unfinished},
    {protocol::kDiscard, true, discard},
    {protocol::kSearchHub, true, searchForModels},
    {protocol::kLookUp, true, lookUp},
    {protocol::kDownload, false, download},
    {protocol::kDownloads, true, downloads},
    {protocol::kDiscardDownload, true, discardOneDownload},
    {protocol::kPack, true, pack},
    {protocol::kCheckPack, false, checkOnePack},
    {protocol::kInstallPack, false, installOnePack},
};

} // namespace

std::span<const Verb> verbs() { return kVerbs; }

} // namespace nibble
