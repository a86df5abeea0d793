#include <quantize/unfinished_job.h>

#include <algorithm>
#include <base/atomic_file.h>
#include <base/checksum.h>
#include <base/text.h>
#include <cctype>
#include <charconv>
#include <chrono>
#include <compute/backend.h>
#include <cstring>
#include <fcntl.h>
#include <files/json_file.h>
#include <nibble/error.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace nibble {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::string_view kSuffix = ".unfinished";
constexpr const char *kJob = "job.json", *kModel = "model.gguf", *kTensors = "tensors",
                     *kImportance = "importance.gguf", *kFormats = "formats.json", *kFolder = "folder";
constexpr uint64_t kLongestJson = 16 << 20, kLongestJournal = 64 << 20;

fs::path folderFor(const fs::path& target) {
    const fs::path whole = fs::absolute(target).lexically_normal();
    return whole.parent_path() / format(".%.200s%s", whole.filename().c_str(), kSuffix.data()); // names end at 255
}

json stateOf(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return nullptr;
    return {fs::absolute(file).lexically_normal().string(), uint64_t(status.st_size),
            int64_t(status.st_mtim.tv_sec) * 1000000000 + status.st_mtim.tv_nsec};
}

/// "model-00001-of-00003.gguf" without the part's number; the name itself where it has none.
std::string withoutPart(const std::string& name) {
    const std::size_t of = name.rfind("-of-");
    if (of == std::string::npos || of < 6 || name[of - 6] != '-') return name;
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    if (!std::all_of(name.begin() + std::ptrdiff_t(of - 5), name.begin() + std::ptrdiff_t(of), digit)) return name;
    return name.substr(0, of - 5) + name.substr(of);
}

/// All files that belong to a source: those of its folder, or the parts of its GGUF file.
json filesOf(const ModelSource& source) {
    const fs::path path = fs::absolute(source.path());
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder ? path : path.parent_path(), ignored), end; it != end; it.increment(ignored))
        if (it->is_regular_file(ignored) &&
            (folder || withoutPart(it->path().filename().string()) == withoutPart(path.filename().string())))
            files.push_back(it->path());
    std::ranges::sort(files);
    json states = json::array();
    for (const fs::path& file : files) states.push_back(stateOf(file));
    return states;
}

/// The journal's lines, as far as they are whole and in order.
std::vector<uint64_t> checksumsIn(const fs::path& journal) {
    std::vector<uint64_t> checksums;
    std::string text;
    try {
        text = readTextFile(journal, kLongestJournal);
    } catch (const Error&) {
        return {};
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) break; // the kill came while it was written
        const char* const last = text.data() + end;
        std::size_t tensor = 0;
        uint64_t checksum = 0;
        const auto number = std::from_chars(text.data() + at, last, tensor);
        if (number.ec != std::errc() || tensor != checksums.size() || number.ptr == last || *number.ptr != ' ') break;
        const auto sum = std::from_chars(number.ptr + 1, last, checksum, 16);
        if (sum.ec != std::errc() || sum.ptr != last) break;
        checksums.push_back(checksum);
        at = end + 1;
    }
    return checksums;
}

std::string journalLine(std::size_t tensor, uint64_t checksum) {
    return format("%zu %016llx\n", tensor, static_cast<unsigned long long>(checksum));
}

bool holds(const fs::path& folder, const json& identity) {
    try {
        return readJsonObject(folder / kJob, kLongestJson) == identity;
    } catch (const Error&) {
        return false; // none, or damaged by a power cut
    }
}

/// The folder, locked until the descriptor is closed. None, and errno EWOULDBLOCK, where somebody else holds it.
UniqueFd lockOf(const fs::path& folder) {
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    // A file system without locks only loses this protection.
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        fd = UniqueFd();
        errno = EWOULDBLOCK; // closing may have changed it
    }
    return fd;
}

[[noreturn]] void throwBusy(const fs::path& target) {
    throw Error(ErrorKind::BadRequest, "Another job is writing this file at the moment.",
                printable(target.string(), 1000), "Wait until it has ended, or choose another name.");
}

/// Whether an identity is that of a plain job, as UnfinishedQuantize says.
bool isPlain(const json& job) {
    return job.at("size") == 0 && job.at("sizeOf") == "" && job.at("scales").is_null() &&
           job.at("importance").is_null() && job.at("sampleTokens") == CalibrationOptions().tokens;
}

/// The path of what stateOf() said; empty for null.
std::string pathOf(const json& state) { return state.is_null() ? std::string() : state.at(0).get<std::string>(); }

} // namespace

