#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

namespace {

struct Options {
    std::filesystem::path model;
    bool tensors = false, metadata = false;
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
    table.add({"attention heads", text("%d, keys and values: %d, width %d", info.heads, info.kvHeads, info.headDim)});
    table.add({"width", text("%d, feed-forward: %d", info.embedding, info.feedForward)});
    if (info.experts > 0)
        table.add({"experts", text("%d in each layer, %d of them for each token", info.experts, info.expertsUsed)});
    table.add({"vocabulary", grouped(uint64_t(std::max(info.vocab, 0))) + " tokens" + tied});
    table.add({"made for chat", info.hasChatTemplate ? "yes" : "no chat template in the file"});
    table.add({"licence", info.license.empty() ? "not stated in the file" : safe(info.license)});
    table.add({"can be run", info.supported ? "yes" : "no: " + safe(info.unsupportedReason)});
    table.print(stdout);
    for (const std::string& warning : info.warnings) std::printf("Note: %s\n", safe(warning).c_str());

    std::printf("\nWeights by format\n");
    Table formats("lrr");
    for (const auto& [name, bytes] : info.bytesByFormat)
        formats.add({"  " + name, humanBytes(bytes),
                     text("%.1f %%", 100.0 * double(bytes) / double(std::max<uint64_t>(info.weightBytes, 1)))});
    formats.print(stdout);
}

void run(const Options& options, bool asJson) {
    const ModelInfo info = inspectModel(options.model);
    if (asJson) return printJson(toJson(info, true));
    printInfo(info);
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
    CLI::App* verb = addVerb(app, common, "inspect", "Show what a model is, without loading it",
                             "  nibble-cli inspect SmolLM2-135M-Instruct\n"
                             "  nibble-cli inspect model-Q4_K_M.gguf --tensors");
    auto options = std::make_shared<Options>();
    verb->add_option("model", options->model, "A .gguf file or a Hugging Face folder")->required();
    verb->add_flag("--tensors", options->tensors, "Also list every tensor");
    verb->add_flag("--metadata", options->metadata, "Also list the file's metadata");
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
