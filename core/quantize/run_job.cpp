#include <algorithm>
#include <array>
#include <base/progress.h>
#include <base/thread_pool.h>
#include <cstring>
#include <future>
#include <map>
#include <quantize/chunks.h>
#include <quantize/importance.h>
#include <quantize/importance_matrix.h>
#include <quantize/quantize.h>

namespace nibble {

namespace {

/// Turns one source row into one output row.
void convertRow(const WeightRows& tensor, const std::byte* row, const Format& to, const float* importance,
                std::byte* out, std::vector<float>& scratch) {
    if (to.id == tensor.format) {
        std::memcpy(out, row, to.rowBytes(tensor.cols));
        return;
    }
    scratch.resize(std::size_t(tensor.cols));
    format(tensor.format).decode(row, scratch.data(), tensor.cols);
    to.encode(scratch.data(), out, tensor.cols, importance);
}

/// The importance of the inputs of the tensors in work, found when their first row comes up: as measured, or what the
/// weights tell.
class ImportanceCache {
public:
    ImportanceCache(const ModelSource& source, const QuantizeJob& job, const ImportanceMatrix* measured,
                    ThreadPool& pool)
        : m_source(source), m_job(job), m_measured(measured), m_pool(pool) {}

    void prepare(const Chunk& chunk) {
        m_values.erase(m_values.begin(), m_values.lower_bound(chunk.spans.front().tensor));
        for (const RowSpan& span : chunk.spans)
            if (isCoarse(format(m_job.choices[span.tensor].format)) && !m_values.contains(span.tensor))
                m_values[span.tensor] = find(m_source.tensors()[span.tensor]);
    }
    /// One value a column, or null.
    const float* of(std::size_t tensor, int plane) const {
        const auto found = m_values.find(tensor);
        if (found == m_values.end() || found->second.empty()) return nullptr;
        return found->second.data() + plane * m_source.tensors()[tensor].cols;
    }

private:
    std::vector<float> find(const WeightRows& tensor) const {
        std::vector<float> values = m_measured ? m_measured->of(tensor) : std::vector<float>();
        return values.empty() ? inputImportance(m_source, tensor, m_pool) : values;
    }
    /// Eight bits are fine enough for every input.
    static bool isCoarse(const Format& to) { return to.codeBits != 0 && to.codeBits < 8; }

    const ModelSource& m_source;
    const QuantizeJob& m_job;
    const ImportanceMatrix* m_measured;
    ThreadPool& m_pool;
    std::map<std::size_t, std::vector<float>> m_values;
};

/// Converts rows [begin, end) of a chunk, counted over all its spans.
void convertRows(const ModelSource& source, const QuantizeJob& job, const ImportanceCache& importance,
                 const Chunk& chunk, int64_t begin, int64_t end, std::byte* out, std::vector<float>& scratch) {
    int64_t first = 0; // of the span, in the chunk's count
    for (const RowSpan& span : chunk.spans) {
        const WeightRows& tensor = source.tensors()[span.tensor];
        const Format& to = format(job.choices[span.tensor].format);
        const uint64_t rowBytes = to.rowBytes(tensor.cols);
        const int64_t from = std::max<int64_t>(begin - first, 0), until = std::min(end - first, span.rows);
        RowCursor cursor(tensor, span.row + until, span.plane);
        for (int64_t i = from; i < until; ++i)
            convertRow(tensor, cursor.row(span.row + i), to, importance.of(span.tensor, span.plane),
                       out + span.offset + uint64_t(i) * rowBytes, scratch);
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

void writeSpans(GgufWriter& writer, const QuantizeJob& job, const Chunk& chunk, const std::vector<std::byte>& bytes) {
    for (const RowSpan& span : chunk.spans) {
        const auto& tensor = job.tensors[span.tensor];
        const uint64_t size = format(tensor.format).rowBytes(tensor.shape[0]) * uint64_t(span.rows);
        writer.write(std::span(bytes).subspan(span.offset, size));
    }
}

} // namespace

void runJob(const ModelSource& source, const QuantizeJob& job, const ImportanceMatrix* measured,
            const std::filesystem::path& output, bool overwrite, ThreadPool& pool, const ProgressFn& progress,
            std::stop_token stop) {
    int64_t elements = 0, done = 0;
    for (const WeightRows& tensor : source.tensors()) elements += tensor.elements();
    ProgressMeter meter(progress, stop, roundsWeights(source, job) ? "Making smaller" : "Converting", double(elements));

    GgufWriter writer(output, job.metadata, job.tensors, overwrite);
    std::vector<std::vector<float>> scratch(std::size_t(pool.size()));
    // One buffer is written while the other is filled. `writing` comes last: its destructor waits for the buffers.
    std::array<std::vector<std::byte>, 2> buffers;
    std::array<Chunk, 2> chunks;
    std::future<void> writing;
    ChunkCursor cursor(source, job.choices);
    ImportanceCache importance(source, job, measured, pool);
    for (std::size_t turn = 0; cursor.next(chunks[turn]); turn = 1 - turn) {
        const Chunk& chunk = chunks[turn];
        std::vector<std::byte>& buffer = buffers[turn];
        buffer.resize(chunk.bytes);
        importance.prepare(chunk);
        const int64_t grain = std::max<int64_t>(1, chunk.rows / (8 * pool.size()));
        pool.forEach(chunk.rows, grain, [&](int64_t begin, int64_t end, int worker) {
            if (stop.stop_requested()) return;
            convertRows(source, job, importance, chunk, begin, end, buffer.data(), scratch[std::size_t(worker)]);
        });
        throwIfStopped(stop);
        if (writing.valid()) writing.get();
        writing = std::async(std::launch::async, [&, turn] { writeSpans(writer, job, chunks[turn], buffers[turn]); });
        done += chunk.elements;
        meter.update(double(done), job.tensors[chunk.spans.back().tensor].name);
    }
    if (writing.valid()) writing.get();
    source.check(); // a source that changed under our hands makes the result worthless
    meter.finish();
    writer.commit();
}

} // namespace nibble
