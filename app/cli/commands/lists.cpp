// devices, recipes, models: what there is to work with.
#include "../commands.h"
#include "../terminal.h"

#include <nibble/human.h>
#include <nibble/json.h>
#include <nibble/library.h>

namespace nibble::cli {

using nlohmann::json;

namespace {

void listDevicesVerb(bool asJson) {
    const std::vector<DeviceInfo> devices = listDevices();
    if (asJson) {
        json list = json::array();
        for (const DeviceInfo& device : devices) list.push_back(toJson(device));
        return printJson({{"devices", list}});
    }
    for (const DeviceInfo& device : devices) {
        std::printf("%s  (%s, %s)\n", safe(device.name).c_str(), device.kind.c_str(), device.id.c_str());
        std::printf("    memory: %s, of which %s can be used now\n", humanBytes(device.memoryBytes).c_str(),
                    humanBytes(device.availableBytes).c_str());
        if (device.threads > 0) std::printf("    threads used by default: %d\n", device.threads);
        if (!device.driver.empty()) std::printf("    technical: %s\n", safe(device.driver).c_str());
        if (!device.usable) std::printf("    cannot be used: %s\n", safe(device.whyNot).c_str());
    }
}

void listRecipesVerb(bool asJson) {
    if (asJson) {
        json list = json::array();
        for (const RecipeInfo& recipe : recipes()) list.push_back(toJson(recipe));
        json folders = json::array();
        for (const RecipeInfo& recipe : folderRecipes()) folders.push_back(toJson(recipe));
        return printJson({{"recipes", list}, {"folderRecipes", folders}});
    }
    Table table("lrll");
    table.add({"recipe", "bits", "in plain words", ""});
    table.rule();
    for (const RecipeInfo& recipe : recipes())
        table.add({recipe.name, text("%.1f", recipe.nominalBits), recipe.label, recipe.sentence});
    table.print(stdout);
    std::printf(
        "\nFolders for servers, from the original folder of a model (bits of its matrices, in groups of 128):\n\n");
    Table folders("lrll");
    for (const RecipeInfo& recipe : folderRecipes())
        folders.add({recipe.name, text("%.1f", recipe.nominalBits), recipe.label, recipe.sentence});
    folders.print(stdout);
}

void listModelsVerb(std::filesystem::path folder, bool asJson) {
    if (folder.empty()) folder = defaultModelFolder();
    const std::vector<LibraryEntry> entries = listModels(folder);
    if (asJson) {
        json list = json::array();
        for (const LibraryEntry& entry : entries) list.push_back(toJson(entry));
        return printJson({{"folder", folder.string()}, {"models", list}});
    }
    std::printf("Models in %s\n\n", safe(folder.string()).c_str());
    if (entries.empty()) {
        std::printf("None yet. Put .gguf files or Hugging Face folders there, or name another folder:\n"
                    "  nibble-cli models FOLDER\n");
        return;
    }
    Table table("lrrll");
    table.add({"name", "size", "bits", "kind", "file"});
    table.rule();
    std::vector<const LibraryEntry*> broken;
    for (const LibraryEntry& entry : entries) {
        if (!entry.info) {
            broken.push_back(&entry);
            continue;
        }
        const ModelInfo& info = *entry.info;
        table.add(
            {safe(info.name), humanBytes(info.fileBytes), text("%.1f", info.bitsPerWeight),
             safe(info.architecture) + ", " + safe(info.formatName) + (info.supported ? "" : ", not supported yet"),
             safe(entry.path.lexically_relative(folder).string())});
    }
    table.print(stdout);
    if (!broken.empty()) std::printf("\nNot usable:\n");
    for (const LibraryEntry* entry : broken)
        std::printf("  %s: %s\n", safe(entry->path.lexically_relative(folder).string()).c_str(),
                    safe(entry->problem).c_str());
}

} // namespace

void addDeviceOptions(CLI::App& verb, DeviceChoice& choice, bool& precise) {
    verb.add_option("--device", choice.device,
                    "What to run on: cpu, gpu0, ... (see: nibble-cli devices; default: automatic)");
    verb.add_option("--gpu-layers", choice.gpuLayers,
                    "Layers on the graphics card: 0 none, -1 as many as fit (default)")
        ->check(CLI::Range(-1, 100000));
    verb.add_flag("--precise", precise,
                  "Round what quantized weights are multiplied by to 16 bits instead of 8: slower, nearer to the "
                  "original");
}

void addDevices(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "devices", "Show the processor and graphics cards that models can run on",
                             "  nibble-cli devices");
    verb->callback([&common] { listDevicesVerb(common.json); });
}

void addRecipes(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "recipes", "List the ways to make a model smaller", "  nibble-cli recipes");
    verb->callback([&common] { listRecipesVerb(common.json); });
}

void addModels(CLI::App& app, Common& common) {
    CLI::App* verb = addVerb(app, common, "models", "List the models in a folder",
                             "  nibble-cli models\n  nibble-cli models ~/Downloads");
    static std::filesystem::path folder;
    verb->add_option("folder", folder, "The folder (default: Nibble's model folder, or $NIBBLE_MODELS)");
    verb->callback([&common] { listModelsVerb(folder, common.json); });
}

} // namespace nibble::cli
