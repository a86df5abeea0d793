// Two ways to be invisible until whole. Where the file system can (ext4, xfs, btrfs, tmpfs) the file has no name at all
// (O_TMPFILE) and gets one in commit(). Elsewhere it is a hidden file ".NAME.*.partial" beside the target, locked with
// flock while its writer lives, so that the next AtomicFile for the same target can tell a leftover from work in
// progress.
#include <algorithm>
#include <atomic>
#include <base/atomic_file.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <nibble/error.h>
#include <string>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace nibble {

namespace fs = std::filesystem;

namespace {

constexpr ssize_t kWriteBehindBytes = 1 << 20;

constexpr std::string_view kPartialSuffix = ".partial";

std::string shownName(const fs::path& path) { return printable(path.filename().string()); }

std::string partialPrefix(const fs::path& target) {
    return format(".%.200s.", target.filename().c_str()); // file names end at 255 bytes
}

fs::path newPartialName(const fs::path& target) {
    static std::atomic<unsigned> counter{0};
    return target.parent_path() /
           (partialPrefix(target) + format("%d-%u", int(::getpid()), counter++) + std::string(kPartialSuffix));
}

/// Removes what a killed process left of an earlier attempt at the same target. Never fails.
void removeLeftovers(const fs::path& target) {
    std::error_code ignored;
    const std::string prefix = partialPrefix(target);
    for (fs::directory_iterator it(target.parent_path(), ignored), end; it != end; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (!name.starts_with(prefix) || !name.ends_with(kPartialSuffix)) continue;
        const UniqueFd fd(::open(it->path().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
        if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(it->path().c_str());
    }
}

[[noreturn]] void throwExists(const fs::path& target) {
    throw Error(ErrorKind::BadRequest, "The file " + shownName(target) + " exists already.",
                printable(target.string(), 1000), "Choose another name, or allow it to be replaced.");
}

[[noreturn]] void throwCannotCreate(const fs::path& target, int error) {
    const std::string folder = printable(target.parent_path().string(), 1000);
    const std::string detail = pathAndErrno(target, error);
    if (error == ENOENT || error == ENOTDIR)
        throw Error(ErrorKind::NotFound, "The folder " + folder + " does not exist.", detail,
                    "Create the folder first, or choose another one.");
    if (error == EACCES || error == EPERM || error == EROFS)
        throw Error(ErrorKind::Io, "Nothing may be written into the folder " + folder + ".", detail,
                    "Choose another folder, or make this one writable.");
    if (error == ENOSPC || error == EDQUOT)
        throw Error(ErrorKind::NoSpace, "The disk is full.", detail, "Free some space, or choose another disk.");
    throw Error(ErrorKind::Io, "The file " + shownName(target) + " could not be created.", detail,
                "Choose another name or folder.");
}

} // namespace

struct AtomicFile::Impl {
    fs::path target;
    fs::path partial; // empty while the file has no name
    UniqueFd fd;
    uint64_t expectedBytes = 0, position = 0, size = 0;
    bool replace = true, keep = false; // the partial file, where this is destroyed

    Impl(fs::path path, uint64_t expected, bool mayReplace)
        : target(std::move(path)), expectedBytes(expected), replace(mayReplace) {}

    ~Impl() {
        if (!partial.empty() && !keep) ::unlink(partial.c_str());
    }

    uint64_t freeBytes() const {
        struct statvfs disk {};
        if (::statvfs(target.parent_path().c_str(), &disk) != 0) return UINT64_MAX; // unknown: writing will tell
        return uint64_t(disk.f_bavail) * disk.f_frsize;
    }

    [[noreturn]] void throwFull(int error) const {
        const uint64_t missing = std::max(expectedBytes, size) - std::min(expectedBytes, size);
        const uint64_t available = freeBytes();
        const std::string lack =
            missing > available ? " " + humanBytes(missing - available) + " are missing." : std::string();
        throw Error(ErrorKind::NoSpace, "The disk is full." + lack, pathAndErrno(target, error),
                    "Free some space, or choose another disk.");
    }

    [[noreturn]] void throwFailed(int error) const {
        if (error == ENOSPC || error == EDQUOT) throwFull(error);
        if (error == EFBIG)
            throw Error(
                ErrorKind::NoSpace, "This disk or account cannot hold a file that large.", pathAndErrno(target, error),
                "Choose another disk. USB sticks formatted as FAT32 end at 4 GB; format them as exFAT or ext4.");
        throw Error(ErrorKind::Io, "Writing " + shownName(target) + " failed.", pathAndErrno(target, error),
                    "Check that the disk is connected and healthy.");
    }

    void open(bool unnamed) {
        // linkat() by descriptor goes through /proc: without it a file without a name could never get one.
        if (unnamed && ::access("/proc/self/fd", X_OK) == 0)
            fd = UniqueFd(::open(target.parent_path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
        if (fd) return;
        const fs::path name = newPartialName(target);
        fd = UniqueFd(::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666));
        if (!fd) throwCannotCreate(target, errno);
        partial = name;
        ::flock(fd.get(), LOCK_EX | LOCK_NB); // a file system without locks only loses the clean-up after a kill
    }

    void openAgain(const Continued& continued) {
        fd = UniqueFd(::open(continued.partial.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666));
        if (!fd) throwCannotCreate(target, errno);
        partial = continued.partial;
        keep = true;
        if (::ftruncate(fd.get(), off_t(continued.kept)) != 0) throwFailed(errno);
        position = size = continued.kept;
    }

    void write(uint64_t offset, std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::pwrite(fd.get(), bytes.data(), bytes.size(), off_t(offset));
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throwFailed(errno);
            if (n == 0) throwFull(ENOSPC);
            // The disk may start on large pieces at once: commit() then waits for the last of them only. A hint.
            if (n >= kWriteBehindBytes) ::sync_file_range(fd.get(), off_t(offset), n, SYNC_FILE_RANGE_WRITE);
            bytes = bytes.subspan(std::size_t(n));
            offset += uint64_t(n);
            size = std::max(size, offset);
        }
    }

    /// Gives a file without a name one: the target's where it is free, else that of a partial file.
    void giveName() {
        const std::string self = format("/proc/self/fd/%d", fd.get());
        const auto linkTo = [&](const fs::path& name) {
            return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
        };
        if (linkTo(target)) return;
        if (errno != EEXIST) throwFailed(errno);
        if (!replace) throwExists(target);
        const fs::path name = newPartialName(target);
        if (!linkTo(name)) throwFailed(errno);
        partial = name;
    }

    void renamePartial() {
        if (!replace) {
            // Atomic where the file system knows it; elsewhere a look before is the best there is.
            if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0)
                return partial.clear();
            if (errno == EEXIST || ::access(target.c_str(), F_OK) == 0) throwExists(target);
        }
        if (::rename(partial.c_str(), target.c_str()) != 0) throwFailed(errno);
        partial.clear();
    }
};

void AtomicFile::refuseExisting(const fs::path& target) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(target, ignored))) throwExists(target);
}

