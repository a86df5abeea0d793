#include <algorithm>
#include <array>
#include <base/checksum.h>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <future>
#include <map>
#include <quantize/chunks.h>
#include <quantize/knowledge.h>
#include <quantize/quantize.h>
#include <quantize/unfinished_job.h>

namespace nibble {

namespace {

/// Of the tensors in work, found when their first row comes up.
class KnowledgeCache {
public:
    KnowledgeCache(const ModelSource& source, const QuantizeJob& job, const Learned& learned, ThreadPool& pool)
        : m_source(source), m_job(job), m_learned(learned), m_pool(pool) {}

    void prepare(const Chunk& chunk) {
        m_values.erase(m_values.begin(), m_values.lower_bound(chunk.spans.front().tensor));
        for (const RowSpan& span : chunk.spans)
            if (!m_values.contains(span.tensor)) m_values[span.tensor] = find(span.tensor);
    }
    const Knowledge& of(std::size_t tensor) const { return m_values.at(tensor); }

private:
    Knowledge find(std::size_t tensor) const {
        return knowledgeOf(m_source, tensor, format(m_job.choices[tensor].format), m_learned, m_pool);
    }

    const ModelSource& m_source;
    const QuantizeJob& m_job;
    const Learned& m_learned;
    ThreadPool& m_pool;
    std::map<std::size_t, Knowledge> m_values;
};

/// Converts rows [begin, end) of a chunk, counted over all its spans.
void convertRows(const ModelSource& source, const QuantizeJob& job, const KnowledgeCache& knowledge, const Chunk& chunk,
                 int64_t begin, int64_t end, std::byte* out, std::vector<float>& scratch) {
    int64_t first = 0; // of the span, in the chunk's count
    for (const RowSpan& span : chunk.spans) {
        const int64_t from = std::max<int64_t>(begin - first, 0), until = std::min(end - first, span.rows);
        if (from < until) {
            const WeightRows& tensor = source.tensors()[span.tensor];
            const Format& to = format(job.choices[span.tensor].format);
            encodeRows(tensor, span.plane, span.row + from, span.row + until, to, knowledge.of(span.tensor),
                       out + span.offset + uint64_t(from) * to.rowBytes(tensor.cols), scratch);
        }
        first += span.rows;
        if (first >= end) return;
    }
}

bool roundsWeights(const ModelSource& source, const QuantizeJob& job) {
    for (std::size_t t = 0; t < job.choices.size(); ++t) {
        const FormatId to = job.choices[t].format;
        if (to != source.tensors()[t].format && format(to).codeBits != 0) return true;
    }
    return false;
}

/// Writes chunk after chunk, and notes which tensors are finished where the job is one that can be continued.
class ChunkWriter {
public:
    ChunkWriter(GgufWriter& writer, const QuantizeJob& job, UnfinishedJob* unfinished)
        : m_writer(writer), m_job(job), m_unfinished(unfinished) {}

    void write(const Chunk& chunk, const std::vector<std::byte>& bytes) {
        for (const RowSpan& span : chunk.spans) {
            const auto& tensor = m_job.tensors[span.tensor];
            const uint64_t size = format(tensor.format).rowBytes(tensor.shape[0]) * uint64_t(span.rows);
            const auto part = std::span(bytes).subspan(span.offset, size);
            m_writer.write(part);
            if (!m_unfinished) continue;
            m_checksum.add(part);
            m_done += size;
            if (m_done < m_job.plan.tensors[span.tensor].bytesAfter) continue;
            m_unfinished->finishTensor(span.tensor, m_checksum.value());
            m_checksum = {};
            m_done = 0;
        }
    }

private:
    GgufWriter& m_writer;
    const QuantizeJob& m_job;
    UnfinishedJob* m_unfinished;
    Checksum m_checksum; // of the tensor that is being written
    uint64_t m_done = 0; // bytes of it
};

/// Where to go on; nothing for a job that leaves no traces.
std::optional<GgufWriter::Continued> findWhereToGoOn(const QuantizeJob& job, UnfinishedJob* unfinished,
                                                     const ProgressFn& progress, const std::stop_token& stop) {
    if (!unfinished) return std::nullopt;
    const GgufWriter::Layout layout = GgufWriter::layoutOf(job.metadata, job.tensors);
    ProgressMeter meter(progress, stop, "Checking what is finished", double(layout.fileBytes()));
    return unfinished->check(layout, meter);
}

} // namespace

std::size_t runJob(const ModelSource& source, const QuantizeJob& job, const Learned& learned,
                   const std::filesystem::path& output, bool overwrite, ThreadPool& pool, const ProgressFn& progress,
                   std::stop_token stop, UnfinishedJob* unfinished) {
    const std::optional<GgufWriter::Continued> continued = findWhereToGoOn(job, unfinished, progress, stop);
    const std::size_t first = continued ? continued->tensors : 0;
    int64_t elements = 0, done = 0;
    for (const WeightRows& tensor : source.tensors()) elements += tensor.elements();
    for (const WeightRows& tensor : source.tensors().first(first)) done += tensor.elements();
    ProgressMeter meter(progress, stop, roundsWeights(source, job) ? "Making smaller" : "Converting", double(elements));
    meter.startAt(double(done));

    GgufWriter writer(output, job.metadata, job.tensors, overwrite, continued);
    ChunkWriter chunkWriter(writer, job, unfinished);
    std::vector<std::vector<float>> scratch(std::size_t(pool.size()));
    // One buffer is written while the other is filled. `writing` comes last: its destructor waits for the buffers.
    std::array<std::vector<std::byte>, 2> buffers;
    std::array<Chunk, 2> chunks;
    std::future<void> writing;
    ChunkCursor cursor(source, job.choices, first);
    KnowledgeCache knowledge(source, job, learned, pool);
    for (std::size_t turn = 0; cursor.next(chunks[turn]); turn = 1 - turn) {
        const Chunk& chunk = chunks[turn];
        std::vector<std::byte>& buffer = buffers[turn];
        buffer.resize(chunk.bytes);
        knowledge.prepare(chunk);
        const int64_t grain = std::max<int64_t>(ErrorFeedback::kRows, chunk.rows / (8 * pool.size()));
        pool.forEach(chunk.rows, grain, [&](int64_t begin, int64_t end, int worker) {
            if (stop.stop_requested()) return;
            convertRows(source, job, knowledge, chunk, begin, end, buffer.data(), scratch[std::size_t(worker)]);
        });
        throwIfStopped(stop);
        if (writing.valid()) writing.get();
        writing = std::async(std::launch::async, [&, turn] { chunkWriter.write(chunks[turn], buffers[turn]); });
        done += chunk.elements;
        meter.update(double(done), job.tensors[chunk.spans.back().tensor].name);
    }
    if (writing.valid()) writing.get();
    source.check(); // a source that changed under our hands makes the result worthless
    meter.finish();
    writer.commit();
    return first;
}

} // namespace nibble
