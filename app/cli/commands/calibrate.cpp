#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/quantize.h>

namespace nibble::cli {

namespace {

void run(CalibrateOptions options, bool asJson) {
    if (options.output.empty()) {
        const auto [folder, name] = placeOf(options.source);
        options.output = folder / (name + ".imatrix.gguf");
    }
    Interrupts::Job job;
    ProgressLine line;
    const CalibrateReport report = calibrateModel(options, line.callback(), job.token());
    line.clear();
    if (asJson) return printJson(toJson(report));
    std::printf("Measured the inputs of %lld matrices on %lld tokens in %s:\n%s\n"
                "Use it: nibble-cli quantize %s --importance %s\n",
                static_cast<long long>(report.tensors), static_cast<long long>(report.tokens),
                humanSeconds(report.seconds).c_str(), safe(report.output.string()).c_str(),
                safe(options.source.string()).c_str(), safe(report.output.string()).c_str());
}

} // namespace

void addCalibrate(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "calibrate", "Measure which numbers of a model matter most, on a text",
                             "  nibble-cli calibrate SmolLM2-135M-Instruct\n"
                             "  nibble-cli calibrate MODEL --text letters.txt -o letters.imatrix.gguf\n"
                             "  nibble-cli quantize MODEL --importance letters.imatrix.gguf --bits 4\n\n"
                             "'quantize --care better' does both at once. The file has the form of llama-imatrix.");
    auto options = std::make_shared<CalibrateOptions>();
    CalibrationOptions& calibration = options->calibration;
    verb->add_option("model", options->source, "The original: a .gguf file or a Hugging Face folder")->required();
    verb->add_option("-o,--output", options->output, "The file to write (default: a name beside the original)");
    verb->add_option("--text", calibration.text,
                     "A text file like what the model will be used for (default: a text "
                     "that comes with Nibble)");
    verb->add_option("--tokens", calibration.tokens, "How much of the text to read, at most")
        ->capture_default_str()
        ->check(CLI::Range(512, 1 << 24));
    verb->add_flag("--costs", options->sensitivities,
                   "Also measure what rounding each matrix costs: then 'quantize --size' need not, each time");
    verb->add_flag("--overwrite", options->overwrite, "Replace the output if it is there");
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
