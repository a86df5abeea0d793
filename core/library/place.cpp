#include <base/atomic_file.h>
#include <base/text.h>
#include <base/unix_file.h>
#include <cstdio>
#include <fcntl.h>
#include <library/place.h>
#include <nibble/error.h>
#include <unistd.h>

namespace nibble {

namespace fs = std::filesystem;

namespace {
constexpr uint64_t kSpareBytes = 64 * 1000 * 1000; // that stay free on the disk
}

void makeFolder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw Error(ErrorKind::Io, "The folder cannot be made.", pathAndErrno(folder, error.value()),
                    "Choose another folder for models in the settings.");
}

void checkDisk(const fs::path& folder, uint64_t missing) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error || (missing < UINT64_MAX - kSpareBytes && space.available >= missing + kSpareBytes)) return;
    throw Error(ErrorKind::NoSpace,
                "The disk has too little room: " + humanBytes(missing) + " are needed, " + humanBytes(space.available) +
                    " are free.",
                printable(folder.string()), "Free some space, or choose another folder for models.");
}

void putInPlace(const fs::path& from, const fs::path& target) {
    makeFolder(target.parent_path());
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
        const int failure = errno;
        AtomicFile::refuseExisting(target);
        std::error_code error(failure, std::generic_category());
        if (failure == EINVAL || failure == ENOSYS) fs::rename(from, target, error); // a file system without the flag
        if (error)
            throw Error(ErrorKind::Io, "The model cannot be put in its place.", pathAndErrno(target, error.value()));
    }
    const UniqueFd parent(::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (parent) ::fsync(parent.get());
}

} // namespace nibble
