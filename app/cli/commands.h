// The verbs of nibble-cli. Each add function declares one verb with its options; the verb runs while the command line
// is parsed and throws nibble::Error.
#pragma once

#include <CLI/CLI.hpp>
#include <nibble/devices.h>
#include <nibble/error.h>

namespace nibble::cli {

/// Options that every verb has.
struct Common {
    bool json = false;
};

void addDevices(CLI::App& app, Common& common);
void addRecipes(CLI::App& app, Common& common);
void addModels(CLI::App& app, Common& common);
void addGet(CLI::App& app, Common& common);
void addPack(CLI::App& app, Common& common);
void addInspect(CLI::App& app, Common& common);
void addEstimate(CLI::App& app, Common& common);
void addPreview(CLI::App& app, Common& common);
void addQuantize(CLI::App& app, Common& common);
void addCalibrate(CLI::App& app, Common& common);
void addChat(CLI::App& app, Common& common);
void addCompare(CLI::App& app, Common& common);
void addLayers(CLI::App& app, Common& common);
void addBench(CLI::App& app, Common& common);
void addDoctor(CLI::App& app, Common& common);
void addEngine(CLI::App& app);
/// The helper process of setCardTestCommand().
void addTestCard(CLI::App& app);

/// A verb with its description, its examples under the options, and --json.
CLI::App* addVerb(CLI::App& app, Common& common, const std::string& name, const std::string& description,
                  const std::string& examples);

/// --device, --gpu-layers and --precise.
void addDeviceOptions(CLI::App& verb, DeviceChoice& choice, bool& precise);

/// Where what is made of a model goes by default: the folder that it lies in, and its name there without an ending. A
/// Hugging Face folder may be given by a file inside it.
struct ModelPlace {
    std::filesystem::path folder;
    std::string name;
};
ModelPlace placeOf(const std::filesystem::path& model);

/// The program's exit code for an error, as --help documents them.
int exitCode(ErrorKind kind);

} // namespace nibble::cli
