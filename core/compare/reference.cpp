#include <algorithm>
#include <base/text.h>
#include <base/unix_file.h>
#include <cassert>
#include <cerrno>
#include <compare/reference.h>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <nibble/error.h>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace nibble {

namespace {

class ExactReference final : public Reference {
public:
    ExactReference(int64_t rows, int32_t vocabSize)
        : m_rows(rows), m_vocabSize(vocabSize), m_logits(std::size_t(rows) * std::size_t(vocabSize)) {}

    void store(int64_t row, std::span<const float> logits, int32_t) override {
        assert(logits.size() == std::size_t(m_vocabSize));
        std::copy(logits.begin(), logits.end(), m_logits.begin() + (row % m_rows) * m_vocabSize);
    }

    RowScore score(int64_t row, std::span<const float> logits, int32_t target) const override {
        const std::span<const float> all(m_logits);
        return scoreRows(all.subspan(std::size_t(row % m_rows) * std::size_t(m_vocabSize), std::size_t(m_vocabSize)),
                         logits, target);
    }

private:
    int64_t m_rows;
    int32_t m_vocabSize;
    std::vector<float> m_logits;
};

static_assert(std::is_trivially_copyable_v<RowSummary>); // written and read as it lies in memory

/// A file without a name in `folder`, or an invalid descriptor with errno set.
UniqueFd namelessFile(const std::filesystem::path& folder) {
    UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd.get() >= 0) return fd;
    std::string name = (folder / "nibble-XXXXXX").string(); // file systems without unnamed files
    fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    if (fd.get() >= 0) ::unlink(name.c_str());
    return fd;
}

class StoredReference final : public Reference {
public:
    StoredReference() {
        const char* chosen = std::getenv("TMPDIR");
        m_folder = chosen && *chosen ? chosen : "/var/tmp"; // /tmp is memory on many systems
        m_file = namelessFile(m_folder);
        if (m_file.get() < 0)
            throw Error(ErrorKind::Io, "A temporary file could not be made.", pathAndErrno(m_folder, errno),
                        "Set the environment variable TMPDIR to a folder that can be written.");
    }

    void store(int64_t row, std::span<const float> logits, int32_t target) override {
        const RowSummary summary = summarizeRow(logits, target);
        const char* bytes = reinterpret_cast<const char*>(&summary);
        std::size_t done = 0;
        while (done < sizeof summary) {
            const ssize_t n = ::pwrite(m_file.get(), bytes + done, sizeof summary - done, offsetOf(row) + off_t(done));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                throw Error(errno == ENOSPC ? ErrorKind::NoSpace : ErrorKind::Io,
                            "The temporary file could not be written.", pathAndErrno(m_folder, errno),
                            "Make room on the disk, or set TMPDIR to a folder on another one.");
            done += std::size_t(n);
        }
    }

    RowScore score(int64_t row, std::span<const float> logits, int32_t target) const override {
        RowSummary summary;
        char* bytes = reinterpret_cast<char*>(&summary);
        std::size_t done = 0;
        while (done < sizeof summary) {
            const ssize_t n = ::pread(m_file.get(), bytes + done, sizeof summary - done, offsetOf(row) + off_t(done));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0)
                throw Error(ErrorKind::Io, "The temporary file could not be read.", pathAndErrno(m_folder, errno));
            done += std::size_t(n);
        }
        return scoreSummary(summary, logits, target);
    }

private:
    static off_t offsetOf(int64_t row) { return off_t(row) * off_t(sizeof(RowSummary)); }

    std::filesystem::path m_folder;
    UniqueFd m_file;
};

} // namespace

std::unique_ptr<Reference> makeExactReference(int64_t rows, int32_t vocabSize) {
    return std::make_unique<ExactReference>(rows, vocabSize);
}

std::unique_ptr<Reference> makeStoredReference() { return std::make_unique<StoredReference>(); }

} // namespace nibble
