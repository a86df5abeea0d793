// Read-only memory mapping of a file that may be hostile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace nibble {

/// Maps a whole file read-only. A file that is shrunk by somebody while it is mapped does not crash the process: the
/// lost pages read as zeros and check() throws from then on, so every verb calls check() before it believes a result.
class MappedFile {
public:
    /// Throws Error{NotFound, Io} naming the path. An empty file maps to an empty span.
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return m_bytes; }
    const std::filesystem::path& path() const { return m_path; }
    /// Throws Error{BadFile} where the file was shrunk, or its size or modification time changed, since it was opened.
    void check() const;
    /// Tells the kernel that these bytes will be read soon / are not needed for now. Only hints.
    void willNeed(std::size_t offset, std::size_t size) const;
    void dontNeed(std::size_t offset, std::size_t size) const;

private:
    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace nibble
