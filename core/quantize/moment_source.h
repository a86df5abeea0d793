// The second moments of the inputs of a model's matrices, one matrix after the other. They are large, so only those of
// the next matrices are summed at a time: the text is read again for as many of them as fit into memory. Private to
// core/quantize.
#pragma once

#include <map>
#include <memory>
#include <models/model_source.h>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <set>
#include <stop_token>
#include <string>

namespace nibble {

class ThreadPool;

class MomentSource {
public:
    MomentSource(const ModelSource& source, CalibrationOptions options, ThreadPool& pool, ProgressFn progress,
                 std::stop_token stop)
        : m_source(source), m_options(std::move(options)), m_pool(pool), m_progress(std::move(progress)),
          m_stop(std::move(stop)) {}

    /// (cols, cols), the sum over tokens of x x^T; matrices with the same inputs share it. Null where it cannot be had:
    /// for experts, embeddings, vectors, and rows too long. Ask in the order of source.tensors(), once for each: what
    /// earlier ones left is forgotten.
    std::shared_ptr<const std::vector<float>> of(std::size_t tensor);

    static bool eligible(const WeightRows& tensor);
    /// Bytes of all that is kept at a time, at most.
    static uint64_t memory(const ModelSource& source);
    /// How often the text is read for all matrices.
    static int64_t readings(const ModelSource& source);
    static uint64_t bytesOf(const WeightRows& tensor) {
        return uint64_t(tensor.cols) * uint64_t(tensor.cols) * sizeof(float);
    }

private:
    void readFor(std::size_t tensor);
    /// The matrices from `tensor` on that one reading serves.
    static std::set<std::string> namesFor(const ModelSource& source, std::size_t tensor,
                                          const std::set<std::string>& seen);

    const ModelSource& m_source;
    CalibrationOptions m_options;
    ThreadPool& m_pool;
    ProgressFn m_progress;
    std::stop_token m_stop;
    std::map<std::string, std::shared_ptr<std::vector<float>>, std::less<>> m_moments;
    std::set<std::string> m_seen; // names that the text was read for
};

} // namespace nibble
