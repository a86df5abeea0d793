#include "../commands.h"
#include "../terminal.h"

#include <cmath>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <unistd.h>

namespace nibble::cli {

namespace {

std::string plusMinus(const Measured& value, const char* format, double factor = 1) {
    return text(format, value.value * factor) + " ± " + text(format, value.error * factor);
}

void printModels(const CompareReport& report, bool measured, bool speeds) {
    const ModelFigures &a = report.original, &b = report.smaller;
    Table table("lrr");
    table.add({"", "original", "smaller"});
    table.rule();
    table.add({"stored as", safe(a.formatName), safe(b.formatName)});
    table.add({"size on disk", humanBytes(a.fileBytes), humanBytes(b.fileBytes)});
    table.add({"bits per weight", text("%.2f", a.bitsPerWeight), text("%.2f", b.bitsPerWeight)});
    table.add({"memory in use", humanBytes(a.memoryBytes), humanBytes(b.memoryBytes)});
    if (speeds) {
        table.add({"writes, tokens a second", text("%.1f", a.decodeSpeed), text("%.1f", b.decodeSpeed)});
        table.add({"reads, tokens a second", text("%.1f", a.prefillSpeed), text("%.1f", b.prefillSpeed)});
    }
    if (measured)
        table.add({"surprise (perplexity)", plusMinus(a.perplexity, "%.3f"), plusMinus(b.perplexity, "%.3f")});
    table.print(stdout);
}

void printQuality(const CompareReport& report) {
    std::printf("\n%s\n\n", report.sentence.c_str());
    Table table("lrl");
    table.add({"word agreement", plusMinus(report.wordAgreement, "%.2f", 100) + " %", "same most likely next token"});
    table.add({"drift", text("%d of 100", report.drift), "how far the predictions moved, logarithmic"});
    table.add({"  mean KL divergence", plusMinus(report.meanDivergence, "%.5f"), "nats per token"});
    table.add({"  worst moments",
               text("%.3f / %.3f / %.3f", report.divergence99, report.divergence999, report.maxDivergence),
               "99 %, 99.9 %, most"});
    const double ratio = report.logPerplexityRatio.value;
    table.add({"surprise against the original", text("%+.2f %%", 100 * std::expm1(ratio)),
               "ln ratio " + plusMinus(report.logPerplexityRatio, "%.5f")});
    table.print(stdout);
    std::printf("\nMeasured on %s tokens of %s.%s\n", grouped(uint64_t(report.tokensScored)).c_str(),
                safe(report.textName).c_str(),
                report.oneAfterTheOther ? " The models ran one after the other: both at once do not fit in memory."
                                        : "");
}

/// The answer with the first differing word marked.
std::string marked(const std::string& answer, int64_t at) {
    if (at < 0 || std::size_t(at) > answer.size()) return safe(answer);
    const auto start = std::size_t(at);
    std::size_t end = answer.find_first_of(" \t\r\n", start);
    if (end == std::string::npos) end = answer.size();
    const bool colour = isTerminal(stdout);
    return safe(answer.substr(0, start)) + (colour ? "\033[1;4m" : ">>") + safe(answer.substr(start, end - start)) +
           (colour ? "\033[0m" : "<<") + safe(answer.substr(end));
}

void printAnswers(const CompareReport& report) {
    for (const AnswerPair& pair : report.answers) {
        std::printf("\nQuestion: %s\n", safe(pair.prompt).c_str());
        if (pair.identical) {
            std::printf("Both answer the same:\n%s\n", safe(pair.original).c_str());
            continue;
        }
        std::printf("The same for the first %d words, then different (which need not mean worse).\n", pair.sameWords);
        std::printf("-- original:\n%s\n", marked(pair.original, pair.differsAtOriginal).c_str());
        std::printf("-- smaller:\n%s\n", marked(pair.smaller, pair.differsAtSmaller).c_str());
    }
}

void run(const CompareOptions& options, bool asJson) {
    Interrupts::Job job;
    ProgressLine line;
    const CompareReport report = compareModels(options, line.callback(), job.token());
    line.clear();
    if (asJson) return printJson(toJson(report));
    printModels(report, options.measure, options.speed);
    if (options.measure) printQuality(report);
    printAnswers(report);
}

} // namespace

void addCompare(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "compare", "Measure what quality a smaller model lost, and compare answers",
                "  nibble-cli compare SmolLM2-135M-Instruct SmolLM2-135M-Instruct-Q4_K_M.gguf\n"
                "  nibble-cli compare ORIGINAL SMALLER --prompt \"What is a nibble?\" --prompt \"7 times 8?\"\n"
                "  nibble-cli compare ORIGINAL SMALLER --text letters.txt --chunks 40");
    auto options = std::make_shared<CompareOptions>();
    auto noMeasure = std::make_shared<bool>(false), noSpeed = std::make_shared<bool>(false);
    Sampling& sampling = options->generate.sampling;
    sampling.temperature = 0;
    verb->add_option("original", options->original, "The model as it was")->required();
    verb->add_option("smaller", options->smaller, "The model made from it")->required();
    verb->add_option("--text", options->text, "A text file to measure on (default: a text that comes with Nibble)");
    verb->add_option("--chunks", options->chunks, "Pieces of the text to use: more is slower and more exact")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000000));
    verb->add_option("--chunk-tokens", options->chunkTokens, "Length of a piece; its second half is scored")
        ->capture_default_str()
        ->check(CLI::Range(16, 1 << 24));
    verb->add_option("-p,--prompt", options->prompts, "Let both answer this; may be given several times")
        ->allow_extra_args(false);
    verb->add_option("-n,--answer-tokens", options->answerTokens, "Longest answer in tokens")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 24));
    verb->add_option("--temperature", sampling.temperature, "Of the answers (0: always the likeliest word)")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 100.0));
    verb->add_option("--seed", sampling.seed, "Of the answers, the same for both models (0: by chance)")
        ->check(CLI::Range(uint64_t(0), kMaxSeed));
    verb->add_flag("--no-measure", *noMeasure, "Only the answers");
    verb->add_flag("--no-speed", *noSpeed, "Do not measure the speed");
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, noMeasure, noSpeed, &common] {
        options->measure = !*noMeasure;
        options->speed = !*noSpeed;
        run(*options, common.json);
    });
}

} // namespace nibble::cli