void AtomicFile::checkTarget(fs::path target, uint64_t expectedBytes, bool replace) {
    if (target.filename().empty())
        throw Error(ErrorKind::BadRequest, "The output needs a file name.", printable(target.string(), 1000));
    std::error_code ignored;
    if (!target.has_parent_path()) target = fs::path(".") / target;
    if (fs::is_directory(target, ignored))
        throw Error(ErrorKind::BadRequest, shownName(target) + " is a folder.", printable(target.string(), 1000),
                    "Choose a file name inside it.");
    if (!replace) refuseExisting(target);
    m_impl = std::make_unique<Impl>(std::move(target), expectedBytes, replace);
    removeLeftovers(m_impl->target);
}

AtomicFile::AtomicFile(fs::path target, uint64_t expectedBytes, bool replace, bool unnamed) {
    checkTarget(std::move(target), expectedBytes, replace);
    if (expectedBytes > m_impl->freeBytes()) m_impl->throwFull(ENOSPC);
    m_impl->open(unnamed);
}

AtomicFile::AtomicFile(fs::path target, uint64_t expectedBytes, bool replace, const Continued& continued) {
    checkTarget(std::move(target), expectedBytes, replace);
    m_impl->openAgain(continued);
    if (expectedBytes > m_impl->size && expectedBytes - m_impl->size > m_impl->freeBytes()) m_impl->throwFull(ENOSPC);
}

AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::span<const std::byte> bytes) {
    m_impl->write(m_impl->position, bytes);
    m_impl->position += bytes.size();
}

void AtomicFile::writeAt(uint64_t offset, std::span<const std::byte> bytes) { m_impl->write(offset, bytes); }

uint64_t AtomicFile::size() const { return m_impl->size; }

void AtomicFile::commit() {
    if (::fsync(m_impl->fd.get()) != 0) m_impl->throwFailed(errno);
    if (m_impl->partial.empty()) m_impl->giveName();
    if (!m_impl->partial.empty()) m_impl->renamePartial();
    // The name itself must survive a power cut. Some network file systems cannot: not worth failing for.
    const UniqueFd folder(::open(m_impl->target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(folder.get());
}

void writeTextFile(const fs::path& target, std::string_view text) {
    AtomicFile file(target);
    file.write(std::as_bytes(std::span(text)));
    file.commit();
}

} // namespace nibble
