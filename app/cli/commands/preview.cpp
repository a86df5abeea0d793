#include "../commands.h"
#include "../terminal.h"

#include <cmath>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/preview.h>

namespace nibble::cli {

namespace {

void print(const Preview& preview) {
    Table table("lrrrrrrll");
    table.add({"bits", "file", "memory", "takes", "better", "careful", "same words", "drift (KL divergence)", ""});
    table.rule();
    for (const StopPreview& stop : preview.stops)
        table.add({text("%d (%s)", stop.stop, stop.recipe.c_str()), humanBytes(stop.fileBytes),
                   humanBytes(stop.memoryBytes), humanSeconds(stop.seconds[0].expected),
                   humanSeconds(stop.seconds[1].expected), humanSeconds(stop.seconds[2].expected),
                   text("%.0f %% (%.0f-%.0f)", 100 * stop.agreement.expected, 100 * stop.agreement.low,
                        100 * stop.agreement.high),
                   text("%d (%.2g, %.2g-%.2g)", stop.drift, stop.divergence.expected, stop.divergence.low,
                        stop.divergence.high),
                   stop.verdict + (stop.recommended ? ", recommended" : "") +
                       (stop.fits ? "" : ", does not fit this computer")});
    table.print(stdout);
    std::printf("\nSizes are exact. Time, words and drift are predicted from %d words", preview.tokens);
    if (preview.roundedShare < 1) std::printf(" and %.0f %% of the layers", std::max(100 * preview.roundedShare, 1.0));
    std::printf(", in brackets where they are expected to\nlie; with --care better or careful it takes longer and less "
                "is lost. (%s)\n",
                humanSeconds(preview.seconds).c_str());
}

} // namespace

void addPreview(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "preview", "Say what making a model smaller will cost, before it is done",
                             "  nibble-cli preview SmolLM2-135M-Instruct");
    auto options = std::make_shared<PreviewOptions>();
    verb->add_option("model", options->source, "A .gguf file or a Hugging Face folder")->required();
    verb->add_flag("--allow-requantize", options->allowRequantize, "Also for a model that was made smaller before");
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, &common] {
        Interrupts::Job job;
        ProgressLine line;
        const Preview preview = previewModel(*options, line.callback(), job.token());
        line.clear();
        if (common.json) return printJson(toJson(preview));
        print(preview);
    });
}

} // namespace nibble::cli
