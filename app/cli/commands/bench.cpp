#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

using nlohmann::json;

namespace {

struct Options {
    std::vector<std::filesystem::path> models;
    int32_t promptTokens = 512, answerTokens = 64, repeats = 3, threads = 0;
    std::string cpuLevel;
    DeviceChoice device;
};

struct Row {
    ModelInfo model;
    Session::Info session;
    Session::Speed speed;
};

Row measure(const std::filesystem::path& path, const Options& options) {
    Interrupts::Job job;
    ProgressLine line;
    Row row;
    row.model = inspectModel(path);
    LoadOptions load;
    load.model = path;
    load.threads = options.threads;
    load.cpuLevel = options.cpuLevel;
    load.device = options.device;
    load.contextLength = options.promptTokens + options.answerTokens;
    const std::unique_ptr<Session> session = Session::load(load, line.callback(), job.token());
    row.session = session->info();
    line.show({"Measuring", row.session.name, 0, -1});
    row.speed = session->measureSpeed(options.promptTokens, options.answerTokens, options.repeats, job.token());
    return row;
}

json toJson(const Row& row, const Options& options) {
    return {{"path", row.model.path.string()},        {"name", row.session.name},
            {"formatName", row.model.formatName},     {"fileBytes", row.model.fileBytes},
            {"memoryBytes", row.session.memoryBytes}, {"backend", row.session.backend},
            {"device", row.session.device},           {"deviceReason", row.session.deviceReason},
            {"gpuLayers", row.session.gpuLayers},     {"cpuLevel", row.session.cpuLevel},
            {"loadSeconds", row.session.loadSeconds}, {"promptTokens", options.promptTokens},
            {"answerTokens", options.answerTokens},   {"repeats", options.repeats},
            {"prefillSpeed", row.speed.prefill},      {"decodeSpeed", row.speed.decode}};
}

void run(const Options& options, bool asJson) {
    json results = json::array();
    Table table("llrrrrr");
    table.add({"model", "format", "size", "memory", "loads in", text("reads %d", options.promptTokens),
               text("writes %d", options.answerTokens)});
    table.rule();
    std::string backend;
    for (const std::filesystem::path& path : options.models) {
        const Row row = measure(path, options);
        backend = row.session.backend;
        results.push_back(toJson(row, options));
        table.add({safe(row.session.name), row.model.formatName, humanBytes(row.model.fileBytes),
                   humanBytes(row.session.memoryBytes), text("%.2f s", row.session.loadSeconds),
                   text("%.1f", row.speed.prefill), text("%.1f", row.speed.decode)});
    }
    if (asJson) return printJson({{"results", results}});
    table.print(stdout);
    std::printf("\nSpeeds in tokens per second, the best of %d runs. %s\n", options.repeats, safe(backend).c_str());
}

} // namespace

void addBench(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "bench", "Measure how fast models read and write on this computer",
                             "  nibble-cli bench model-Q4_K_M.gguf model-Q8_0.gguf\n"
                             "  nibble-cli bench MODEL -p 512 -n 64 -r 3 --threads 4");
    auto options = std::make_shared<Options>();
    verb->add_option("models", options->models, "Models to measure, one after the other")->required();
    verb->add_option("-p,--prompt-tokens", options->promptTokens, "Tokens to read (prefill)")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 20));
    verb->add_option("-n,--answer-tokens", options->answerTokens, "Tokens to write (decode)")
        ->capture_default_str()
        ->check(CLI::Range(1, 1 << 20));
    verb->add_option("-r,--repeats", options->repeats, "Runs; the best counts")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    addDeviceOptions(*verb, options->device);
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->add_option("--cpu", options->cpuLevel, "Instruction set to use instead of the best one")
        ->check(CLI::IsMember({"scalar", "avx2", "avx512", "neon"}));
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