json identityOf(const ModelSource& source, const QuantizeOptions& options) {
    const bool like = !options.size.asFile.empty(), text = !options.calibration.text.empty();
    return {{"version", NIBBLE_VERSION},
            {"kernels", cpuLevelName(bestCpuLevel())},
            {"output", fs::absolute(options.output).lexically_normal().string()},
            {"source", fs::absolute(options.source).lexically_normal().string()},
            {"files", filesOf(source)},
            {"tensors", source.tensors().size()},
            {"recipe", options.size.given() ? std::string() : options.recipe}, // which then says nothing
            {"size", options.size.bytes},
            {"sizeOf", options.size.ofRecipe},
            {"formatsOf", like ? stateOf(options.size.asFile) : json()},
            {"finerLayers", options.size.finerLayers},
            {"care", kCareNames[std::size_t(options.care)]},
            {"scales", options.scales ? json(*options.scales) : json()},
            {"sampleText", text ? stateOf(options.calibration.text) : json()},
            {"sampleTokens", options.calibration.tokens},
            {"importance", options.importance.empty() ? json() : stateOf(options.importance)}};
}

int32_t finishedTensorsOf(const fs::path& target, const json& identity) {
    const fs::path folder = folderFor(target);
    return holds(folder, identity) ? int32_t(checksumsIn(folder / kTensors).size()) : 0;
}

UnfinishedJob::UnfinishedJob(fs::path folder, UniqueFd lock) : m_folder(std::move(folder)), m_lock(std::move(lock)) {}

std::vector<UnfinishedQuantize> listUnfinished(const fs::path& folder) {
    std::vector<UnfinishedQuantize> jobs;
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (!name.starts_with('.') || !name.ends_with(kSuffix) || !it->is_directory(ignored)) continue;
        if (!lockOf(it->path())) continue; // it runs
        try {
            const json job = readJsonObject(it->path() / kJob, kLongestJson);
            jobs.push_back({job.at("output").get<std::string>(), job.at("source").get<std::string>(),
                            pathOf(job.at("sampleText")), job.at("recipe").get<std::string>(),
                            job.at("care").get<std::string>(), job.at("sizeOf").get<std::string>(),
                            job.at("size").get<uint64_t>(), pathOf(job.at("formatsOf")),
                            job.at("finerLayers").get<std::vector<int32_t>>(), job.at("tensors").get<int32_t>(),
                            int32_t(checksumsIn(it->path() / kTensors).size()), isPlain(job)});
            if (folderFor(jobs.back().output) != fs::absolute(it->path()).lexically_normal()) jobs.pop_back(); // moved
        } catch (const Error&) { // nothing that can be continued
        } catch (const json::exception&) {
        }
    }
    std::ranges::sort(jobs, {}, &UnfinishedQuantize::output);
    return jobs;
}

void discardUnfinished(const fs::path& output) {
    const fs::path folder = folderFor(output);
    std::error_code ignored;
    if (!fs::is_directory(fs::symlink_status(folder, ignored)))
        throw Error(ErrorKind::NotFound, "There is no unfinished work for this file.",
                    printable(output.string(), 1000));
    const UniqueFd lock = lockOf(folder);
    if (!lock) throwBusy(output);
    fs::remove_all(folder, ignored);
}

std::unique_ptr<UnfinishedJob> UnfinishedJob::open(const fs::path& target, const json& identity) {
    const fs::path folder = folderFor(target);
    for (int busy = 0;;) {
        if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return nullptr;
        UniqueFd lock = lockOf(folder);
        if (!lock) {
            if (errno == ENOENT) continue; // another job has just removed it
            if (errno != EWOULDBLOCK) return nullptr;
            if (++busy > 5) throwBusy(target);
            std::this_thread::sleep_for(std::chrono::milliseconds(20)); // perhaps somebody only looks (listUnfinished)
            continue;
        }
        struct stat locked {
        }, there{};
        if (::fstat(lock.get(), &locked) != 0 || ::lstat(folder.c_str(), &there) != 0 ||
            locked.st_ino != there.st_ino || locked.st_dev != there.st_dev)
            continue; // the one that we locked was removed in between
        std::unique_ptr<UnfinishedJob> job(new UnfinishedJob(folder, std::move(lock)));
        if (!holds(folder, identity)) job->startAnew(identity);
        return job;
    }
}

UnfinishedJob::~UnfinishedJob() {
    std::error_code ignored; // leftovers are found again
    if (!m_keep) fs::remove_all(m_folder, ignored);
}

void UnfinishedJob::startAnew(const json& identity) {
    std::error_code ignored;
    for (const char* old : {kJob, kTensors, kModel, kImportance, kFormats}) fs::remove(m_folder / old, ignored);
    fs::remove_all(m_folder / kFolder, ignored);
    writeTextFile(m_folder / kJob, identity.dump());
}

