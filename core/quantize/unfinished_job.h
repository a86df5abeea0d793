// What a job keeps beside its target while it works, so that it can be continued after a kill or a power cut: a hidden
// folder ".NAME.unfinished" with
//
//     job.json          what the job is: one of other options or of a changed source starts anew
//     importance.gguf   what was learned from the text, once it is known
//     formats.json      which format each tensor gets, where that was measured
//     model.gguf        the file so far
//     tensors           a line for each finished tensor: its number and the checksum of its bytes
//     folder            instead of the last two, where a folder is written: begun anew each time
//
// A job holds a lock on the folder, so that two never write to the same target. Whatever else ends a job than a kill,
// the folder is removed. Rejected: a journal of chunks instead of tensors (error feedback works on whole tensors, and
// the largest takes seconds).
#pragma once

#include <base/progress.h>
#include <base/unix_file.h>
#include <cstdio>
#include <files/gguf.h>
#include <memory>
#include <models/model_source.h>
#include <nibble/quantize.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <quantize/mixture.h>

namespace nibble {

/// What two jobs have in common where one may continue the other: options that change the result, the program and its
/// kernels, and name, size and time of every file that is read. Also what a list of unfinished jobs shows.
nlohmann::json identityOf(const ModelSource& source, const QuantizeOptions& options);

/// How many tensors of such a job are finished in the folder beside its target; 0 where there is none, or another.
int32_t finishedTensorsOf(const std::filesystem::path& target, const nlohmann::json& identity);

class UnfinishedJob {
public:
    /// Finds the folder of this job or makes it, and locks it. Null where the target's folder cannot hold it (writing
    /// the target will then say why). Throws Error{BadRequest} where another job writes to the same target.
    static std::unique_ptr<UnfinishedJob> open(const std::filesystem::path& target, const nlohmann::json& identity);
    ~UnfinishedJob(); // removes the folder, unless keep() was called
    /// The folder stays, to be continued another time.
    void keep() { m_keep = true; }

    /// What was measured before the kill, if anything was.
    std::optional<ImportanceMatrix> importance() const;
    std::optional<Mixture> mixture(const ModelSource& source) const;
    /// Keep what is measured now; the importance as it will be read again, so that a job that is continued works with
    /// the same numbers as one that is not.
    ImportanceMatrix keepImportance(const ImportanceMatrix& matrix) const;
    void keepMixture(const Mixture& mixture) const;

    /// Looks which tensors of a file with this layout are finished and undamaged, and where to go on.
    GgufWriter::Continued check(const GgufWriter::Layout& layout, ProgressMeter& meter);
    /// To be called once all bytes of the next tensor are in the file.
    void finishTensor(std::size_t tensor, uint64_t checksum);

    /// An empty folder to fill, which lies on the same disk as the target.
    std::filesystem::path emptyFolder() const;
    /// Lets it appear as the target, which does not exist.
    void commitFolder(const std::filesystem::path& target) const;

private:
    UnfinishedJob(std::filesystem::path folder, UniqueFd lock);
    void startAnew(const nlohmann::json& identity);

    std::filesystem::path m_folder;
    UniqueFd m_lock;    // the folder itself
    UniqueFd m_journal; // "tensors", open for appending
    bool m_keep = false;
};

} // namespace nibble
