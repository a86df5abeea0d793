#include <algorithm>
#include <base/atomic_file.h>
#include <base/checked.h>
#include <base/progress.h>
#include <base/sha256.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <files/json_file.h>
#include <library/hub_name.h>
#include <library/place.h>
#include <library/split_name.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nibble/library.h>
#include <nibble/pack.h>
#include <optional>
#include <set>
#include <unistd.h>

namespace nibble {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLongestManifest = 4 << 20, kLargestFile = uint64_t(1) << 50;
constexpr const char* kAskForIt = "Ask whoever made the pack for a new copy.";

/// A folder that is removed with what is in it, unless it has been moved away.
class Staging {
public:
    explicit Staging(fs::path path) : m_path(std::move(path)) {
        remove(); // of a kill
        makeFolder(m_path);
    }
    ~Staging() { remove(); }
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    const fs::path& path() const { return m_path; }

private:
    void remove() const {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    fs::path m_path;
};

/// Reads a file, copies it where `copy` is a path, and tells its size and checksum.
PackedFile readFile(const fs::path& from, const fs::path& copy, std::string name, ProgressMeter& meter, double& done) {
    struct stat status {};
    const UniqueFd fd = openForReading(from, status);
    std::optional<AtomicFile> writer;
    if (!copy.empty()) {
        makeFolder(copy.parent_path());
        writer.emplace(copy, uint64_t(status.st_size));
    }
    PackedFile file{std::move(name), 0, {}};
    Sha256 hash;
    std::vector<std::byte> buffer(1 << 20);
    for (;;) {
        const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw Error(ErrorKind::Io, "A file cannot be read.", pathAndErrno(from, errno), "Check the disk.");
        if (n == 0) break;
        const std::span bytes(buffer.data(), std::size_t(n));
        hash.add(bytes);
        if (writer) writer->write(bytes);
        file.bytes += uint64_t(n);
        meter.update(done += double(n), file.path);
    }
    if (writer) writer->commit();
    file.sha256 = hash.hex();
    return file;
}

/// The files of a model, by their names in the pack.
std::vector<std::pair<std::string, fs::path>> filesOf(const fs::path& model, const std::string& place) {
    std::vector<std::pair<std::string, fs::path>> files;
    const std::string name = model.filename().string();
    const std::size_t suffix = splitSuffix(name);
    if (!fs::is_directory(model) && suffix == std::string::npos) return {{place, model}};
    const fs::path folder = fs::is_directory(model) ? model : fs::absolute(model).parent_path();
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string each = entry.path().filename().string();
        const bool part =
            fs::is_directory(model) || (splitSuffix(each) == suffix && each.starts_with(name.substr(0, suffix)));
        if (part && !each.starts_with(".") && entry.is_regular_file())
            files.emplace_back(place + "/" + each, entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// "Tiny.gguf", or the name of a folder.
std::string placeFor(const fs::path& model) {
    fs::path whole = fs::absolute(model).lexically_normal();
    if (whole.filename().empty()) whole = whole.parent_path();
    const std::string name = whole.filename().string();
    const std::size_t suffix = splitSuffix(name);
    return suffix == std::string::npos ? name : name.substr(0, suffix);
}

json manifestOf(const Pack& pack) {
    json models = json::array();
    for (const PackedModel& model : pack.models) {
        json files = json::array();
        for (const PackedFile& file : model.files)
            files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
        models.push_back(
            {{"name", model.name}, {"license", model.license}, {"place", model.place}, {"files", std::move(files)}});
    }
    return {{"nibblePack", 1}, {"name", pack.name}, {"models", std::move(models)}};
}

[[noreturn]] void throwManifest(const std::string& detail) {
    throw Error(ErrorKind::BadFile, "The manifest of this pack makes no sense.", detail, kAskForIt);
}

/// A name without "/", and none that hides itself.
void checkPlace(const std::string& place) {
    checkHubPath(place);
    if (place.find('/') != std::string::npos || place[0] == '.' || place == kPackManifest)
        throwManifest("place " + place);
}

PackedModel modelFrom(const json& value) {
    PackedModel model{value.at("name"), value.at("license"), value.at("place"), {}};
    checkPlace(model.place);
    std::set<std::string> seen;
    for (const json& entry : value.at("files")) {
        PackedFile file{entry.at("path"), entry.at("bytes").get<uint64_t>(), entry.at("sha256")};
        checkHubPath(file.path);
        const bool belongs = file.path == model.place || file.path.starts_with(model.place + "/");
        if (!belongs || file.bytes > kLargestFile || !seen.insert(file.path).second) throwManifest("file " + file.path);
        model.files.push_back(std::move(file));
    }
    if (model.files.empty()) throwManifest("no files: " + model.place);
    return model;
}

/// Reads all files of a model and compares them; copies them below `copy` where that is a path.
void compareFiles(const fs::path& pack, const PackedModel& model, const fs::path& copy, ProgressMeter& meter,
                  double& done) {
    for (const PackedFile& file : model.files) {
        const fs::path from = pack / file.path;
        std::error_code error;
        if (fs::is_regular_file(from, error) && fs::file_size(from, error) != file.bytes)
            throw Error(ErrorKind::BadFile, printable(file.path) + " has another size than the pack says.",
                        printable(from.string()), kAskForIt);
        const PackedFile found = readFile(from, copy.empty() ? copy : copy / file.path, file.path, meter, done);
        if (found.sha256 != file.sha256 || found.bytes != file.bytes)
            throw Error(ErrorKind::BadFile,
                        printable(file.path) + " is not the file that the pack says: its checksum is "
                                               "wrong.",
                        "expected SHA-256 " + printable(file.sha256), kAskForIt);
    }
}

} // namespace

uint64_t PackedModel::bytes() const {
    uint64_t sum = 0;
    for (const PackedFile& file : files) sum = checkedAdd(sum, file.bytes, "files of the pack");
    return sum;
}

uint64_t Pack::bytes() const {
    uint64_t sum = 0;
    for (const PackedModel& model : models) sum = checkedAdd(sum, model.bytes(), "models of the pack");
    return sum;
}

Pack makePack(const fs::path& folder, const std::vector<fs::path>& models, const ProgressFn& progress,
              std::stop_token stop) {
    const fs::path target = fs::absolute(folder).lexically_normal();
    AtomicFile::refuseExisting(target);
    Pack pack{target.filename().string(), {}};
    std::vector<std::vector<std::pair<std::string, fs::path>>> sources;
    uint64_t total = 0;
    for (const fs::path& path : models) {
        const ModelInfo info = inspectModel(path);
        PackedModel model{info.name, info.license, placeFor(path), {}};
        checkPlace(model.place);
        for (const PackedModel& other : pack.models)
            if (other.place == model.place)
                throw Error(ErrorKind::BadRequest, "Two models have the same name: " + printable(model.place), {},
                            "Rename one of them.");
        sources.push_back(filesOf(path, model.place));
        for (const auto& [name, source] : sources.back()) total += fs::file_size(source);
        pack.models.push_back(std::move(model));
    }
    makeFolder(target.parent_path());
    checkDisk(target.parent_path(), total);
    const Staging staging(target.parent_path() / ("." + pack.name + ".unfinished-pack"));
    ProgressMeter meter(progress, stop, "Making the pack", double(total));
    double done = 0;
    for (std::size_t i = 0; i < sources.size(); ++i)
        for (const auto& [name, source] : sources[i])
            pack.models[i].files.push_back(readFile(source, staging.path() / name, name, meter, done));
    writeTextFile(staging.path() / kPackManifest, manifestOf(pack).dump(1) + "\n");
    putInPlace(staging.path(), target);
    return pack;
}

Pack readPack(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder / kPackManifest, ignored))
        throw Error(ErrorKind::NotFound, "This folder is not a pack of models.",
                    printable((folder / kPackManifest).string()) + " is missing", "Choose the folder of the pack.");
    const json manifest = readJsonObject(folder / kPackManifest, kLongestManifest);
    try {
        if (manifest.at("nibblePack") != 1)
            throw Error(ErrorKind::Unsupported, "This pack was made by a newer Nibble.", printable(folder.string()),
                        "Install a newer Nibble.");
        Pack pack{manifest.at("name"), {}};
        std::set<std::string> places;
        for (const json& model : manifest.at("models")) {
            pack.models.push_back(modelFrom(model));
            if (!places.insert(pack.models.back().place).second) throwManifest("twice: " + pack.models.back().place);
        }
        if (pack.models.empty()) throwManifest("no models");
        return pack;
    } catch (const json::exception& error) {
        throwManifest(printable(error.what()));
    }
}

Pack checkPack(const fs::path& folder, const ProgressFn& progress, std::stop_token stop) {
    Pack pack = readPack(folder);
    ProgressMeter meter(progress, stop, "Checking the pack", double(pack.bytes()));
    double done = 0;
    for (const PackedModel& model : pack.models) compareFiles(folder, model, {}, meter, done);
    meter.finish();
    return pack;
}

PackReport installPack(const fs::path& from, const fs::path& folder, const ProgressFn& progress, std::stop_token stop) {
    const Pack pack = readPack(from);
    const fs::path models = folder.empty() ? defaultModelFolder() : folder;
    PackReport report;
    Pack missing{pack.name, {}};
    for (const PackedModel& model : pack.models) {
        std::error_code ignored;
        if (fs::exists(fs::symlink_status(models / model.place, ignored)))
            report.present.push_back(models / model.place);
        else
            missing.models.push_back(model);
    }
    makeFolder(models);
    checkDisk(models, missing.bytes());
    const Staging staging(models / ".pack");
    ProgressMeter meter(progress, stop, "Installing the pack", double(missing.bytes()));
    double done = 0;
    for (const PackedModel& model : missing.models) compareFiles(from, model, staging.path(), meter, done);
    meter.finish(); // the last moment to stop
    for (const PackedModel& model : missing.models) {
        putInPlace(staging.path() / model.place, models / model.place);
        report.installed.push_back(models / model.place);
    }
    return report;
}

} // namespace nibble
