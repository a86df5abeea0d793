// The made-up library that --demo and the screenshots show. The figures are those of the real models, rounded.
#include "fake_engine.h"

#include <QJsonArray>
#include <algorithm>
#include <cmath>
#include <nibble/protocol.h>

namespace nibble::gui {

namespace {

constexpr double kFreeMemory = 12.4e9, kCardMemory = 3.3e9;
constexpr double kCardSpeed = 110e9, kMemorySpeed = 35e9; // bytes a second

struct Recipe {
    const char* name;
    int stop;
    const char* label;
    const char* sentence;
    double bits;
    double agreement, drift; // what a check would measure on a small model
};
constexpr Recipe kRecipes[] = {
    {"Q8_0", 8, "Almost identical", "Half the size; differences are hard to find", 8.5, 0.985, 0.0006},
    {"Q6_K", 6, "Very close", "40 % of the size", 6.56, 0.968, 0.0024},
    {"Q5_K_M", 5, "Close", "One third of the size", 5.69, 0.951, 0.0061},
    {"Q4_K_M", 4, "Good balance", "30 % of the size; small slips possible", 4.85, 0.917, 0.0198},
    {"Q3_K_M", 3, "Small", "A quarter of the size; only if nothing else fits, expect mistakes", 3.91, 0.842, 0.0912},
};

struct Model {
    const char *file, *name, *architecture, *license, *formatName;
    double bits, parameters;
    int context, layers;
    bool quantized;
    const char* unsupported;
};
constexpr Model kModels[] = {
    {"SmolLM2-135M-Instruct", "SmolLM2 135M Instruct", "llama", "apache-2.0", "BF16", 16, 134.5e6, 8192, 30, false, ""},
    {"SmolLM2-135M-Instruct-Q4_K_M.gguf", "SmolLM2 135M Instruct", "llama", "apache-2.0", "Q4_K_M", 4.9, 134.5e6, 8192,
     30, true, ""},
    {"Qwen3-4B", "Qwen3 4B", "qwen3", "apache-2.0", "BF16", 16, 4.02e9, 40960, 36, false, ""},
    {"Mistral-7B-Instruct-v0.3", "Mistral 7B Instruct v0.3", "llama", "apache-2.0", "BF16", 16, 7.25e9, 32768, 32,
     false, ""},
    {"mamba-1.4b.gguf", "Mamba 1.4B", "mamba", "apache-2.0", "F16", 16, 1.37e9, 2048, 48, false,
     "This model is of the kind \"mamba\", which Nibble cannot run yet: it has state-space layers."},
};

/// Comes with the program: see the welcome.
constexpr Model kPackaged{
    "nibble-tiny.F16.gguf", "Nibble tiny demo", "llama", "CC0-1.0", "F16", 16, 1.4e6, 1024, 4, false, ""};

const Model* findModel(const QString& path) {
    if (path.endsWith(QLatin1String(kPackaged.file))) return &kPackaged;
    for (const Model& model : kModels) {
        if (path.section('/', -1) == QLatin1String(model.file)) return &model;
    }
    return nullptr;
}

const Recipe* findRecipe(const QString& name) {
    for (const Recipe& recipe : kRecipes) {
        if (name == QLatin1String(recipe.name)) return &recipe;
    }
    return nullptr;
}

QString pathOf(const Model& model) { return QStringLiteral("/home/you/.local/share/Nibble/models/") + model.file; }

/// With what is not weights.
double fileBytesOf(double weightBytes) { return std::round(weightBytes * 1.004); }

QJsonObject infoOf(const Model& model) {
    const double bytes = model.parameters * model.bits / 8;
    return {{"path", pathOf(model)},
            {"name", model.name},
            {"container", QString(model.file).endsWith(".gguf") ? "gguf" : "huggingface"},
            {"architecture", model.architecture},
            {"license", model.license},
            {"formatName", model.formatName},
            {"bitsPerWeight", model.bits},
            {"fileBytes", fileBytesOf(bytes)},
            {"weightBytes", std::round(bytes)},
            {"parameters", model.parameters},
            {"contextLength", model.context},
            {"layers", model.layers},
            {"quantized", model.quantized},
            {"hasChatTemplate", true},
            {"supported", *model.unsupported == 0},
            {"unsupportedReason", model.unsupported},
            {"warnings", QJsonArray()}};
}

FakeAnswer notFound(const QString& path) {
    return {.error = EngineError{"not-found", "This model is not there any more.", path, "Choose another one."}};
}

FakeAnswer inspect(const QJsonObject& params) {
    const Model* model = findModel(params["path"].toString());
    return model ? FakeAnswer{.result = infoOf(*model)} : notFound(params["path"].toString());
}

FakeAnswer estimateWith(bool card, const QJsonObject& params) {
    const Model* model = findModel(params["model"].toString());
    if (!model) return notFound(params["model"].toString());
    const Recipe* recipe = findRecipe(params["recipe"].toString());
    const double bits = recipe ? recipe->bits : model->bits;
    const double weights = model->parameters * bits / 8;
    const int wantedContext = params["contextLength"].toInt();
    const int context = wantedContext > 0 ? wantedContext : std::min(4096, model->context);
    const double kv = model->layers * double(context) * 1024 * 2 * 2, scratch = 120e6;
    const double total = weights + kv / 4 + scratch;
    const int most = std::clamp(int(model->layers * kCardMemory / total), 0, model->layers);
    const int wanted = !card || params["device"].toString() == QLatin1String("cpu") ? 0 : params["gpuLayers"].toInt(-1);
    const int onCard = wanted < 0 ? most : std::min(wanted, model->layers);
    const double cardBytes = std::round(total * onCard / model->layers);
    const double spare = kFreeMemory - (total - cardBytes);
    const QString gb = QString::number(std::abs(spare) / 1e9, 'f', 1);
    return {.result = {{"contextLength", context},
                       {"fileBytes", fileBytesOf(weights)},
                       {"weightBytes", std::round(weights)},
                       {"kvBytes", std::round(kv / 4)},
                       {"scratchBytes", scratch},
                       {"totalBytes", std::round(total)},
                       {"gpuBytes", cardBytes},
                       {"device", onCard > 0 ? "gpu0" : "cpu"},
                       {"deviceReason", ""},
                       {"bitsPerWeight", bits},
                       {"forecast", QJsonObject{{"tokensPerSecond",
                                                 1 / (cardBytes / kCardSpeed + (total - cardBytes) / kMemorySpeed)}}},
                       {"verdict",
                        QJsonObject{{"fit", spare < 0                              ? "does-not-fit"
                                            : onCard > 0 && onCard < model->layers ? "fits-partly"
                                                                                   : "fits"},
                                    {"layers", model->layers},
                                    {"layersOnGpu", onCard},
                                    {"spareBytes", std::round(spare)},
                                    {"tight", spare > 0 && spare < 1.3e9},
                                    {"sentence", spare > 0 ? "Fits, with " + gb + " GB to spare"
                                                           : "Does not fit: " + gb + " GB of memory are missing"}}}}};
}

FakeAnswer estimate(const QJsonObject& params) { return estimateWith(false, params); }
FakeAnswer estimateOnCard(const QJsonObject& params) { return estimateWith(true, params); }

/// As core/compare judges, so that the demo shows nothing that the engine would not say.
QString verdictOf(const Recipe& recipe) {
    if (recipe.drift < 0.006 && recipe.agreement > 0.96) return "Almost identical";
    if (recipe.drift < 0.02 && recipe.agreement > 0.94) return "Very close";
    if (recipe.drift < 0.05 && recipe.agreement > 0.90) return "Close";
    return recipe.drift < 0.12 && recipe.agreement > 0.86 ? "Noticeable" : "Weak";
}

/// The same: nats a token on a logarithmic scale of 0 to 100.
int driftOf(double divergence) { return std::clamp(int(std::lround(100 * (std::log10(divergence) + 3) / 3)), 0, 100); }

/// Words and time as a sample would predict them: around what compare() and quantize() then say.
FakeAnswer preview(const QJsonObject& params) {
    const Model* model = findModel(params["source"].toString());
    if (!model) return notFound(params["source"].toString());
    FakeAnswer answer{.stepMs = 10};
    QJsonArray stops;
    const auto around = [](double value) {
        return QJsonObject{{"expected", value}, {"low", value / 2}, {"high", 2 * value}};
    };
    for (const Recipe& recipe : kRecipes) {
        const double changed = 1 - recipe.agreement, seconds = model->parameters / 20e6;
        stops.append(QJsonObject{
            {"recipe", recipe.name},
            {"agreement",
             QJsonObject{{"expected", 1 - changed}, {"low", 1 - 1.6 * changed}, {"high", 1 - 0.6 * changed}}},
            {"seconds", QJsonObject{{"quick", around(seconds)},
                                    {"better", around(5 * seconds)},
                                    {"careful", around(25 * seconds)}}},
            {"drift", driftOf(recipe.drift)},
            {"verdict", verdictOf(recipe).toLower()},
            {"recommended", recipe.stop == 4}});
        answer.events.append({"progress", QJsonObject{{"stage", "Trying it on a sample"},
                                                      {"fraction", double(stops.size()) / 6},
                                                      {"secondsLeft", 2 * (6 - double(stops.size()))}}});
    }
    answer.result = {{"stops", stops}, {"tokens", 256}, {"roundedShare", 1}, {"seconds", 12}};
    return answer;
}

constexpr double kFinerBytes = 0.62e6; // of a layer, in a small model

FakeAnswer quantize(const QJsonObject& params) {
    const Model* model = findModel(params["source"].toString());
    const Recipe* recipe = findRecipe(params["recipe"].toString());
    const double bytes = model && recipe ? fileBytesOf(model->parameters * recipe->bits / 8) : 82e6;
    const double finer = kFinerBytes * double(params["finerLayers"].toArray().size());
    FakeAnswer answer{
        .result = {{"output", params["output"]}, {"seconds", 4.2}, {"plan", QJsonObject{{"fileBytes", bytes + finer}}}},
        .stepMs = 60};
    for (int i = 0; i <= 20; ++i) {
        answer.events.append({"progress", QJsonObject{{"stage", "Making smaller"},
                                                      {"item", QStringLiteral("blk.%1.ffn_down.weight").arg(i)},
                                                      {"fraction", i / 20.0},
                                                      {"secondsLeft", (20 - i) * 0.3}}});
    }
    return answer;
}

QJsonObject figures(const QString& name, const QString& format, double bits, double perplexity, double speed) {
    const double bytes = 134.5e6 * bits / 8;
    return {{"name", name},
            {"formatName", format},
            {"bitsPerWeight", bits},
            {"fileBytes", std::round(bytes)},
            {"memoryBytes", std::round(bytes + 90e6)},
            {"perplexity", QJsonObject{{"value", perplexity}, {"error", 0.4}}},
            {"prefillSpeed", speed * 5},
            {"decodeSpeed", speed}};
}

/// Made-up places whose figures grow with the recipe's drift.
QJsonArray worstMoments(const Recipe& recipe) {
    struct Place {
        int position;
        const char *context, *original, *smaller, *follows;
        double originalChance, smallerChance;
    };
    constexpr Place kPlaces[] = {
        {612, "The committee thanked the caretaker, who had repaired the", "boiler", "roof", "boiler", 0.62, 0.38},
        {1540, "Please return the signed copy by the end of the", "week", "month", "month", 0.71, 0.44},
        {301, "Stir the flour into the butter until it no longer", "smells", "sticks", "sticks", 0.35, 0.51},
        {1790, "The ferry leaves at nine, unless the wind is from the", "north", "north", "west", 0.58, 0.21},
        {980, "Her grandmother had kept every letter in a tin under the", "bed", "stairs", "bed", 0.66, 0.30}};
    QJsonArray moments;
    for (const Place& place : kPlaces) {
        const double divergence = recipe.drift * (33 - 5 * double(moments.size()));
        moments.append(QJsonObject{{"position", place.position},
                                   {"context", place.context},
                                   {"follows", place.follows},
                                   {"original", place.original},
                                   {"smaller", place.smaller},
                                   {"originalChance", place.originalChance},
                                   {"smallerChance", place.smallerChance},
                                   {"divergence", divergence}});
    }
    return moments;
}

QJsonArray stretches(const Recipe& recipe) {
    constexpr const char* kBeginnings[] = {"Dear Mrs Hollis, thank you for",  "Minutes of the meeting held on",
                                           "To make the dough, sift the",     "The keeper climbed the stairs and",
                                           "Question: how long does it take", "2.4 Goods that arrive damaged"};
    QJsonArray list;
    for (int i = 0; i < 32; ++i) {
        const double drift =
            recipe.drift * (0.55 + 0.45 * std::sin(i * 1.7) * std::sin(i * 0.61) + 0.35 * (i % 5 == 2));
        list.append(QJsonObject{{"position", 257 + i * 64},
                                {"tokens", 32},
                                {"begins", kBeginnings[i % 6]},
                                {"divergence", drift},
                                {"agreement", std::clamp(recipe.agreement - 0.02 * (i % 4) + 0.03, 0.0, 1.0)},
                                {"drift", driftOf(drift)}});
    }
    return list;
}

FakeAnswer passport() {
    FakeAnswer answer{.stepMs = 60};
    answer.events.append(
        {"progress", QJsonObject{{"stage", "Writing the passport"}, {"fraction", 0.5}, {"secondsLeft", 1}}});
    return answer;
}

/// The costs of the layers: the first and the last ones most, and now and then one between.
FakeAnswer layers(const QJsonObject& params) {
    const Model* model = findModel(params["original"].toString());
    if (!model) return notFound(params["original"].toString());
    FakeAnswer answer{.stepMs = 15};
    QJsonArray layers;
    for (int i = -1; i < model->layers; ++i) {
        const bool worth = i == model->layers - 1 || i == 18 || i == 10;
        const double cost = 0.0005 * (1 + 0.6 * std::sin(i * 2.1)) + (worth ? 0.0011 : 0) + 0.0012 * std::exp(-i - 1);
        layers.append(QJsonObject{{"layer", i},
                                  {"divergence", cost},
                                  {"divergenceError", cost / 10},
                                  {"bytes", i < 0 ? 22.6e6 : 2.1e6},
                                  {"finerBytes", i < 0 ? 4.1e6 : kFinerBytes}});
        answer.events.append({"progress", QJsonObject{{"stage", "Measuring layers"},
                                                      {"fraction", (i + 1.0) / model->layers},
                                                      {"secondsLeft", 2.0 * (model->layers - i)}}});
    }
    answer.result = {{"layers", layers},
                     {"divergence", 0.0198},
                     {"tokens", 1024},
                     {"worthMost", QJsonArray{model->layers - 1, 18, 10}},
                     {"worthMostBytes", 3 * kFinerBytes},
                     {"seconds", 61}};
    return answer;
}

FakeAnswer compare(const QJsonObject& params) {
    const QString smaller = params["smaller"].toString();
    const auto found = std::find_if(std::begin(kRecipes), std::end(kRecipes),
                                    [&](const Recipe& one) { return smaller.contains(QLatin1String(one.name)); });
    Recipe recipe = found != std::end(kRecipes) ? *found : kRecipes[3];
    if (smaller.contains("-finer")) {
        recipe.drift *= 0.86;
        recipe.agreement += 0.007;
    }
    const int percent = int(std::lround(recipe.agreement * 100));
    const QString verdict = verdictOf(recipe);
    FakeAnswer answer{.stepMs = 60};
    for (int i = 0; i <= 10; ++i) {
        answer.events.append(
            {"progress", QJsonObject{{"stage", "Comparing"}, {"fraction", i / 10.0}, {"secondsLeft", (10 - i) * 0.4}}});
    }
    answer.result = {{"original", figures("SmolLM2 135M Instruct", "BF16", 16, 17.2, 38)},
                     {"smaller", figures("SmolLM2 135M Instruct", recipe.name, recipe.bits, 17.2 * (1 + recipe.drift),
                                         38 * 16 / recipe.bits)},
                     {"tokensScored", 1024},
                     {"textName", "Nibble's sample text"},
                     {"oneAfterTheOther", false},
                     {"meanDivergence", QJsonObject{{"value", recipe.drift}, {"error", recipe.drift * 0.06}}},
                     {"divergence99", recipe.drift * 9},
                     {"divergence999", recipe.drift * 21},
                     {"maxDivergence", recipe.drift * 33},
                     {"wordAgreement", QJsonObject{{"value", recipe.agreement}, {"error", 0.008}}},
                     {"agreementLow", recipe.agreement - 0.016},
                     {"agreementHigh", recipe.agreement + 0.014},
                     {"logPerplexityRatio", QJsonObject{{"value", recipe.drift * 0.9}, {"error", 0.002}}},
                     {"verdict", verdict.toLower()},
                     {"drift", driftOf(recipe.drift)},
                     {"sentence", QStringLiteral("%1. %2 of 100 next words match the original (%3-%4).")
                                      .arg(verdict)
                                      .arg(percent)
                                      .arg(percent - 2)
                                      .arg(percent + 1)},
                     {"worstMoments", worstMoments(recipe)},
                     {"stretches", stretches(recipe)},
                     {"answers", QJsonArray()},
                     {"seconds", 6.1}};
    return answer;
}

FakeAnswer ask(const QJsonObject& params) {
    constexpr const char* kEndings[] = {"Tuesday, and we will unpack it together in the afternoon.",
                                        "Monday, and we will unpack it in the morning."};
    const QString same = "Dear team, thank you for your patience. The delivery will arrive on ";
    const qsizetype count = params["models"].toArray().size();
    QJsonArray answers, models;
    for (qsizetype model = 0; model < count; ++model)
        models.append(QJsonObject{{"memoryBytes", model == 0 ? 515e6 : 250e6 - 40e6 * double(model)}});
    FakeAnswer answer{.stepMs = 60};
    for (const QJsonValue& prompt : params["prompts"].toArray()) {
        QJsonArray pairs;
        for (qsizetype other = 0; other + 1 < count; ++other)
            pairs.append(QJsonObject{{"prompt", prompt},
                                     {"original", same + "Monday, and we will unpack it together in the morning."},
                                     {"smaller", same + kEndings[other % 2]},
                                     {"sameWords", other == 0 ? 12 : 17},
                                     {"identical", false},
                                     {"originalTokens", 24},
                                     {"smallerTokens", 25}});
        answers.append(QJsonObject{{"prompt", prompt}, {"pairs", pairs}});
    }
    for (int i = 0; i <= 10; ++i)
        answer.events.append(
            {"progress", QJsonObject{{"stage", "Asking"}, {"fraction", i / 10.0}, {"secondsLeft", (10 - i) * 0.4}}});
    answer.result = {{"models", models}, {"oneAfterTheOther", false}, {"answers", answers}, {"seconds", 6.1}};
    return answer;
}

FakeAnswer load(const QJsonObject& params) {
    const Model* model = findModel(params["model"].toString());
    return {.result = {{"name", model ? model->name : "SmolLM2 135M Instruct"},
                       {"backend", "cpu"},
                       {"cpuLevel", "AVX2"},
                       {"contextLength", 4096},
                       {"vocabSize", 49152},
                       {"memoryBytes", 210e6},
                       {"hasChatTemplate", true},
                       {"loadSeconds", 0.4},
                       {"suggestedSampling", QJsonObject{{"temperature", 0.7},
                                                         {"topK", 40},
                                                         {"topP", 0.95},
                                                         {"minP", 0.05},
                                                         {"repeatPenalty", 1.1},
                                                         {"seed", 1}}}},
            .events = {{"progress", QJsonObject{{"stage", "Loading"}, {"fraction", 0.5}, {"secondsLeft", 0.2}}}},
            .stepMs = 80};
}

FakeAnswer chat(const QJsonObject& params) {
    static const char* kText =
        "Here is a short e-mail you could send:\n\n"
        "**Subject:** Delivery on Thursday\n\n"
        "Dear Ms Novak,\n\nthank you for your patience. Your order will arrive on *Thursday between 9 and 12*. Please "
        "make sure that\n"
        "someone can sign for it.\n\n"
        "1. Check the number of boxes.\n2. Sign the delivery note.\n3. Keep one copy for us.\n\n"
        "If you keep a list in a table, this line of Python adds it up:\n\n"
        "```python\ntotal = sum(box.weight for box in boxes)\nprint(f\"{total:.1f} kg\")\n```\n\n"
        "Would you like it more formal?";
    const QString text = QString::fromUtf8(kText);
    FakeAnswer answer{.stepMs = 25};
    for (qsizetype i = 0; i < text.size(); i += 9)
        answer.events.append({"text", QJsonObject{{"text", text.mid(i, 9)}}});
    answer.result = {{"text", text},
                     {"finish", "end-of-turn"},
                     {"promptTokens", 48},
                     {"reusedTokens", 12},
                     {"generatedTokens", 131},
                     {"contextUsed", 320 + 180 * params["messages"].toArray().size()},
                     {"contextLength", 4096},
                     {"droppedTurns", 0},
                     {"prefillSeconds", 0.3},
                     {"decodeSeconds", 3.8},
                     {"seed", 1}};
    return answer;
}

/// What the processor would measure; `card`: as scriptDemoCard() has one.
FakeAnswer measure(bool card) {
    const double speed = card ? kCardSpeed : kMemorySpeed, reference = 4e9 * 4.5 / 8;
    FakeAnswer answer{.stepMs = 60};
    for (int i = 0; i <= 5; ++i) {
        answer.events.append(
            {"progress",
             QJsonObject{{"stage", "Testing the processor"}, {"fraction", i / 5.0}, {"secondsLeft", (5 - i) * 0.4}}});
    }
    answer.result = {{"device", card ? "gpu0" : "cpu"},
                     {"name", card ? "NVIDIA GeForce GTX 1650" : "AMD Ryzen 5 7530U"},
                     {"whyNoCard", ""},
                     {"processorBytesPerSecond", kMemorySpeed},
                     {"bytesPerSecond", speed},
                     {"referenceWeights", 4e9},
                     {"referenceBytes", reference},
                     {"tokensPerSecond", speed / reference},
                     {"seconds", 1.9}};
    return answer;
}

QJsonObject processor() {
    return {{"id", "cpu"},           {"name", "AMD Ryzen 5 7530U"},   {"kind", "processor"}, {"driver", "AVX2"},
            {"memoryBytes", 16.6e9}, {"availableBytes", kFreeMemory}, {"threads", 6},        {"usable", true}};
}

/// The fake is asked for no connection, so it tells of none: the window's list of uses stays true.
FakeAnswer searchHub() {
    const auto hit = [](const char* name, int downloads, bool gguf, bool gated) {
        return QJsonObject{{"name", name}, {"downloads", downloads}, {"gated", gated}, {"hasGguf", gguf}};
    };
    return {.result = {{"hits", QJsonArray{hit("bartowski/SmolLM2-135M-Instruct-GGUF", 48210, true, false),
                                           hit("HuggingFaceTB/SmolLM2-135M-Instruct", 31077, false, false),
                                           hit("google/gemma-3-1b-it", 912004, false, true)}}}};
}

FakeAnswer lookUp() {
    QJsonArray choices;
    for (const char* format : {"Q4_K_M", "Q6_K", "Q8_0", "F16"}) {
        const Recipe* recipe = findRecipe(format);
        const double bytes = 134.5e6 * (recipe ? recipe->bits : 16) / 8;
        const QJsonObject verdict{
            {"fit", "fits"}, {"tight", false}, {"sentence", "Fits, with 11.9 GB to spare"}, {"spareBytes", 11.9e9}};
        choices.append(QJsonObject{{"name", QStringLiteral("SmolLM2-135M-Instruct-%1.gguf").arg(format)},
                                   {"isFolder", false},
                                   {"formatName", format},
                                   {"bytes", std::round(bytes)},
                                   {"files", 1},
                                   {"verdict", verdict}});
    }
    return {.result = {{"name", "bartowski/SmolLM2-135M-Instruct-GGUF"},
                       {"revision", "0123456789abcdef0123456789abcdef01234567"},
                       {"license", "apache-2.0"},
                       {"gated", false},
                       {"chosen", ""},
                       {"choices", choices}}};
}

FakeAnswer offlinePack() {
    const auto model = [](const char* name, double bytes, bool present, const char* sentence, const char* fit) {
        return QJsonObject{
            {"name", name},   {"license", "apache-2.0"},
            {"place", name},  {"files", 1},
            {"bytes", bytes}, {"present", present},
            {"problem", ""},  {"verdict", QJsonObject{{"fit", fit}, {"tight", false}, {"sentence", sentence}}}};
    };
    const QJsonArray models{
        model("SmolLM2 135M Instruct Q4_K_M", 82e6, true, "Fits, with 11.9 GB to spare", "fits"),
        model("SmolLM2 1.7B Instruct Q4_K_M", 1.06e9, false, "Fits, with 10.4 GB to spare", "fits"),
        model("Qwen3 32B Q4_K_M", 19.8e9, false, "Does not fit: 9.3 GB of memory are missing", "does-not-fit")};
    return {.result = {{"name", "Office models 2026"}, {"bytes", 20.9e9}, {"models", models}}};
}

FakeAnswer download(const QJsonObject& params) {
    FakeAnswer answer{.result = {{"path", pathOf(kModels[1])}, {"bytes", 82e6}, {"continuedAt", 0}, {"seconds", 4}},
                      .stepMs = 40};
    for (int i = 1; i <= 20; ++i)
        answer.events.append({"progress", QJsonObject{{"stage", "Downloading"},
                                                      {"item", params["choice"]},
                                                      {"fraction", i / 20.0},
                                                      {"secondsLeft", 20 - i}}});
    return answer;
}

} // namespace

void scriptDemoCard(FakeEngine& engine) {
    const QJsonObject card{{"id", "gpu0"},
                           {"name", "NVIDIA GeForce GTX 1650"},
                           {"kind", "graphics card"},
                           {"driver", "NVIDIA 535.183"},
                           {"memoryBytes", 4.3e9},
                           {"availableBytes", kCardMemory},
                           {"usable", true}};
    engine.script(protocol::kDevices, {.result = {{"devices", QJsonArray{processor(), card}}}});
    engine.script(protocol::kEstimate, estimateOnCard);
    engine.script(protocol::kMeasure, measure(true));
}

void scriptDemo(FakeEngine& engine) {
    QJsonArray recipes, models;
    for (const Recipe& recipe : kRecipes) {
        recipes.append(QJsonObject{{"name", recipe.name},
                                   {"stop", recipe.stop},
                                   {"label", recipe.label},
                                   {"sentence", recipe.sentence},
                                   {"nominalBits", recipe.bits}});
    }
    for (const Model& model : kModels) {
        models.append(QJsonObject{{"path", pathOf(model)}, {"problem", ""}, {"info", infoOf(model)}});
    }
    engine.script(protocol::kDevices, {.result = {{"devices", QJsonArray{processor()}}}});
    engine.script(protocol::kMeasure, measure(false));
    engine.script(protocol::kRecipes, {.result = {{"recipes", recipes}}});
    engine.script(protocol::kModels,
                  {.result = {{"folder", "/home/you/.local/share/Nibble/models"}, {"models", models}}});
    engine.script(protocol::kInspect, inspect);
    engine.script(protocol::kEstimate, estimate);
    engine.script(protocol::kPlan, [](const QJsonObject& params) {
        const QString care = params["care"].toString();
        const double bytes = care == "careful" ? 507e6 : care == "better" ? 290e6 : 95e6;
        return FakeAnswer{.result = {{"peakMemoryBytes", bytes}, {"tensors", QJsonArray()}}};
    });
    engine.script(protocol::kPreview, preview);
    engine.script(protocol::kQuantize, quantize);
    engine.script(protocol::kUnfinished, FakeAnswer{.result = {{"jobs", QJsonArray()}}});
    engine.script(protocol::kDiscard, FakeAnswer{});
    engine.script(protocol::kLayers, layers);
    engine.script(protocol::kCompare, compare);
    engine.script(protocol::kAsk, ask);
    engine.script(protocol::kPassport, passport());
    engine.script(protocol::kReport, [](const QJsonObject& params) {
        return FakeAnswer{.result = {{"output", params["output"]}}};
    });
    engine.script(protocol::kDownloads, FakeAnswer{.result = {{"downloads", QJsonArray()}}});
    engine.script(protocol::kDiscardDownload, FakeAnswer{});
    engine.script(protocol::kSearchHub, searchHub());
    engine.script(protocol::kLookUp, lookUp());
    engine.script(protocol::kDownload, download);
    engine.script(protocol::kPack, offlinePack());
    engine.script(protocol::kCheckPack, FakeAnswer{});
    engine.script(protocol::kInstallPack,
                  FakeAnswer{.result = {{"installed", QJsonArray()}, {"present", QJsonArray()}}});
    engine.script(protocol::kLoad, load);
    engine.script(protocol::kUnload, FakeAnswer{});
    engine.script(protocol::kChat, chat);
}

} // namespace nibble::gui
