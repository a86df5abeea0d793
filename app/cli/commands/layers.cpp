#include "../commands.h"
#include "../terminal.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/layer_costs.h>

namespace nibble::cli {

namespace {

constexpr int kBarLength = 30; // characters

std::string bar(double share) {
    std::string marks;
    for (int i = 0; i < int(std::lround(share * kBarLength)); ++i) marks += "█";
    return marks;
}

void print(const LayerCostReport& report, const LayerCostOptions& options) {
    double most = 0;
    for (const LayerCost& layer : report.layers) most = std::max(most, layer.divergence);
    Table table("lrrll");
    table.add({"layer", "size", "finer", "alone costs (KL divergence)", ""});
    table.rule();
    for (const LayerCost& layer : report.layers)
        table.add({layer.layer == kOutsideLayers ? "words" : std::to_string(layer.layer), humanBytes(layer.bytes),
                   layer.finerBytes > 0 ? "+ " + humanBytes(layer.finerBytes) : "",
                   text("%.5f ± %.5f", layer.divergence, layer.divergenceError),
                   bar(most > 0 ? std::max(layer.divergence, 0.0) / most : 0)});
    table.print(stdout);
    std::printf("\nEach row is the original with only that layer rounded, on %d tokens (%s); all together: %.5f.\n"
                "\"words\" are the tables of words in front of the first layer and behind the last one.\n\n%s\n",
                report.tokens, humanSeconds(report.seconds).c_str(), report.divergence, report.sentence.c_str());
    if (report.worthMost.empty()) return;
    std::string layers;
    for (const int32_t layer : report.worthMost) layers += (layers.empty() ? "" : ",") + std::to_string(layer);
    std::printf("Give it to them: nibble-cli quantize '%s' --formats-of '%s' --finer-layers=%s -o FINER.gguf\n"
                "(with the same --care as before)\n",
                safe(options.original.string()).c_str(), safe(options.smaller.string()).c_str(), layers.c_str());
}

} // namespace

void addLayers(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "layers", "Show which layers of a smaller model cost most",
                             "  nibble-cli layers SmolLM2-135M-Instruct SmolLM2-135M-Instruct-Q4_K_M.gguf");
    auto options = std::make_shared<LayerCostOptions>();
    verb->add_option("original", options->original, "The model as it was")->required();
    verb->add_option("smaller", options->smaller, "The model made from it")->required();
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, &common] {
        Interrupts::Job job;
        ProgressLine line;
        const LayerCostReport report = measureLayerCosts(*options, line.callback(), job.token());
        line.clear();
        if (common.json) return printJson(toJson(report));
        print(report, *options);
    });
}

} // namespace nibble::cli
