// Getting models from a hub on the Internet: Hugging Face, or a mirror of it. Nothing else in the engine opens a
// network connection, and this does only when it is called.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nibble/estimate.h>
#include <nibble/progress.h>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

/// How a hub is reached.
struct HubAccess {
    std::string
        address;       // "https://huggingface.co"; "": $NIBBLE_HUB, else that. Plain http only on this computer itself
    std::string proxy; // "http://proxy:8080"; "": as HTTPS_PROXY and NO_PROXY say
    /// An access token of who has signed in there; "": none. Sent to the hub itself, never where it leads to.
    std::string token;
    /// Called before each request with the computer that is asked ("huggingface.co"), so that it can be shown. May be
    /// empty.
    std::function<void(const std::string& host)> onConnection;
};

struct HubHit {
    std::string name; // "owner/model"
    uint64_t downloads = 0;
    bool gated = false; // only for those who have signed in and agreed to its terms
    bool hasGguf = false;
};
/// Models that the hub finds for these words, the most downloaded first, at most 30.
std::vector<HubHit> searchHub(const std::string& words, const HubAccess& access = {}, std::stop_token stop = {});

struct HubFile {
    std::string path;   // in the repository, with "/"
    uint64_t bytes = 0; // as the hub says; a file of another size is refused
    std::string sha256; // 64 hexadecimal digits; empty where the hub has none (small files of text)
};
/// One thing to download: a model in one file (or split into some), or the folder of an original.
struct HubChoice {
    std::string name; // of the file or folder that it becomes: "SmolLM2-135M-Q4_K_M.gguf"
    bool isFolder = false;
    std::string formatName; // "Q4_K_M", from the name of a GGUF; "" where it does not say
    uint64_t bytes = 0;
    std::vector<HubFile> files;
    FitVerdict verdict; // of judgeFit(), for what it is expected to need by its size; exact once it is here
};
struct HubModel {
    std::string name;     // "owner/model"
    std::string revision; // the commit, so that all files belong together
    std::string license;  // as stated, may be empty
    bool gated = false;
    std::vector<HubChoice> choices; // GGUF by size, then the folder
    std::string chosen;             // the choice that the name or link pointed to; "" where it named only the model
};
/// `name`: "owner/model", "owner/model:FILE" or "owner/model:Q4_K_M", or a link to a model or a file on a hub. Throws
/// Error{BadRequest, NotFound, Network, BadFile (the hub's answer makes no sense or is hostile), Unsupported (gated, or
/// nothing there that Nibble opens)}.
HubModel lookUpOnHub(const std::string& name, const HubAccess& access = {}, std::stop_token stop = {});

struct DownloadRequest {
    HubAccess access;
    std::string name;             // as for lookUpOnHub()
    std::string choice;           // HubChoice::name; "" where the name says it or there is only one
    std::filesystem::path folder; // of models; "" = defaultModelFolder()
    double retrySeconds = 1;      // before the first of five tries after a cut; then 2, 4, 8, 16 times as long
};
struct DownloadReport {
    std::filesystem::path path; // FOLDER/owner/NAME
    uint64_t bytes = 0;
    uint64_t continuedAt = 0; // bytes that were there from before
    double seconds = 0;
};
/// Downloads a choice. It appears in the folder whole and with every checksum right, or not at all; what has arrived
/// when it is stopped, cut off or killed is kept in FOLDER/.downloads and continued by the same request. Throws as
/// lookUpOnHub(), and Error{NoSpace} before it begins where the disk has too little room.
DownloadReport downloadModel(const DownloadRequest& request, const ProgressFn& progress = {},
                             std::stop_token stop = {});

/// A download that was stopped. Folders: "" = defaultModelFolder().
struct UnfinishedDownload {
    std::string id; // for discardDownload()
    std::string name, choice, hub;
    uint64_t bytes = 0, doneBytes = 0;
};
std::vector<UnfinishedDownload> listDownloads(const std::filesystem::path& folder);
/// Removes what has arrived of it. Throws Error{NotFound, BadRequest (it is under way)}.
void discardDownload(const std::filesystem::path& folder, const std::string& id);

} // namespace nibble
