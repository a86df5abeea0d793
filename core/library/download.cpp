// Downloads. What arrives lies in FOLDER/.downloads/ID: download.json (what was asked for, with sizes and checksums),
// files/NAME.part while it grows and files/NAME once its checksum was right. At the end the file, or the folder
// "files", is moved to its place in one step.
#include <algorithm>
#include <base/atomic_file.h>
#include <base/progress.h>
#include <base/sha256.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <chrono>
#include <condition_variable>
#include <fcntl.h>
#include <files/json_file.h>
#include <library/hub.h>
#include <library/place.h>
#include <nibble/error.h>
#include <nibble/library.h>
#include <sys/file.h>
#include <unistd.h>

namespace nibble {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char *kDownloads = ".downloads", *kRecord = "download.json", *kFiles = "files", *kPart = ".part";
constexpr uint64_t kLongestRecord = 4 << 20;
constexpr int kTries = 5; // in a row without a byte

/// What a download is about, as download.json keeps it.
struct Record {
    std::string hub, name, revision, choice;
    bool isFolder = false;
    std::vector<HubFile> files;
};

json toJson(const Record& record) {
    json files = json::array();
    for (const HubFile& file : record.files)
        files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    return {{"hub", record.hub},       {"name", record.name},         {"revision", record.revision},
            {"choice", record.choice}, {"isFolder", record.isFolder}, {"files", files}};
}

/// Somebody may have changed it: everything is checked again. Throws Error{BadFile, NotFound}.
Record readRecord(const fs::path& folder) {
    const json object = readJsonObject(folder / kRecord, kLongestRecord);
    const auto fail = [&] {
        throw Error(ErrorKind::BadFile, "The record of this download is damaged.", (folder / kRecord).string(),
                    "Remove the download and begin it again.");
    };
    try {
        Record record{object.at("hub"),    object.at("name"),     object.at("revision"),
                      object.at("choice"), object.at("isFolder"), {}};
        for (const json& file : object.at("files")) {
            record.files.push_back({file.at("path"), file.at("bytes").get<uint64_t>(), file.at("sha256")});
            checkHubPath(record.files.back().path);
            if (record.files.back().bytes > uint64_t(1) << 50) fail();
        }
        checkHubPath(record.choice);
        if (record.files.empty() || record.choice.find('/') != std::string::npos) fail();
        parseHubName(record.name, hubAddress(record.hub));
        return record;
    } catch (const json::exception&) {
        fail();
    }
    return {};
}

/// The folder, locked until this is closed.
UniqueFd lock(const fs::path& folder) {
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw Error(ErrorKind::BadRequest, "This model is being downloaded at the moment.", printable(folder.string()),
                    "Wait until it is there.");
    return fd;
}

uint64_t sizeOf(const fs::path& path) {
    std::error_code error;
    const uint64_t size = fs::is_regular_file(fs::symlink_status(path, error)) ? fs::file_size(path, error) : 0;
    return error ? 0 : size;
}

/// Bytes of a download that have arrived.
uint64_t arrived(const Record& record, const fs::path& folder) {
    uint64_t sum = 0;
    for (const HubFile& file : record.files) {
        const fs::path path = folder / kFiles / lastPart(file.path);
        sum += std::min(file.bytes, std::max(sizeOf(path), sizeOf(path.string() + kPart)));
    }
    return sum;
}

/// Waits, but not longer than until stop is asked for.
void wait(double seconds, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any sleeper;
    std::unique_lock guard(mutex);
    sleeper.wait_for(guard, stop, std::chrono::duration<double>(seconds), [] { return false; });
    throwIfStopped(stop);
}

/// One file: what has arrived of it, and its checksum so far.
class Arriving {
public:
    Arriving(const HubFile& file, fs::path target) : m_file(file), m_target(std::move(target)) {
        m_part = m_target.string() + kPart;
        keepFirst(std::min(sizeOf(m_part), file.bytes));
    }
    uint64_t bytes() const { return m_writer->size(); }
    bool whole() const { return bytes() == m_file.bytes; }

