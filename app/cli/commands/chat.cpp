#include "../commands.h"
#include "../terminal.h"

#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>
#include <optional>
#include <unistd.h>

namespace nibble::cli {

namespace {

constexpr std::size_t kMostInput = 16 * 1024 * 1024;

struct Options {
    LoadOptions load;
    GenerateOptions generate; // sampling is replaced by the model's own, then by what follows
    std::optional<std::string> prompt;
    std::string system;
    std::filesystem::path schema;
    std::optional<float> temperature, topP, minP, repeatPenalty;
    std::optional<float> dryMultiplier, dryBase, xtcProbability, xtcThreshold, mirostatTau, mirostatEta;
    std::optional<int32_t> dryAllowedLength;
    std::vector<std::string> dryBreakers;
    std::optional<int32_t> topK;
    uint64_t seed = 0;
    bool allowChatMl = false, continueText = false, stats = false;
};

Sampling samplingOf(const Options& options, Sampling sampling) {
    const auto take = [](auto& setting, const auto& given) {
        if (given) setting = *given;
    };
    take(sampling.temperature, options.temperature);
    take(sampling.topK, options.topK);
    take(sampling.topP, options.topP);
    take(sampling.minP, options.minP);
    take(sampling.repeatPenalty, options.repeatPenalty);
    take(sampling.dryMultiplier, options.dryMultiplier);
    take(sampling.dryBase, options.dryBase);
    take(sampling.dryAllowedLength, options.dryAllowedLength);
    if (!options.dryBreakers.empty()) sampling.dryBreakers = options.dryBreakers;
    take(sampling.xtcProbability, options.xtcProbability);
    take(sampling.xtcThreshold, options.xtcThreshold);
    take(sampling.mirostatTau, options.mirostatTau);
    take(sampling.mirostatEta, options.mirostatEta);
    sampling.seed = options.seed;
    return sampling;
}

std::unique_ptr<Session> load(const Options& options) {
    Interrupts::Job job;
    ProgressLine line;
    return Session::load(options.load, line.callback(), job.token());
}

/// What went on after the answer, on standard error so that the answer stays alone on standard output.
void printStats(const Generated& answer) {
    const double speed = answer.decodeSeconds > 0 ? double(answer.tokens.size()) / answer.decodeSeconds : 0;
    std::fprintf(stderr, "[%zu tokens, %.1f a second, %d read in %s; %d of %d of the context used]\n",
                 answer.tokens.size(), speed, answer.promptTokens - answer.reusedTokens,
                 humanSeconds(answer.prefillSeconds).c_str(), answer.contextUsed, answer.contextLength);
}

void printEnding(const Generated& answer) {
    if (answer.finish == Finish::MaxTokens) std::fputs("[cut off: --max-tokens reached]\n", stderr);
    if (answer.finish == Finish::ContextFull) std::fputs("[cut off: the context is full]\n", stderr);
    if (answer.finish == Finish::Stopped) std::fputs("[stopped]\n", stderr);
    if (answer.droppedTurns > 0) std::fprintf(stderr, "[%d oldest messages left out]\n", answer.droppedTurns);
}

Generated answer(Session& session, const std::vector<Message>& messages, const Options& options, bool stream) {
    Interrupts::Job job;
    const auto onText = [&](std::string_view piece) {
        if (!stream) return;
        const std::string shown = isTerminal(stdout) ? safe(piece) : std::string(piece);
        std::fwrite(shown.data(), 1, shown.size(), stdout);
        std::fflush(stdout);
    };
    Generated generated = options.continueText
                              ? session.complete(messages.back().content, options.generate, onText, job.token())
                              : session.chat(messages, options.generate, onText, job.token(), options.allowChatMl);
    if (stream) std::fputs("\n", stdout);
    return generated;
}

std::string readAll(std::istream& in) {
    std::string all;
    char buffer[4096];
    while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
        all.append(buffer, std::size_t(in.gcount()));
        if (all.size() > kMostInput) throw Error(ErrorKind::BadRequest, "The text is too long.");
    }
    while (!all.empty() && (all.back() == '\n' || all.back() == '\r')) all.pop_back();
    return all;
}

void oneShot(Session& session, const Options& options, std::vector<Message> messages, bool asJson) {
    messages.push_back({"user", *options.prompt});
    const Generated generated = answer(session, messages, options, !asJson);
    if (asJson) return printJson(toJson(generated));
    printEnding(generated);
    if (options.stats) printStats(generated);
    if (generated.finish == Finish::Stopped) throw Error(ErrorKind::Canceled, "Stopped.");
}

void converse(Session& session, const Options& options, const std::vector<Message>& start) {
    const Session::Info& info = session.info();
    std::printf("%s, %s of memory, context of %d tokens. Everything stays on this computer.\n"
                "/reset starts anew, /exit or Ctrl-D leaves, Ctrl-C stops an answer.\n",
                safe(info.name).c_str(), humanBytes(info.memoryBytes).c_str(), info.contextLength);
    std::vector<Message> messages = start;
    std::string line;
    for (;;) {
        std::fputs("\n> ", stdout);
        std::fflush(stdout);
        if (!std::getline(std::cin, line) || line == "/exit") break;
        if (line.empty()) continue;
        if (line == "/reset") {
            messages = start;
            std::puts("(forgotten)");
            continue;
        }
        if (line.starts_with("/")) {
            std::puts("The commands are /reset and /exit.");
            continue;
        }
        messages.push_back({"user", line});
        try {
            const Generated generated = answer(session, messages, options, true);
            printEnding(generated);
            if (options.stats) printStats(generated);
            messages.push_back({"assistant", generated.text});
        } catch (const Error& error) { // the conversation goes on without the question that failed
            messages.pop_back();
            std::fprintf(stderr, "%s %s\n", safe(error.message).c_str(), safe(error.whatToDo).c_str());
        }
    }
    std::puts("");
}

void run(Options& options, bool asJson) {
    const bool typed = isTerminal(stdin);
    if (!options.prompt && !typed) options.prompt = readAll(std::cin);
    if (!options.prompt && asJson)
        throw Error(ErrorKind::BadRequest, "--json needs a question.", "--prompt", "Add --prompt \"...\".");
    if (options.prompt && options.prompt->empty())
        throw Error(ErrorKind::BadRequest, "The question is empty.", options.prompt ? "--prompt" : "standard input");
    if (options.continueText && !options.prompt)
        throw Error(ErrorKind::BadRequest, "--continue needs a text.", "--prompt", "Add --prompt \"...\".");
    if (!options.schema.empty()) {
        std::ifstream in(options.schema, std::ios::binary);
        if (!in) throw Error(ErrorKind::Io, "The JSON schema cannot be read.", options.schema.string());
        options.generate.jsonSchema = readAll(in);
        if (options.generate.jsonSchema.empty())
            throw Error(ErrorKind::BadRequest, "The JSON schema is empty.", options.schema.string());
    }
    const std::unique_ptr<Session> session = load(options);
    if (!session->info().hasChatTemplate && !options.allowChatMl && !options.continueText)
        throw Error(
            ErrorKind::Unsupported, "This model does not say how a conversation is written down for it.",
            "no chat template that can be used",
            "It was perhaps not made for chat. Let it continue a text with --continue, or chat with it anyway in "
            "the usual form with --chatml.");
    const bool asked = !options.load.device.device.empty() || options.load.device.gpuLayers > 0;
    if (const Session::Info& info = session->info(); options.stats || (asked && !info.deviceReason.empty()))
        std::fprintf(stderr, "[running on: %s%s%s]\n", safe(info.backend).c_str(),
                     info.deviceReason.empty() ? "" : ". ", safe(info.deviceReason).c_str());
    if (options.generate.thinking && !session->info().canSwitchThinking)
        throw Error(ErrorKind::Unsupported, "Whether this model thinks before it answers cannot be chosen.",
                    "--thinking", "Leave out --thinking.");
    options.generate.sampling = samplingOf(options, session->suggestedSampling(options.generate.thinking));
    std::vector<Message> messages;
    if (!options.system.empty()) messages.push_back({"system", options.system});
    if (options.prompt)
        oneShot(*session, options, messages, asJson);
    else
        converse(*session, options, messages);
}

} // namespace

