// get: a model from a hub on the Internet, or what a hub has.
#include "../commands.h"
#include "../terminal.h"

#include <cstdlib>
#include <memory>
#include <nibble/hub.h>
#include <nibble/human.h>
#include <nibble/json.h>

namespace nibble::cli {

using nlohmann::json;

namespace {

struct Options {
    DownloadRequest download;
    bool list = false, search = false;
};

void printChoices(const HubModel& model) {
    std::printf("%s%s%s\n\n", safe(model.name).c_str(),
                model.license.empty() ? "" : ", licence: ", safe(model.license).c_str());
    Table table("llrl");
    table.add({"name", "format", "size", "on this computer (by its size)"});
    table.rule();
    for (const HubChoice& choice : model.choices)
        table.add({safe(choice.name),
                   choice.isFolder && choice.formatName.empty() ? "original, a folder" : choice.formatName,
                   humanBytes(choice.bytes), choice.verdict.sentence});
    table.print(stdout);
    std::printf("\nDownload one:  nibble-cli get '%s:%s'\n", safe(model.name).c_str(),
                safe(model.choices.front().name).c_str());
}

void printHits(const std::vector<HubHit>& hits) {
    if (hits.empty()) std::printf("The hub finds nothing. Fewer words find more.\n");
    Table table("lrl");
    for (const HubHit& hit : hits) {
        std::string note = hit.hasGguf ? "GGUF" : "";
        if (hit.gated) note += note.empty() ? "needs signing in" : ", needs signing in";
        table.add({safe(hit.name), grouped(hit.downloads) + " downloads", note});
    }
    table.print(stdout);
}

void run(const Options& options, bool asJson) {
    const Interrupts::Job job;
    const DownloadRequest& request = options.download;
    if (options.search) {
        const std::vector<HubHit> hits = searchHub(request.name, request.access, job.token());
        if (!asJson) return printHits(hits);
        json list = json::array();
        for (const HubHit& hit : hits) list.push_back(toJson(hit));
        return printJson({{"hits", list}});
    }
    if (options.list) {
        const HubModel model = lookUpOnHub(request.name, request.access, job.token());
        return asJson ? printJson(toJson(model)) : printChoices(model);
    }
    ProgressLine progress;
    const DownloadReport report = downloadModel(request, progress.callback(), job.token());
    progress.clear();
    if (asJson) return printJson(toJson(report));
    if (report.continuedAt > 0)
        std::printf("Continued: %s had arrived before.\n", humanBytes(report.continuedAt).c_str());
    std::printf("Downloaded %s in %s, checked:\n%s\n", humanBytes(report.bytes).c_str(),
                humanSeconds(report.seconds).c_str(), safe(report.path.string()).c_str());
}

} // namespace

void addGet(CLI::App& app, Common& common) {
    CLI::App* verb =
        addVerb(app, common, "get", "Download a model from a hub on the Internet, or look for one there",
                "  nibble-cli get --search smollm2\n"
                "  nibble-cli get --list bartowski/SmolLM2-135M-Instruct-GGUF\n"
                "  nibble-cli get bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M\n"
                "  nibble-cli get HuggingFaceTB/SmolLM2-135M-Instruct\n"
                "Stopped with Ctrl-C or cut off, the same command goes on where it was. Every file's checksum is\n"
                "compared with the hub's. A proxy: HTTPS_PROXY; an office's certificates: those of the system.\n"
                "Models that ask for signing in: an access token in HF_TOKEN, sent to the hub only.");
    const auto options = std::make_shared<Options>();
    verb->add_option("name", options->download.name,
                     "OWNER/MODEL, OWNER/MODEL:FILE or :FORMAT, or a link; with --search, words")
        ->required();
    verb->add_flag("--list", options->list, "Show what can be downloaded and whether it fits, and download nothing");
    verb->add_flag("--search", options->search, "Look for models with these words");
    verb->add_option("--folder", options->download.folder, "Where models live (default: Nibble's model folder)");
    verb->add_option("--hub", options->download.access.address,
                     "The hub's address (default: $NIBBLE_HUB, else https://huggingface.co)");
    verb->callback([options, &common] {
        if (const char* token = std::getenv("HF_TOKEN")) options->download.access.token = token;
        run(*options, common.json);
    });
}

} // namespace nibble::cli
