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
    bool precise = false, trace = false;
};

struct Row {
    ModelInfo model;
    Session::Info session;
    Session::Speed speed;
    Session::Trace trace; // where asked for
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
    load.precise = options.precise;
    load.contextLength = options.promptTokens + options.answerTokens;
    const std::unique_ptr<Session> session = Session::load(load, line.callback(), job.token());
    row.session = session->info();
    line.show({"Measuring", row.session.name, 0, -1});
    row.speed = session->measureSpeed(options.promptTokens, options.answerTokens, options.repeats, job.token());
    if (options.trace) row.trace = session->traceToken(job.token());
    return row;
}

/// Bytes read per byte that has to be.
double readRatio(const Session::Trace& t) { return (t.weightBytes + t.kvBytes) / t.leastBytes; }

json traceJson(const Session::Trace& t) {
    return {{"position", t.position},       {"dispatches", t.dispatches},   {"barriers", t.barriers},
            {"submissions", t.submissions}, {"weightBytes", t.weightBytes}, {"kvBytes", t.kvBytes},
            {"leastBytes", t.leastBytes},   {"readRatio", readRatio(t)}};
}

void printTrace(const std::vector<Row>& rows) {
    Table table("lrrrrrrrr");
    table.add({"one token", "position", "operations", "barriers", "submissions", "weights", "KV", "least", "read"});
    table.rule();
    for (const Row& row : rows) {
        const Session::Trace& t = row.trace;
        table.add({safe(row.session.name), text("%d", t.position), text("%lld", (long long)t.dispatches),
                   text("%lld", (long long)t.barriers), text("%lld", (long long)t.submissions),
                   humanBytes(uint64_t(t.weightBytes)), humanBytes(uint64_t(t.kvBytes)),
                   humanBytes(uint64_t(t.leastBytes)), text("%.1f %%", 100 * readRatio(t))});
    }
    std::printf("\n");
    table.print(stdout);
    std::printf("\nleast: the model's weights and KV cache, once; read: weights and KV in percent of it.\n");
}

json toJson(const Row& row, const Options& options) {
    json result = {{"path", row.model.path.string()},
                   {"name", row.session.name},
                   {"formatName", row.model.formatName},
                   {"fileBytes", row.model.fileBytes},
                   {"memoryBytes", row.session.memoryBytes},
                   {"backend", row.session.backend},
                   {"device", row.session.device},
                   {"deviceReason", row.session.deviceReason},
                   {"gpuLayers", row.session.gpuLayers},
                   {"cpuLevel", row.session.cpuLevel},
                   {"loadSeconds", row.session.loadSeconds},
                   {"promptTokens", options.promptTokens},
                   {"answerTokens", options.answerTokens},
                   {"repeats", options.repeats},
                   {"precise", options.precise},
                   {"prefillSpeed", row.speed.prefill},
                   {"decodeSpeed", row.speed.decode}};
    if (options.trace) result["trace"] = traceJson(row.trace);
    return result;
}

void run(const Options& options, bool asJson) {
    json results = json::array();
    Table table("llrrrrr");
    table.add({"model", "format", "size", "memory", "loads in", text("reads %d", options.promptTokens),
               text("writes %d", options.answerTokens)});
    table.rule();
    std::vector<Row> rows;
    for (const std::filesystem::path& path : options.models) {
        const Row& row = rows.emplace_back(measure(path, options));
        results.push_back(toJson(row, options));
        table.add({safe(row.session.name), row.model.formatName, humanBytes(row.model.fileBytes),
                   humanBytes(row.session.memoryBytes), text("%.2f s", row.session.loadSeconds),
                   text("%.1f", row.speed.prefill), text("%.1f", row.speed.decode)});
    }
    if (asJson) return printJson({{"results", results}});
    table.print(stdout);
    std::printf("\nSpeeds in tokens per second, the best of %d runs. %s\n", options.repeats,
                safe(rows.back().session.backend).c_str());
    if (options.trace) printTrace(rows);
}

} // namespace

void addBench(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "bench", "Measure how fast models read and write on this computer",
                             "  nibble-cli bench model-Q4_K_M.gguf model-Q8_0.gguf\n"
                             "  nibble-cli bench MODEL -p 512 -n 64 -r 3 --threads 4\n"
                             "  nibble-cli bench MODEL --device gpu0 --trace");
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
    addDeviceOptions(*verb, options->device, options->precise);
    verb->add_flag("--trace", options->trace,
                   "Also count what writing one token takes: operations, barriers, bytes read");
    verb->add_option("-t,--threads", options->threads, "Threads (default: one per processor core)")
        ->check(CLI::Range(0, 1024));
    verb->add_option("--cpu", options->cpuLevel,
                     "Instruction set to use instead of the best one: scalar, avx2, avxvnni, avx512, neon");
    verb->callback([options, &common] { run(*options, common.json); });
}

} // namespace nibble::cli
