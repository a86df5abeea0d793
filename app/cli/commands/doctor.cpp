// doctor: what this computer can do, and test-card: the helper process that cards are tested in.
#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/engine.h>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

using nlohmann::json;

namespace {

struct Options {
    bool again = false, details = false;
};

void printSpeeds(const CardReport& r) {
    Table table("lrrr");
    table.add({"    speed of 4-bit weights", "card", "processor", "ratio"});
    table.add({"    writing (GB of weights a second)", text("%.1f", r.cardBytesPerSecond / 1e9),
               text("%.1f", r.processorBytesPerSecond / 1e9),
               text("%.2f", r.cardBytesPerSecond / r.processorBytesPerSecond)});
    table.add({"    reading (billion multiply-adds a second)", text("%.0f", r.cardMacsPerSecond / 1e9),
               text("%.0f", r.processorMacsPerSecond / 1e9),
               text("%.2f", r.cardMacsPerSecond / r.processorMacsPerSecond)});
    table.print(stdout);
    if (r.uploadBytesPerSecond > 0)
        std::printf("    weights go to the card at %.1f GB a second\n", r.uploadBytesPerSecond / 1e9);
}

void print(const CardReport& r, bool details) {
    std::printf("\n%s  (%s, %s)\n", safe(r.device.name).c_str(), r.device.kind.c_str(), r.device.id.c_str());
    std::printf("    driver: %s\n", safe(r.device.driver).c_str());
    std::printf("    memory: %s, of which models may take %s now\n", humanBytes(r.device.memoryBytes).c_str(),
                humanBytes(r.device.availableBytes).c_str());
    std::printf("    %s\n", safe(r.conclusion).c_str());
    if (!r.tested) return;
    std::size_t wrong = 0;
    for (const CardCheck& check : r.checks) {
        wrong += !check.problem.empty();
        if (!check.problem.empty() || details)
            std::printf("    %s: %s\n", safe(check.what).c_str(),
                        check.problem.empty() ? text("right (error %.0e)", check.error).c_str()
                                              : safe(check.problem).c_str());
    }
    std::printf("    self-test: %zu of %zu groups of operations compute what the processor computes%s\n",
                r.checks.size() - wrong, r.checks.size(), wrong > 0 ? "; the others are not used" : "");
    if (r.cardBytesPerSecond > 0 && r.processorBytesPerSecond > 0) {
        std::printf("    integer dot products: %s\n",
                    r.integerDot ? "used" : "not used (wrong, slower or not offered)");
        std::printf("    matrix units: %s\n", r.matrixUnits ? "used" : "not used (wrong, slower or not offered)");
        printSpeeds(r);
    }
}

json toJson(const CardReport& r) {
    json checks = json::array();
    for (const CardCheck& c : r.checks)
        checks.push_back({{"what", c.what}, {"error", c.error}, {"problem", c.problem}});
    return {{"device", nibble::toJson(r.device)},
            {"tested", r.tested},
            {"worthUsing", r.worthUsing},
            {"conclusion", r.conclusion},
            {"integerDot", r.integerDot},
            {"matrixUnits", r.matrixUnits},
            {"checks", std::move(checks)},
            {"cardBytesPerSecond", r.cardBytesPerSecond},
            {"cardMacsPerSecond", r.cardMacsPerSecond},
            {"uploadBytesPerSecond", r.uploadBytesPerSecond},
            {"processorBytesPerSecond", r.processorBytesPerSecond},
            {"processorMacsPerSecond", r.processorMacsPerSecond}};
}

void examine(const Options& options, bool asJson) {
    Interrupts::Job job;
    ProgressLine line;
    std::string whyNone;
    const std::vector<CardReport> cards = examineCards(options.again, whyNone, line.callback(), job.token());
    line.clear();
    const DeviceInfo processor = listDevices().front();
    if (asJson) {
        json list = json::array();
        for (const CardReport& card : cards) list.push_back(toJson(card));
        return printJson({{"version", versionString()},
                          {"fastPaths", fastPaths()},
                          {"processor", nibble::toJson(processor)},
                          {"cards", std::move(list)},
                          {"whyNoCard", whyNone}});
    }
    std::printf("Nibble %s\n", versionString());
    for (const std::string& path : fastPaths()) std::printf("    %s\n", path.c_str());
    std::printf("\n%s  (%s, %s)\n    memory: %s, of which models may take %s now\n", safe(processor.name).c_str(),
                processor.kind.c_str(), processor.id.c_str(), humanBytes(processor.memoryBytes).c_str(),
                humanBytes(processor.availableBytes).c_str());
    std::printf("    threads used by default: %d\n", processor.threads);
    for (const CardReport& card : cards) print(card, options.details);
    if (!whyNone.empty()) std::printf("\nNo graphics card: %s\n", safe(whyNone).c_str());
}

} // namespace

void addDoctor(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "doctor", "Test the graphics cards and say what this computer can do",
                             "  nibble-cli doctor              what is known; cards that are new are tested\n"
                             "  nibble-cli doctor --again      test once more, after a change that Nibble cannot see");
    auto options = std::make_shared<Options>();
    verb->add_flag("--again", options->again, "Test cards that have been tested before, too");
    verb->add_flag("--details", options->details, "List every test, not only what went wrong");
    verb->callback([options, &common] { examine(*options, common.json); });
}

void addTestCard(CLI::App& app) {
    static std::string uuid;
    CLI::App* verb = app.add_subcommand("test-card", "Test one graphics card (Nibble runs this by itself)")->group("");
    verb->add_option("uuid", uuid)->required();
    verb->callback([] { testCard(uuid); });
}

} // namespace nibble::cli