    /// An answer begins: from where the file ends, or from its beginning.
    void begin(const HttpAnswer& answer) {
        if (answer.total != 0 && answer.total != m_file.bytes) throwSize(answer.total);
        if (answer.from == bytes()) return;
        if (answer.from != 0)
            throw Error(ErrorKind::BadFile, "The hub sends another part of the file than was asked for.",
                        printable(m_file.path), "Try again later.");
        keepFirst(0); // the server cannot go on in the middle
    }
    void add(std::span<const std::byte> data) {
        if (data.size() > m_file.bytes - bytes()) throwSize(bytes() + data.size());
        m_writer->write(data);
        m_hash.add(data);
    }
    /// Whole: checks it and gives it its name.
    void commit() {
        if (!m_file.sha256.empty() && m_hash.hex() != m_file.sha256) {
            m_writer.reset();
            std::error_code ignored;
            fs::remove(m_part, ignored);
            throw Error(
                ErrorKind::BadFile, lastPart(m_file.path) + " arrived damaged: its checksum is wrong.",
                "expected SHA-256 " + m_file.sha256,
                "It was removed. Try again; if it happens again, the file on the hub is not the one that the hub "
                "says it is.");
        }
        m_writer->commit();
    }

private:
    [[noreturn]] void throwSize(uint64_t sent) const {
        throw Error(ErrorKind::BadFile, "The hub sends another size than it says.",
                    printable(m_file.path) +
                        format(": %llu and %llu bytes", (unsigned long long)sent, (unsigned long long)m_file.bytes),
                    "Try again later, or choose another model.");
    }
    void keepFirst(uint64_t kept) {
        m_hash = {};
        if (kept > 0) hashPart(kept);
        m_writer.reset();
        m_writer = std::make_unique<AtomicFile>(m_target, m_file.bytes, true, AtomicFile::Continued{m_part, kept});
    }
    void hashPart(uint64_t kept) {
        struct stat status {};
        const UniqueFd fd = openForReading(m_part, status);
        std::vector<std::byte> buffer(1 << 20);
        while (kept > 0) {
            const ssize_t n = ::read(fd.get(), buffer.data(), std::min<uint64_t>(buffer.size(), kept));
            if (n <= 0)
                throw Error(ErrorKind::Io, "What has arrived cannot be read.", pathAndErrno(m_part, errno),
                            "Remove the download and begin it again.");
            m_hash.add(std::span(buffer.data(), std::size_t(n)));
            kept -= uint64_t(n);
        }
    }

    const HubFile& m_file;
    fs::path m_target, m_part;
    std::unique_ptr<AtomicFile> m_writer;
    Sha256 m_hash;
};

class Download {
public:
    Download(Http& http, const Record& record, fs::path folder, double retrySeconds)
        : m_http(http), m_record(record), m_folder(std::move(folder)), m_retrySeconds(retrySeconds) {}

    void run(ProgressMeter& meter, const std::stop_token& stop) {
        for (const HubFile& file : m_record.files) {
            const fs::path target = m_folder / kFiles / lastPart(file.path);
            if (sizeOf(target) != file.bytes || !fs::exists(target)) fetch(file, target, meter, stop);
            m_done += file.bytes;
        }
    }

private:
    void fetch(const HubFile& file, const fs::path& target, ProgressMeter& meter, const std::stop_token& stop) {
        const std::string url =
            m_record.hub + "/" + m_record.name + "/resolve/" + m_record.revision + "/" + urlPath(file.path);
        Arriving arriving(file, target);
        int tries = 0;
        while (!arriving.whole() || (file.bytes == 0 && tries == 0)) {
            const uint64_t before = arriving.bytes();
            std::string cut = m_http.get(
                url, before, [&](const HttpAnswer& answer) { arriving.begin(answer); },
                [&](std::span<const std::byte> bytes) {
                    arriving.add(bytes);
                    meter.update(double(m_done + arriving.bytes()), lastPart(file.path));
                },
                stop);
            if (arriving.whole()) break;
            if (cut.empty()) cut = "the connection ended early";
            tries = arriving.bytes() > before ? 0 : tries + 1;
            if (tries == kTries)
                throw Error(ErrorKind::Network, "The connection was lost, and five tries to go on failed.", cut,
                            "What has arrived is kept. Check the network, then continue.");
            wait(m_retrySeconds * double(1 << tries), stop);
        }
        arriving.commit();
    }

