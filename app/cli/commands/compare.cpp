#include "../commands.h"
#include "../terminal.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/passport.h>
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
    table.add({"  largest of all positions",
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

/// The end of a text, at a word.
std::string tail(const std::string& text, std::size_t maxBytes) {
    if (text.size() <= maxBytes) return text;
    const std::size_t space = text.find(' ', text.size() - maxBytes);
    return space == std::string::npos ? text : "..." + text.substr(space);
}

std::string emphasized(const std::string& word, bool changed) {
    if (!changed) return safe(word);
    return isTerminal(stdout) ? "\033[1;4m" + safe(word) + "\033[0m" : ">>" + safe(word) + "<<";
}

void printMoments(const CompareReport& report) {
    if (report.worstMoments.empty()) return;
    std::printf("\nWorst moments: what each model expected next, and how sure it was\n");
    for (const WorstMoment& moment : report.worstMoments) {
        std::printf("  %s\n", safe(tail(moment.context, 100)).c_str());
        std::printf("      original: %s (%.0f %%)   smaller: %s (%.0f %%)   in the text: %s   KL %.2f\n",
                    safe(moment.original).c_str(), 100 * moment.originalChance,
                    emphasized(moment.smaller, moment.smaller != moment.original).c_str(), 100 * moment.smallerChance,
                    safe(moment.follows).c_str(), moment.divergence);
    }
}

void printStretches(const CompareReport& report) {
    if (report.stretches.empty()) return;
    static constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::string bars;
    for (const Stretch& stretch : report.stretches) bars += kBars[std::clamp(stretch.drift * 8 / 100, 0, 7)];
    const auto byDrift = [](const Stretch& a, const Stretch& b) { return a.divergence < b.divergence; };
    const auto [least, most] = std::minmax_element(report.stretches.begin(), report.stretches.end(), byDrift);
    std::printf("\nDrift along the text, a mark for about %d tokens: %s\n", report.stretches.front().tokens,
                bars.c_str());
    std::printf("Between %d and %d of 100; most at \"%s\"\n", least->drift, most->drift, safe(most->begins).c_str());
}

void printTasks(const TaskReport& tasks) {
    if (tasks.items == 0) return;
    std::printf("\nOffice tasks: %s\n", tasks.sentence.c_str());
    Table table("lrrr");
    table.add({"", "same answer", "right: original", "right: smaller"});
    table.rule();
    const auto row = [&](const std::string& name, int32_t items, int32_t same, int32_t original, int32_t smaller) {
        const auto of = [&](int32_t n) { return text("%d of %d", n, items); };
        table.add({name, of(same), of(original), of(smaller)});
    };
    for (const TaskGroup& group : tasks.groups)
        row(group.name, group.items, group.same, group.originalRight, group.smallerRight);
    table.rule();
    row("all", tasks.items, tasks.same, tasks.originalRight, tasks.smallerRight);
    table.print(stdout);
    if (!tasks.changes.empty()) std::printf("\nWhere they chose differently\n");
    for (const TaskChange& change : tasks.changes)
        std::printf("  %s\n      original: %s   smaller: %s   right: %s\n", change.question.c_str(),
                    change.original.c_str(), change.smaller.c_str(), change.right.c_str());
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

/// What is kept of the comparison.
struct Keep {
    std::filesystem::path report; // "": none
    bool overwrite = false, passport = false;
};

void run(const CompareOptions& options, const Keep& keep, bool asJson) {
    if (!keep.report.empty()) checkReportPath(keep.report, keep.overwrite);
    Interrupts::Job job;
    ProgressLine line;
    const CompareReport report = compareModels(options, line.callback(), job.token());
    if (!keep.report.empty()) writeReport(report, keep.report, keep.overwrite);
    if (keep.passport) writePassport(options.smaller, options.original, report, line.callback(), job.token());
    line.clear();
    if (asJson) return printJson(toJson(report));
    printModels(report, options.measure, options.speed);
    if (report.tokensScored == 0 && !report.warning.empty()) std::printf("\n%s\n", report.warning.c_str());
    if (report.tokensScored > 0) {
        printQuality(report);
        printMoments(report);
        printStretches(report);
    }
    printTasks(report.tasks);
    printAnswers(report);
    if (!keep.report.empty()) std::printf("\nReport written to %s\n", safe(keep.report.string()).c_str());
    if (keep.passport) std::printf("\nQuality passport written into %s\n", safe(options.smaller.string()).c_str());
}

} // namespace

void addCompare(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "compare", "Measure what quality a smaller model lost, and compare answers",
                "  nibble-cli compare SmolLM2-135M-Instruct SmolLM2-135M-Instruct-Q4_K_M.gguf\n"
                "  nibble-cli compare ORIGINAL SMALLER --prompt \"What is a nibble?\" --prompt \"7 times 8?\"\n"
                "  nibble-cli compare ORIGINAL SMALLER --tasks --report evidence.html\n"
                "  nibble-cli compare ORIGINAL SMALLER --text letters.txt --chunks 40");
    auto options = std::make_shared<CompareOptions>();
    auto keep = std::make_shared<Keep>();
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
    verb->add_flag("--tasks", options->tasks,
                   "Let both solve 120 small office tasks, and count where the smaller one chooses differently");
    auto* report =
        verb->add_option("--report", keep->report, "Write all of it to a file: .html for people, .json for programs");
    verb->add_flag("--overwrite", keep->overwrite, "Replace the report if it is there")->needs(report);
    auto* passport = verb->add_flag("--passport", keep->passport,
                                    "Write the measured figures into the smaller model's file, for 'inspect' to show");
    verb->add_flag("--no-measure", *noMeasure, "Only the answers")->excludes(passport);
    verb->add_flag("--no-speed", *noSpeed, "Do not measure the speed");
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, keep, noMeasure, noSpeed, &common] {
        options->measure = !*noMeasure;
        options->speed = !*noSpeed;
        run(*options, *keep, common.json);
    });
}

} // namespace nibble::cli
