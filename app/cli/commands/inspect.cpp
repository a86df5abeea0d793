#include "../commands.h"
#include "../terminal.h"

#include <cmath>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/layer_plan.h>
#include <nibble/passport.h>

namespace nibble::cli {

namespace {

struct Options {
    std::filesystem::path model;
    bool tensors = false, metadata = false, plan = false;
};

std::string shapeText(const std::vector<int64_t>& shape) {
    std::string out;
    for (int64_t n : shape) out += (out.empty() ? "" : " x ") + std::to_string(n);
    return out;
}

void printInfo(const ModelInfo& info) {
    const std::string tied = info.tiedEmbedding ? ", also used for the output" : "";
    Table table("ll");
    table.add({"name", safe(info.name)});
    table.add({"kind", safe(info.architecture) + (info.sizeLabel.empty() ? "" : ", " + safe(info.sizeLabel))});
    table.add({"stored as", safe(info.formatName) + text(" (%.2f bits per weight)", info.bitsPerWeight)});
    table.add({"size on disk", humanBytes(info.fileBytes)});
    table.add({"weights", grouped(info.parameters)});
    table.add({"longest conversation", grouped(uint64_t(std::max(info.contextLength, 0))) + " tokens"});
    table.add({"layers", std::to_string(info.layers)});
    if (info.heads > 0) // of unknown kinds perhaps not
        table.add(
            {"attention heads", text("%d, keys and values: %d, width %d", info.heads, info.kvHeads, info.headDim)});
    if (info.embedding > 0) table.add({"width", text("%d, feed-forward: %d", info.embedding, info.feedForward)});
    if (info.experts > 0)
        table.add({"experts", text("%d in each layer, %d of them for each token", info.experts, info.expertsUsed)});
    table.add({"vocabulary", grouped(uint64_t(std::max(info.vocab, 0))) + " tokens" + tied});
    table.add({"made for chat", info.hasChatTemplate ? "yes" : "no chat template in the file"});
    table.add({"licence", info.license.empty() ? "not stated in the file" : safe(info.license)});
    table.add({"can be run", info.supported ? "yes" : "no: " + safe(info.unsupportedReason)});
    if (!info.supported)
        table.add({"can still be", info.container == "gguf"
                                       ? "made smaller; `nibble-cli quantize MODEL --plan` shows to what size"
                                       : "looked at here; a GGUF file of it can also be made smaller"});
    table.print(stdout);
    for (const std::string& warning : info.warnings) std::printf("Note: %s\n", safe(warning).c_str());

    std::printf("\nWeights by format\n");
    Table formats("lrr");
    for (const auto& [name, bytes] : info.bytesByFormat)
        formats.add({"  " + name, humanBytes(bytes),
                     text("%.1f %%", 100.0 * double(bytes) / double(std::max<uint64_t>(info.weightBytes, 1)))});
    formats.print(stdout);
}

/// A passport, and whether the weights are those that it was written for.
struct Checked {
    std::optional<Passport> passport;
    bool holds = false;
};

Checked check(const std::filesystem::path& model) {
    Checked checked{readPassport(model), false};
    if (!checked.passport) return checked;
    Interrupts::Job job;
    ProgressLine line;
    checked.holds = passportHolds(model, line.callback(), job.token());
    return checked;
}

/// What the file says of itself under a key.
std::string said(const ModelInfo& info, std::string_view name) {
    for (const auto& [key, value] : info.metadata)
        if (key == name) return value;
    return {};
}

/// How the file says it was made.
std::string origin(const ModelInfo& info) {
    const std::string recipe = said(info, "nibble.recipe"), method = said(info, "nibble.method"),
                      text = said(info, "quantize.imatrix.dataset");
    if (recipe.empty()) return "not stated";
    return recipe + (method.empty() ? "" : ", " + method) + (text.empty() ? "" : " (" + text + ")");
}

void printPassport(const Checked& checked, const ModelInfo& info) {
    if (!checked.passport) return;
    const Passport& p = *checked.passport;
    std::printf("\nQuality passport\n");
    if (!checked.holds)
        std::printf("  The weights were altered after this passport was written: its figures are not those of this "
                    "file.\n");
    Table table("ll");
    table.add({"  compared with the original", safe(p.verdict)});
    table.add({"  word agreement",
               text("%.1f %% (%.1f-%.1f)", 100 * p.wordAgreement, 100 * p.agreementLow, 100 * p.agreementHigh)});
    table.add({"  drift", text("%d of 100 (mean KL divergence %.5f)", p.drift, p.meanDivergence)});
    table.add({"  surprise against the original", text("%+.2f %%", 100 * std::expm1(p.logPerplexityRatio))});
    table.add({"  measured on", grouped(uint64_t(p.tokens)) + " tokens of " + safe(p.text)});
    table.add({"  SHA-256 of that text", safe(p.textHash)});
    table.add({"  made by", safe(origin(info))});
    if (const std::string hash = said(info, "nibble.calibration_sha256"); !hash.empty())
        table.add({"  SHA-256 of the text learned from", safe(hash)});
    table.add({"  SHA-256 of the original's weights", safe(p.sourceHash)});
    table.add({"  measured with", "Nibble " + safe(p.version) + ", " + safe(p.measuredAt)});
    table.add({"  the weights", checked.holds ? "are those that were measured" : "ARE NOT those that were measured"});
    table.print(stdout);
}

void run(const Options& options, bool asJson) {
    if (options.plan) {
        const nlohmann::ordered_json plan = layerPlan(options.model);
        if (asJson) return printJson(plan);
        std::fputs(layerPlanText(plan).c_str(), stdout);
        return;
    }
    const ModelInfo info = inspectModel(options.model);
    const Checked checked = check(options.model);
    if (asJson) {
        nlohmann::json out = toJson(info, true);
        if (checked.passport) {
            out["passport"] = toJson(*checked.passport);
            out["passport"]["holds"] = checked.holds;
        }
        return printJson(out);
    }
    printInfo(info);
    printPassport(checked, info);
    if (options.tensors) {
        std::printf("\nTensors\n");
        Table table("lllr");
        for (const TensorSummary& tensor : info.tensors)
            table.add({"  " + safe(tensor.name), tensor.format, shapeText(tensor.shape), humanBytes(tensor.bytes)});
        table.print(stdout);
    }
    if (options.metadata) {
        std::printf("\nMetadata\n");
        for (const auto& [key, value] : info.metadata)
            std::printf("  %s = %s\n", safe(key).c_str(), safe(value).c_str());
    }
}

} // namespace

void addInspect(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "inspect", "Show what a model is, without loading it, and check its quality passport",
                "  nibble-cli inspect SmolLM2-135M-Instruct\n"
                "  nibble-cli inspect model-Q4_K_M.gguf --tensors");
    auto options = std::make_shared<Options>();
    verb->add_option("model", options->model, "A .gguf file or a Hugging Face folder")->required();
    verb->add_flag("--tensors", options->tensors, "Also list every tensor");
    verb->add_flag("--metadata", options->metadata, "Also list the file's metadata");
    verb->add_flag("--plan", options->plan, "Instead show how it is computed, layer by layer");
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