    Http& m_http;
    const Record& m_record;
    fs::path m_folder;
    double m_retrySeconds;
    uint64_t m_done = 0;
};

fs::path folderOr(const fs::path& folder) { return folder.empty() ? defaultModelFolder() : folder; }

std::string idOf(const HubName& name, const std::string& choice) {
    return name.owner + "--" + name.model + "--" + choice;
}

/// What was asked for before, if it is the same.
bool continues(const fs::path& folder, const std::string& hub, const std::string& name, Record& record) {
    try {
        record = readRecord(folder);
        return record.hub == hub && record.name == name;
    } catch (const Error&) {
        return false;
    }
}

Record newRecord(Http& http, const HubName& name, const std::string& hub, const std::string& wanted,
                 const std::stop_token& stop) {
    const HubModel model = lookUp(http, name, hub, stop);
    const HubChoice& choice = chooseFrom(model, wanted.empty() ? model.chosen : wanted);
    return {hub, model.name, model.revision, choice.name, choice.isFolder, choice.files};
}

void finish(const Record& record, const fs::path& folder, const fs::path& target) {
    putInPlace(record.isFolder ? folder / kFiles : folder / kFiles / lastPart(record.files[0].path), target);
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}

} // namespace

DownloadReport downloadModel(const DownloadRequest& request, const ProgressFn& progress, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    const std::string hub = hubAddress(request.access.address);
    const HubName name = parseHubName(request.name, hub);
    const fs::path models = folderOr(request.folder);
    Http http(hub, request.access);

    Record record;
    const bool known =
        !request.choice.empty() && request.choice.find('/') == std::string::npos &&
        continues(models / kDownloads / idOf(name, request.choice), hub, name.owner + "/" + name.model, record);
    if (!known) record = newRecord(http, name, hub, request.choice, stop);
    const fs::path folder = models / kDownloads / idOf(name, record.choice);
    const fs::path target = models / name.owner / record.choice;
    AtomicFile::refuseExisting(target);

    makeFolder(folder / kFiles);
    const UniqueFd locked = lock(folder);
    if (Record older; !known && !(continues(folder, hub, record.name, older) && older.revision == record.revision)) {
        std::error_code ignored; // parts of another revision do not fit
        fs::remove_all(folder / kFiles, ignored);
        makeFolder(folder / kFiles);
        writeTextFile(folder / kRecord, toJson(record).dump());
    }
    DownloadReport report{target, bytesOf(record.files), arrived(record, folder), 0};
    checkDisk(folder, report.bytes - report.continuedAt);
    ProgressMeter meter(progress, stop, "Downloading", double(report.bytes));
    meter.startAt(double(report.continuedAt));
    Download(http, record, folder, request.retrySeconds).run(meter, stop);
    meter.finish(); // the last moment to stop
    finish(record, folder, target);
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

std::vector<UnfinishedDownload> listDownloads(const fs::path& models) {
    std::vector<UnfinishedDownload> found;
    std::error_code error;
    for (fs::directory_iterator it(folderOr(models) / kDownloads, error), end; !error && it != end;
         it.increment(error)) {
        try {
            const Record record = readRecord(it->path());
            found.push_back({it->path().filename().string(), record.name, record.choice, record.hub,
                             bytesOf(record.files), arrived(record, it->path())});
        } catch (const Error&) {
            continue; // killed before it had begun
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return found;
}

void discardDownload(const fs::path& models, const std::string& id) {
    checkHubPath(id);
    const fs::path folder = folderOr(models) / kDownloads / id;
    std::error_code error;
    if (id.find('/') != std::string::npos || !fs::is_directory(fs::symlink_status(folder, error)))
        throw Error(ErrorKind::NotFound, "There is no such download.", printable(folder.string()));
    const UniqueFd locked = lock(folder);
    fs::remove_all(folder, error);
    if (error) throw Error(ErrorKind::Io, "The download cannot be removed.", pathAndErrno(folder, error.value()));
}

} // namespace nibble
