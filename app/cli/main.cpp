// nibble-cli: every verb of the engine on the command line.
#include "commands.h"
#include "terminal.h"

#include <cstring>
#include <nibble/engine.h>
#include <nibble/json.h>

namespace nibble::cli {

namespace {

constexpr const char* kFooter = R"(Start here:
  nibble-cli models                               what models are there
  nibble-cli get OWNER/MODEL                      download one from a hub (the only verb that uses a network)
  nibble-cli estimate MODEL --recipe Q4_K_M       how big it gets and whether it fits
  nibble-cli quantize MODEL                       make it smaller (4 bits)
  nibble-cli compare MODEL SMALLER                what quality that costs
  nibble-cli chat SMALLER                         talk to it

MODEL is a .gguf file or a folder downloaded from Hugging Face.
"nibble-cli VERB --help" explains a verb. With --json every verb prints one JSON object.

Exit codes:
  0 done    1 a bug in Nibble    2 the command line or a request makes no sense
  3 not found    4 damaged file    5 not supported yet    6 not enough memory
  7 reading or writing failed, disk full    8 graphics card    9 conversation too long
  10 no network, or a hub that cannot be trusted
  130 stopped with Ctrl-C)";

int report(const Error& error, bool asJson) {
    if (asJson) {
        printJson({{"error", toJson(error)}});
    } else {
        std::fprintf(stderr, "nibble-cli: %s\n", safe(error.message).c_str());
        if (!error.detail.empty()) std::fprintf(stderr, "  Details: %s\n", safe(error.detail).c_str());
        if (!error.whatToDo.empty()) std::fprintf(stderr, "  What to do: %s\n", safe(error.whatToDo).c_str());
    }
    return exitCode(error.kind);
}

std::string version() {
    std::string text = std::string("nibble ") + versionString();
    for (const std::string& path : fastPaths()) text += "\n" + path;
    return text;
}

std::string programPath() {
    std::error_code ignored;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return path.empty() ? "nibble-cli" : path.string();
}

int run(int argc, char** argv) {
    Common common;
    CLI::App app(
        "Nibble makes language models small enough for this computer, runs them offline, and shows what that costs.",
        "nibble-cli");
    app.set_version_flag("--version", version);
    app.footer(kFooter);
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    addModels(app, common);
    addGet(app, common);
    addPack(app, common);
    addInspect(app, common);
    addEstimate(app, common);
    addPreview(app, common);
    addQuantize(app, common);
    addCalibrate(app, common);
    addChat(app, common);
    addCompare(app, common);
    addLayers(app, common);
    addBench(app, common);
    addRecipes(app, common);
    addDevices(app, common);
    addDoctor(app, common);
    addEngine(app);
    addTestCard(app);
    setCardTestCommand({programPath(), "test-card"});
    try {
        app.parse(argc, argv);
        return 0;
    } catch (const CLI::ParseError& error) {
        const bool asked = error.get_exit_code() == 0; // --help, --version
        if (!asked && common.json) return report(Error(ErrorKind::BadRequest, error.what()), true);
        app.exit(error);
        return asked ? 0 : exitCode(ErrorKind::BadRequest);
    } catch (const Error& error) {
        return report(error, common.json);
    } catch (const std::bad_alloc&) {
        return report(Error(ErrorKind::NoMemory, "There is not enough memory for this."), common.json);
    } catch (const std::exception& error) {
        return report(Error(ErrorKind::Internal, "Something went wrong inside Nibble.", error.what(),
                            "Please report this as a bug."),
                      common.json);
    }
}

} // namespace

int exitCode(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Internal:
        return 1;
    case ErrorKind::BadRequest:
        return 2;
    case ErrorKind::NotFound:
        return 3;
    case ErrorKind::BadFile:
        return 4;
    case ErrorKind::Unsupported:
        return 5;
    case ErrorKind::NoMemory:
        return 6;
    case ErrorKind::NoSpace:
    case ErrorKind::Io:
        return 7;
    case ErrorKind::Device:
        return 8;
    case ErrorKind::ContextFull:
        return 9;
    case ErrorKind::Network:
        return 10;
    case ErrorKind::Canceled:
        return 130;
    }
    return 1;
}

CLI::App* addVerb(CLI::App& app, Common& common, const std::string& name, const std::string& description,
                  const std::string& examples) {
    CLI::App* verb = app.add_subcommand(name, description);
    verb->footer("Examples:\n" + examples);
    verb->add_flag("--json", common.json, "Print one JSON object, for other programs");
    return verb;
}

} // namespace nibble::cli

int main(int argc, char** argv) {
    const bool isEngine = argc > 1 && std::strcmp(argv[1], "engine") == 0; // its client decides when it ends
    if (!isEngine) nibble::cli::Interrupts::install();
    return nibble::cli::run(argc, argv);
}