namespace {

void addAdvancedSampling(CLI::App& verb, Options& options) {
    const auto add = [&](const char* name, auto& option, const char* help) {
        return verb.add_option(name, option, help)->group("Advanced");
    };
    add("--dry", options.dryMultiplier, "DRY: against going on with what was written before (0: off; 0.8 is usual)")
        ->check(CLI::Range(0.0, 100.0));
    add("--dry-base", options.dryBase, "DRY: how much worse each further repeated token gets (1.75)")
        ->check(CLI::Range(1.0, 10.0));
    add("--dry-allowed", options.dryAllowedLength, "DRY: as many tokens may be repeated (2)")->check(CLI::Range(1, 50));
    add("--dry-breaker", options.dryBreakers, "DRY: no repetition crosses this text (line break, colon, quote, *)");
    add("--xtc", options.xtcProbability, "XTC: chance to leave out the likeliest words, for livelier text (0: off)")
        ->check(CLI::Range(0.0, 1.0));
    add("--xtc-threshold", options.xtcThreshold, "XTC: words at least this likely count as the likeliest (0.1)")
        ->check(CLI::Range(0.0, 1.0));
    add("--mirostat", options.mirostatTau,
        "Mirostat 2: wanted surprise in bits, in place of top-k, top-p and min-p (0: off; 5 is usual)")
        ->check(CLI::Range(0.0, 100.0));
    add("--mirostat-rate", options.mirostatEta, "Mirostat 2: how fast it adapts (0.1)")->check(CLI::Range(0.0, 1.0));
}

} // namespace