std::optional<ImportanceMatrix> UnfinishedJob::importance() const {
    try {
        return readImportanceMatrix(m_folder / kImportance);
    } catch (const Error&) {
        return std::nullopt; // not measured yet
    }
}

ImportanceMatrix UnfinishedJob::keepImportance(const ImportanceMatrix& matrix) const {
    writeImportanceMatrix(matrix, m_folder / kImportance, true);
    return readImportanceMatrix(m_folder / kImportance);
}

std::optional<Mixture> UnfinishedJob::mixture(const ModelSource& source) const {
    try {
        const json kept = readJsonObject(m_folder / kFormats, kLongestJson);
        Mixture mixture;
        for (const json& id : kept.at("formats")) {
            const Format* known = findFormat(id.get<uint32_t>());
            if (!known) return std::nullopt;
            mixture.formats.push_back(known->id);
        }
        mixture.costs = kept.at("costs").get<std::vector<double>>();
        mixture.divergence = kept.at("divergence").get<double>();
        const std::size_t n = source.tensors().size();
        if (mixture.formats.size() != n || mixture.costs.size() != n) return std::nullopt;
        for (std::size_t t = 0; t < n; ++t)
            if (std::ranges::count(formatsFor(source, source.tensors()[t]), mixture.formats[t]) == 0)
                return std::nullopt;
        return mixture;
    } catch (const Error&) {
        return std::nullopt; // not measured yet
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void UnfinishedJob::keepMixture(const Mixture& mixture) const {
    json ids = json::array();
    for (const FormatId id : mixture.formats) ids.push_back(uint32_t(id));
    const json kept = {{"formats", ids}, {"costs", mixture.costs}, {"divergence", mixture.divergence.value_or(0)}};
    writeTextFile(m_folder / kFormats, kept.dump());
}

GgufWriter::Continued UnfinishedJob::check(const GgufWriter::Layout& layout, ProgressMeter& meter) {
    GgufWriter::Continued where{m_folder / kModel, 0};
    std::vector<uint64_t> checksums = checksumsIn(m_folder / kTensors);
    checksums.resize(std::min(checksums.size(), layout.tensors.size()));
    const UniqueFd fd(::open(where.partial.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::vector<std::byte> buffer;
    const auto read = [&](uint64_t offset, std::size_t size) { // false where the file ends earlier
        buffer.resize(size);
        return bool(fd) && ::pread(fd.get(), buffer.data(), size, off_t(offset)) == ssize_t(size);
    };
    constexpr uint64_t kPiece = 8 << 20;
    const auto undamaged = [&](std::size_t tensor) {
        const auto& [begin, bytes, end] = layout.tensors[tensor];
        Checksum checksum;
        for (uint64_t at = begin; at < begin + bytes; at += kPiece) {
            if (!read(at, std::size_t(std::min(kPiece, begin + bytes - at)))) return false;
            checksum.add(buffer);
            meter.update(double(at));
        }
        return checksum.value() == checksums[tensor] && (end == begin + bytes || read(end - 1, 1));
    };
    if (read(0, layout.header.size()) && std::memcmp(buffer.data(), layout.header.data(), buffer.size()) == 0)
        while (where.tensors < checksums.size() && undamaged(where.tensors)) ++where.tensors;

    // The journal is cut to what holds, and written on from there.
    std::string lines;
    for (std::size_t t = 0; t < where.tensors; ++t) lines += journalLine(t, checksums[t]);
    writeTextFile(m_folder / kTensors, lines);
    m_journal = UniqueFd(::open((m_folder / kTensors).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    return where;
}

void UnfinishedJob::finishTensor(std::size_t tensor, uint64_t checksum) {
    const std::string line = journalLine(tensor, checksum);
    if (m_journal && ::write(m_journal.get(), line.data(), line.size()) != ssize_t(line.size()))
        m_journal = UniqueFd(); // the disk is full, as writing the file will say: no more lines behind half a one
}

fs::path UnfinishedJob::emptyFolder() const {
    const fs::path folder = m_folder / kFolder;
    std::error_code ignored, error;
    fs::remove_all(folder, ignored);
    if (!fs::create_directory(folder, error))
        throw Error(ErrorKind::Io, "The folder cannot be made.", pathAndErrno(folder, error.value()));
    return folder;
}

void UnfinishedJob::commitFolder(const fs::path& target) const {
    std::error_code error;
    AtomicFile::refuseExisting(target); // else an empty folder that has come in between would be replaced
    fs::rename(m_folder / kFolder, target, error);
    if (error)
        throw Error(ErrorKind::Io, "The folder cannot be put in its place.", pathAndErrno(target, error.value()));
    const UniqueFd parent(::open(fs::absolute(target).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent) ::fsync(parent.get());
}

} // namespace nibble
