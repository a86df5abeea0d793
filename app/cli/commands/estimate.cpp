#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

namespace {

void print(const EstimateRequest& request, const Estimate& estimate) {
    Table table("lr");
    table.add({"model on disk", humanBytes(estimate.fileBytes)});
    table.add({"weights in memory", humanBytes(estimate.weightBytes)});
    table.add({text("conversation of %d tokens (KV cache, %s)", estimate.contextLength, request.kvFormat.c_str()),
               humanBytes(estimate.kvBytes)});
    table.add({"work space", humanBytes(estimate.activationBytes + estimate.scratchBytes)});
    table.rule();
    table.add({"memory in all", humanBytes(estimate.totalBytes)});
    if (estimate.gpuBytes > 0) table.add({"of it on the graphics card", humanBytes(estimate.gpuBytes)});
    if (estimate.fileRowBytes > 0)
        table.add({"stays in the file, read a row a word", humanBytes(estimate.fileRowBytes)});
    table.print(stdout);
    std::printf("\n%s\n", safe(estimate.verdict.sentence).c_str());
    if (!estimate.deviceReason.empty()) std::printf("%s\n", safe(estimate.deviceReason).c_str());
    std::printf("\nBits per weight: %.2f. Each word reads %s and takes %.2f billion multiplications.\n",
                estimate.bitsPerWeight, humanBytes(uint64_t(estimate.decodeBytesPerToken)).c_str(),
                estimate.decodeMacsPerToken / 1e9);
    if (estimate.forecast.tokensPerSecond > 0) std::printf("Writes at most: %s\n", estimate.forecast.formula.c_str());
}

/// --card-memory and so on: another computer.
struct Imagined {
    double cardGb = 0, cardSpeed = 0, memoryGb = 0, memorySpeed = 0; // GB and GB/s
};

void addImaginedOptions(CLI::App& verb, Imagined& imagined) {
    const std::string group = "Another computer than this one";
    const CLI::Range sizes(0.1, 100000.0);
    verb.add_option("--memory", imagined.memoryGb, "Its memory in GB")->check(sizes)->group(group);
    verb.add_option("--memory-speed", imagined.memorySpeed, "Of its memory, in GB/s (DDR5: about 60)")
        ->check(sizes)
        ->group(group)
        ->needs("--memory");
    verb.add_option("--card-memory", imagined.cardGb, "Memory of its graphics card in GB")
        ->check(sizes)
        ->group(group)
        ->needs("--memory");
    verb.add_option("--card-speed", imagined.cardSpeed, "Of the card's memory, in GB/s (RTX 3090: 936)")
        ->check(sizes)
        ->group(group)
        ->needs("--card-memory");
}

} // namespace

void addEstimate(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "estimate", "Say what memory a model will need, and whether it fits",
                "  nibble-cli estimate MODEL                       as it is\n"
                "  nibble-cli estimate MODEL --recipe Q4_K_M       as if it were made smaller\n"
                "  nibble-cli estimate MODEL --context 32768 --kv q8_0\n"
                "  nibble-cli estimate MODEL --memory 64 --memory-speed 60 --card-memory 24 --card-speed 936");
    auto request = std::make_shared<EstimateRequest>();
    auto imagined = std::make_shared<Imagined>();
    verb->add_option("model", request->model, "A .gguf file or a Hugging Face folder")->required();
    verb->add_option("--recipe", request->recipe, "As if made smaller this way (see: nibble-cli recipes)");
    verb->add_option("-c,--context", request->contextLength,
                     "Length of the conversation in tokens (default: up to 4096)")
        ->check(CLI::Range(0, 1 << 24));
    verb->add_option("--kv", request->kvFormat, "How the conversation is kept: f16, or q8_0 (half the memory)")
        ->check(CLI::IsMember({"f16", "q8_0"}));
    addDeviceOptions(*verb, request->device, request->precise);
    verb->add_option("-t,--threads", request->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    addImaginedOptions(*verb, *imagined);
    verb->callback([request, imagined, &common] {
        if (imagined->memoryGb > 0)
            request->imagined = ImaginedComputer{uint64_t(imagined->cardGb * 1e9), uint64_t(imagined->memoryGb * 1e9),
                                                 imagined->cardSpeed * 1e9, imagined->memorySpeed * 1e9};
        const Estimate estimate = estimateModel(*request);
        if (common.json) return printJson(toJson(estimate));
        print(*request, estimate);
    });
}

} // namespace nibble::cli
