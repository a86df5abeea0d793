#include <algorithm>
#include <base/checked.h>
#include <base/text.h>
#include <library/hub.h>
#include <library/split_name.h>
#include <map>
#include <nibble/devices.h>
#include <nibble/error.h>
#include <set>

namespace nibble {

using nlohmann::json;

namespace {

constexpr std::size_t kLongestAnswer = 16 << 20; // a repository of 50,000 files
constexpr std::size_t kMostHits = 30, kMostChoices = 300;
constexpr uint64_t kLargestFile = uint64_t(1) << 50;

[[noreturn]] void throwNonsense(const std::string& detail) {
    throw Error(ErrorKind::BadFile, "The hub's answer makes no sense.", detail, "Try again later.");
}

json askFor(Http& http, const std::string& url, const std::stop_token& stop) {
    json answer = json::parse(http.text(url, kLongestAnswer, stop), nullptr, false);
    if (answer.is_discarded()) throwNonsense("not JSON: " + printable(url, 300));
    return answer;
}

std::string encoded(const std::string& words) {
    std::string out;
    for (const char c : urlPath(words)) out += c == '/' ? std::string("%2F") : std::string(1, c);
    return out;
}

bool isGated(const json& model) {
    const auto gated = model.find("gated");
    return gated != model.end() && !(gated->is_boolean() && !gated->get<bool>()) && !gated->is_null();
}

std::string lower(std::string text) {
    for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// "model-00002-of-00005.gguf" -> "model"; "" for a file that is not a part.
std::string splitBase(const std::string& name) {
    const std::size_t suffix = splitSuffix(name);
    return suffix == std::string::npos ? std::string() : name.substr(0, suffix);
}

/// Whether a split model has each of its parts once.
bool hasAllParts(const HubChoice& choice) {
    std::set<std::string> names;
    for (const HubFile& file : choice.files) names.insert(lastPart(file.path));
    return names.size() == choice.files.size() && names.size() == splitParts(*names.begin());
}

/// The part of a GGUF's name that says its format: "Q4_K_M", "BF16".
std::string formatIn(const std::string& name) {
    std::string word, found;
    for (const char c : name + ".") {
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
            word += char(std::toupper(static_cast<unsigned char>(c)));
            continue;
        }
        const std::size_t digit = word.starts_with("IQ") ? 2 : 1;
        const bool quant = (word[0] == 'Q' || word.starts_with("IQ")) && word.size() > digit &&
                           std::isdigit(static_cast<unsigned char>(word[digit]));
        if (quant || word == "BF16" || word == "F16" || word == "F32" || word.starts_with("MXFP4")) found = word;
        word.clear();
    }
    return found;
}

bool isHelper(const std::string& file) {
    const std::string name = lower(lastPart(file));
    return name.find("mmproj") != std::string::npos || name.find("imatrix") != std::string::npos;
}

std::vector<HubFile> filesOf(const json& siblings) {
    if (!siblings.is_array()) throwNonsense("no list of files");
    std::vector<HubFile> files;
    std::set<std::string> seen;
    for (const json& entry : siblings) {
        if (!entry.is_object()) throwNonsense("siblings");
        HubFile file{textAt(entry, "rfilename"), 0, {}};
        checkHubPath(file.path);
        const auto lfs = entry.find("lfs");
        const bool large = lfs != entry.end() && lfs->is_object();
        const json& described = large ? *lfs : entry;
        const auto size = described.find("size");
        if (size == described.end() || !size->is_number_unsigned() || size->get<uint64_t>() > kLargestFile)
            throwNonsense("the size of " + printable(file.path));
        file.bytes = size->get<uint64_t>();
        if (large) {
            file.sha256 = lower(textAt(described, "sha256"));
            const bool hex =
                file.sha256.size() == 64 && file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
            if (!hex) throwNonsense("the checksum of " + printable(file.path));
        }
        if (!seen.insert(file.path).second) throwNonsense("twice: " + printable(file.path));
        files.push_back(std::move(file));
    }
    return files;
}

/// The original: weights, how they are put together, and what makes text of numbers. None where one of these is
/// missing.
std::vector<HubFile> folderFiles(const std::vector<HubFile>& files) {
    static constexpr const char* kNames[] = {"config.json",
                                             "generation_config.json",
                                             "tokenizer.json",
                                             "tokenizer.model",
                                             "tokenizer_config.json",
                                             "chat_template.jinja",
                                             "chat_template.json",
                                             "vocab.json",
                                             "merges.txt",
                                             "added_tokens.json",
                                             "README.md",
                                             "special_tokens_map.json",
                                             "quantize_config.json"};
    std::vector<HubFile> out;
    bool config = false, text = false, weights = false;
    const bool split = std::any_of(files.begin(), files.end(),
                                   [](const HubFile& file) { return file.path == "model.safetensors.index.json"; });
    for (const HubFile& file : files) {
        if (file.path.find('/') != std::string::npos) continue;
        const bool named = std::find(std::begin(kNames), std::end(kNames), file.path) != std::end(kNames) ||
                           lower(file.path).starts_with("license") || lower(file.path).starts_with("notice");
        const bool part = file.path.starts_with("model-") && file.path.ends_with(".safetensors");
        const bool weight = split ? part : file.path == "model.safetensors";
        if (!named && !weight && !(split && file.path == "model.safetensors.index.json")) continue;
        config |= file.path == "config.json";
        text |= file.path == "tokenizer.json" || file.path == "tokenizer.model" || file.path == "vocab.json";
        weights |= weight;
        out.push_back(file);
    }
    return config && text && weights ? out : std::vector<HubFile>();
}

/// Memory that a model needs beside its weights is not known before its file is here: for 4096 tokens usual models take
/// up to a quarter of the weights' at 4 bits.
FitVerdict verdictBySize(uint64_t bytes) {
    constexpr uint64_t kAlways = 300'000'000;
    uint64_t available = 0;
    static const std::vector<DeviceInfo> devices = listDevices();
    for (const DeviceInfo& device : devices)
        if (device.usable) available = std::max(available, device.availableBytes);
    return judgeFit({bytes + bytes / 4 + kAlways, available}, 0);
}

std::string licenseOf(const json& answer) {
    const auto card = answer.find("cardData");
    if (card != answer.end() && card->is_object())
        if (const std::string license = textAt(*card, "license"); !license.empty()) return printable(license, 60);
    const auto tags = answer.find("tags");
    if (tags != answer.end() && tags->is_array())
        for (const json& tag : *tags)
            if (tag.is_string() && tag.get<std::string>().starts_with("license:"))
                return printable(tag.get<std::string>().substr(8), 60);
    return {};
}

/// The choice that "owner/model:WHAT" means: a file by path or name, or the only one of a format.
std::string chosenBy(const std::vector<HubChoice>& choices, const std::string& what) {
    if (what.empty()) return choices.size() == 1 ? choices[0].name : std::string();
    std::vector<std::string> byFormat;
    for (const HubChoice& choice : choices) {
        const bool has = std::any_of(choice.files.begin(), choice.files.end(), [&](const HubFile& file) {
            return !choice.isFolder && (file.path == what || lastPart(file.path) == what);
        });
        if (choice.name == what || has) return choice.name;
        if (!choice.formatName.empty() && lower(choice.formatName) == lower(what)) byFormat.push_back(choice.name);
    }
    if (byFormat.size() == 1) return byFormat[0];
    throw Error(ErrorKind::NotFound, "The model has no file of this name: " + printable(what, 100), {},
                "Look at the list of its files and choose one.");
}

} // namespace

uint64_t bytesOf(const std::vector<HubFile>& files) {
    uint64_t bytes = 0;
    for (const HubFile& file : files) bytes = checkedAdd(bytes, file.bytes, "files of the hub");
    return bytes;
}

std::string textAt(const json& object, const char* key) {
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::vector<HubChoice> choicesOf(const json& siblings, const std::string& model) {
    const std::vector<HubFile> files = filesOf(siblings);
    std::map<std::string, HubChoice> byName; // split files come together
    for (const HubFile& file : files) {
        if (!lower(file.path).ends_with(".gguf") || isHelper(file.path)) continue;
        const std::string name = lastPart(file.path), base = splitBase(name);
        if (name[0] == '.') continue;
        HubChoice& choice = byName[base.empty() ? name : base];
        choice.name = base.empty() ? name : base;
        choice.isFolder = !base.empty();
        choice.files.push_back(file);
    }
    std::vector<HubChoice> choices;
    for (auto& [name, choice] : byName) {
        if (choice.isFolder && !hasAllParts(choice)) continue;
        if (!choice.isFolder && choice.files.size() > 1) continue; // one name in two folders: which one is not known
        choice.formatName = formatIn(name);
        choice.bytes = bytesOf(choice.files);
        choice.verdict = verdictBySize(choice.bytes);
        choices.push_back(std::move(choice));
    }
    std::sort(choices.begin(), choices.end(), [](const HubChoice& a, const HubChoice& b) { return a.bytes < b.bytes; });
    if (choices.size() > kMostChoices) choices.resize(kMostChoices);
    if (std::vector<HubFile> folder = folderFiles(files); !folder.empty()) {
        HubChoice choice{model, true, {}, bytesOf(folder), std::move(folder), {}};
        choice.verdict = verdictBySize(choice.bytes);
        choices.push_back(std::move(choice));
    }
    return choices;
}

HubModel lookUp(Http& http, const HubName& name, const std::string& hub, const std::stop_token& stop) {
    const json answer = askFor(http,
                               hub + "/api/models/" + name.owner + "/" + name.model + "/revision/" +
                                   urlPath(name.revision) + "?blobs=true",
                               stop);
    if (!answer.is_object()) throwNonsense("not an object");
    HubModel model{name.owner + "/" + name.model, textAt(answer, "sha"), licenseOf(answer), isGated(answer), {}, {}};
    const bool isCommit = !model.revision.empty() && model.revision.size() <= 64 &&
                          model.revision.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!isCommit) throwNonsense("no commit");
    const auto siblings = answer.find("siblings");
    if (siblings == answer.end()) throwNonsense("no list of files");
    model.choices = choicesOf(*siblings, name.model);
    if (model.choices.empty())
        throw Error(ErrorKind::Unsupported, "There is nothing in " + model.name + " that Nibble can open.",
                    "no .gguf, and no folder with config.json, a tokenizer and .safetensors",
                    "Search for the model's name with GGUF behind it.");
    model.chosen = chosenBy(model.choices, name.file);
    return model;
}

const HubChoice& chooseFrom(const HubModel& model, const std::string& name) {
    std::string names;
    for (const HubChoice& choice : model.choices) {
        if (choice.name == name) return choice;
        names += (names.empty() ? "" : ", ") + choice.name;
    }
    if (name.empty())
        throw Error(ErrorKind::BadRequest, model.name + " has more than one file: choose one.", printable(names, 2000),
                    "Write its name or format behind a colon, for example " + model.name + ":Q4_K_M.");
    throw Error(ErrorKind::NotFound, "The model has no file of this name: " + printable(name, 100),
                printable(names, 2000), "Look at the list of its files and choose one.");
}

HubModel lookUpOnHub(const std::string& text, const HubAccess& access, std::stop_token stop) {
    const std::string hub = hubAddress(access.address);
    const HubName name = parseHubName(text, hub);
    Http http(hub, access);
    return lookUp(http, name, hub, stop);
}

std::vector<HubHit> searchHub(const std::string& words, const HubAccess& access, std::stop_token stop) {
    const std::string hub = hubAddress(access.address);
    Http http(hub, access);
    const json answer =
        askFor(http,
               hub + "/api/models?search=" + encoded(printable(words, 200)) +
                   format("&pipeline_tag=text-generation&sort=downloads&direction=-1&limit=%zu", kMostHits),
               stop);
    if (!answer.is_array()) throwNonsense("not a list");
    std::vector<HubHit> hits;
    for (const json& entry : answer) {
        if (!entry.is_object() || hits.size() == kMostHits) continue;
        HubHit hit{textAt(entry, "id"), 0, isGated(entry), false};
        try {
            parseHubName(hit.name, hub);
        } catch (const Error&) {
            continue; // models of early days have no owner in their name
        }
        if (const auto n = entry.find("downloads"); n != entry.end() && n->is_number_unsigned())
            hit.downloads = n->get<uint64_t>();
        if (const auto tags = entry.find("tags"); tags != entry.end() && tags->is_array())
            hit.hasGguf = std::find(tags->begin(), tags->end(), "gguf") != tags->end();
        hits.push_back(std::move(hit));
    }
    return hits;
}

} // namespace nibble
