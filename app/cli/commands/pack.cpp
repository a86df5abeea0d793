// pack: models in a folder with a manifest, for computers without a network.
#include "../commands.h"
#include "../terminal.h"

#include <memory>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

namespace {

struct Options {
    std::filesystem::path pack, folder;
    std::vector<std::filesystem::path> models;
};

void printPack(const Pack& pack, const char* what) {
    std::printf("%s: %s\n\n", safe(pack.name).c_str(), what);
    Table table("llrl");
    table.add({"model", "licence", "size", "place"});
    table.rule();
    for (const PackedModel& model : pack.models)
        table.add({safe(model.name), safe(model.license), humanBytes(model.bytes()), safe(model.place)});
    table.print(stdout);
}

void printReport(const PackReport& report) {
    for (const auto& path : report.installed) std::printf("Installed: %s\n", safe(path.string()).c_str());
    for (const auto& path : report.present) std::printf("Was there before: %s\n", safe(path.string()).c_str());
}

} // namespace

void addPack(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "pack", "Models in a folder with a manifest, for computers without a network",
                "  nibble-cli pack make /srv/models/office-pack SmolLM2-Q4_K_M.gguf Qwen3-4B/\n"
                "  nibble-cli pack check /srv/models/office-pack\n"
                "  nibble-cli pack install /srv/models/office-pack\n"
                "The manifest (nibble-pack.json) has the names, licences, sizes and SHA-256 of all files.");
    verb->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto addStep = [&](const char* name, const char* description) {
        CLI::App* step = verb->add_subcommand(name, description);
        step->add_flag("--json", common.json, "Print one JSON object, for other programs");
        step->add_option("pack", options->pack, "The folder of the pack")->required();
        return step;
    };
    CLI::App* make = addStep("make", "Copy models into a new pack");
    make->add_option("models", options->models, "Models: .gguf files or Hugging Face folders")->required();
    make->callback([options, &common] {
        const Interrupts::Job job;
        ProgressLine progress;
        const Pack pack = makePack(options->pack, options->models, progress.callback(), job.token());
        progress.clear();
        common.json ? printJson(toJson(pack)) : printPack(pack, "made");
    });
    addStep("check", "Compare every file with the manifest")->callback([options, &common] {
        const Interrupts::Job job;
        ProgressLine progress;
        const Pack pack = checkPack(options->pack, progress.callback(), job.token());
        progress.clear();
        common.json ? printJson(toJson(pack)) : printPack(pack, "complete, every checksum is right");
    });
    CLI::App* install = addStep("install", "Copy the models of a pack into the model folder");
    install->add_option("--folder", options->folder, "Where models live (default: Nibble's model folder)");
    install->callback([options, &common] {
        const Interrupts::Job job;
        ProgressLine progress;
        const PackReport report = installPack(options->pack, options->folder, progress.callback(), job.token());
        progress.clear();
        common.json ? printJson(toJson(report)) : printReport(report);
    });
}

} // namespace nibble::cli
