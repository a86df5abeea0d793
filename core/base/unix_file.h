// Opening files that may be anything: what text, mapped_file and atomic_file share.
#pragma once

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace nibble {

/// Owns a file descriptor.
class UniqueFd {
public:
    explicit UniqueFd(int fd = -1) : m_fd(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~UniqueFd();
    int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }

private:
    int m_fd;
};

/// Opens a regular file for reading and fills `status`. Throws Error{NotFound, Io} naming the path; a pipe or device
/// that would block forever is refused.
UniqueFd openForReading(const std::filesystem::path& path, struct stat& status);

/// "/path/to/file: No such file or directory" for the detail of an Error.
std::string pathAndErrno(const std::filesystem::path& path, int error);

} // namespace nibble
