// Output files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace nibble {

/// Writes beside the target under a name nobody sees (unnamed where the file system can, so that even kill -9 leaves
/// nothing), then fsync and rename in commit(). Destroyed without commit: nothing remains and an older target is
/// untouched. Write errors throw Error{NoSpace} (disk full, with the bytes missing) or Error{Io}, naming the path.
class AtomicFile {
public:
    /// `expectedBytes` > 0: checks the free space first. `replace` false: an existing target is Error{BadRequest}.
    /// `unnamed` false: as on a file system that knows no files without a name; for tests.
    AtomicFile(std::filesystem::path target, uint64_t expectedBytes = 0, bool replace = true, bool unnamed = true);
    /// A file that is to survive a kill and be continued: until commit() it lies at `partial`, in a folder on the same
    /// disk, and stays there where this is destroyed without. What is there already is cut to its first `kept` bytes
    /// (it has as many), and write() goes on behind them.
    struct Continued {
        std::filesystem::path partial;
        uint64_t kept = 0;
    };
    AtomicFile(std::filesystem::path target, uint64_t expectedBytes, bool replace, const Continued& continued);
    ~AtomicFile();
    /// What the constructor checks where `replace` is false, for jobs that work long before they write.
    static void refuseExisting(const std::filesystem::path& target);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::byte> bytes);
    void writeAt(uint64_t offset, std::span<const std::byte> bytes);
    uint64_t size() const;
    void commit();

private:
    struct Impl;
    void checkTarget(std::filesystem::path target, uint64_t expectedBytes, bool replace);
    std::unique_ptr<Impl> m_impl;
};

/// Replaces what is there.
void writeTextFile(const std::filesystem::path& target, std::string_view text);

} // namespace nibble