void addChat(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "chat", "Talk to a model",
                             "  nibble-cli chat SmolLM2-135M-Instruct-Q4_K_M.gguf\n"
                             "  nibble-cli chat MODEL --prompt \"Write a haiku about nibbles.\"\n"
                             "  nibble-cli chat MODEL --system \"Answer in one sentence.\" < question.txt\n"
                             "  nibble-cli chat MODEL --json-schema invoice.schema.json < letter.txt");
    auto options = std::make_shared<Options>();
    verb->add_option("model", options->load.model, "A .gguf file or a Hugging Face folder")->required();
    verb->add_option("-p,--prompt", options->prompt, "Ask this, print the answer and leave");
    auto* system = verb->add_option("-s,--system", options->system, "What the model is told before the conversation");
    verb->add_option("-n,--max-tokens", options->generate.maxTokens, "Longest answer in tokens (0: no limit)")
        ->capture_default_str()
        ->check(CLI::Range(0, 1 << 24));
    verb->add_option("-c,--context", options->load.contextLength, "Context in tokens (default: up to 4096)")
        ->check(CLI::Range(0, 1 << 24));
    verb->add_option("--kv", options->load.kvFormat, "How the conversation is kept: f16, or q8_0 (half the memory)")
        ->check(CLI::IsMember({"f16", "q8_0"}));
    verb->add_option("--temperature", options->temperature,
                     "0: always the likeliest word; 1: lively (default: the model's)")
        ->check(CLI::Range(0.0, 100.0));
    verb->add_option("--top-k", options->topK, "Only the k likeliest words (0: off)")->check(CLI::Range(0, 1 << 24));
    verb->add_option("--top-p", options->topP, "Only the likeliest words of this share")->check(CLI::Range(0.0, 1.0));
    verb->add_option("--min-p", options->minP, "Only words this likely next to the likeliest")
        ->check(CLI::Range(0.0, 1.0));
    verb->add_option("--repeat-penalty", options->repeatPenalty, "Against repetition (1: off)")
        ->check(CLI::Range(0.01, 100.0));
    addAdvancedSampling(*verb, *options);
    verb->add_option("--seed", options->seed,
                     "The same seed and the same chat from its start give the same answers (0: by chance)")
        ->check(CLI::Range(uint64_t(0), kMaxSeed));
    verb->add_option("--thinking", options->generate.thinking,
                     "on or off: whether the model thinks before it answers (default: the model's)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}));
    verb->add_option("--json-schema", options->schema, "A file with a JSON schema that every answer follows")
        ->check(CLI::ExistingFile);
    verb->add_option("--stop", options->generate.stopStrings, "End the answer where this text appears");
    verb->add_flag("--drop-oldest", options->generate.dropOldestTurns,
                   "When the context is full, forget the oldest messages");
    auto* chatMl =
        verb->add_flag("--chatml", options->allowChatMl, "Use the ChatML template for a model that has none");
    verb->add_flag("--continue", options->continueText,
                   "Let the model continue the text of --prompt or standard input, instead of answering it")
        ->excludes(chatMl)
        ->excludes(system);
    verb->add_flag("--stats", options->stats, "Show speed and memory after each answer");
    verb->add_flag("--ignore-memory", options->load.ignoreMemory, "Load although the memory seems too small");
    addDeviceOptions(*verb, options->load.device, options->load.precise);
    verb->add_option("-t,--threads", options->load.threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
