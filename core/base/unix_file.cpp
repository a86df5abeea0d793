#include <base/text.h>
#include <base/unix_file.h>
#include <cerrno>
#include <fcntl.h>
#include <nibble/error.h>
#include <system_error>
#include <unistd.h>

namespace nibble {

UniqueFd::~UniqueFd() {
    if (m_fd >= 0) ::close(m_fd);
}

std::string pathAndErrno(const std::filesystem::path& path, int error) {
    return printable(path.string(), 1000) + ": " + std::generic_category().message(error);
}

UniqueFd openForReading(const std::filesystem::path& path, struct stat& status) {
    const std::string name = printable(path.filename().string());
    // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        const int error = errno;
        const std::string detail = pathAndErrno(path, error);
        if (error == ENOENT || error == ENOTDIR)
            throw Error(ErrorKind::NotFound, "The file " + name + " does not exist.", detail,
                        "Check the path, or choose the file again.");
        if (error == EACCES || error == EPERM)
            throw Error(ErrorKind::Io, "The file " + name + " may not be read.", detail,
                        "Ask its owner for permission to read it, or copy it to a folder of yours.");
        throw Error(ErrorKind::Io, "The file " + name + " could not be opened.", detail,
                    "Check that the disk is connected and the path is right.");
    }
    if (::fstat(fd.get(), &status) != 0)
        throw Error(ErrorKind::Io, "The file " + name + " could not be read.", pathAndErrno(path, errno));
    if (!S_ISREG(status.st_mode))
        throw Error(ErrorKind::Io, name + " is not a file.", printable(path.string(), 1000), "Choose a file.");
    return fd;
}

} // namespace nibble
