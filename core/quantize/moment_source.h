// The second moments of the inputs of a model's matrices, one matrix after the other. They are large, so only those of
// a layer or less are summed at a time, as the text passes it. Private to core/quantize.
#pragma once

#include <map>
#include <memory>
#include <quantize/layer_reader.h>

namespace nibble {

class MomentSource {
public:
    MomentSource(const ModelSource& source, CalibrationOptions options, ThreadPool& pool, ProgressFn progress,
                 std::stop_token stop);
    MomentSource(const MomentSource&) = delete;
    MomentSource& operator=(const MomentSource&) = delete;

    /// (cols, cols), the sum over tokens of x x^T; matrices with the same inputs share it. Null where it cannot be had:
    /// for experts, embeddings, vectors, and rows too long. Ask in the order of source.tensors(), once for each: what
    /// earlier ones left is forgotten.
    std::shared_ptr<std::vector<float>> of(std::size_t tensor);
    /// Before the first question: some of the inputs themselves are kept, too.
    void keepSamples() { m_keepsSamples = true; }
    /// (rows, cols) of the matrix that was asked for last.
    const std::vector<float>& sample() const { return *m_sample; }
    /// How many inputs the moments are sums of.
    int64_t tokens() const { return m_reader->tokens(); }

    static bool eligible(const WeightRows& tensor);
    /// Whether its inputs are those of a matrix before it in the layer, too.
    static bool sharesInputs(const ModelSource& source, const WeightRows& tensor);
    static uint64_t bytesOf(const WeightRows& tensor) {
        return uint64_t(tensor.cols) * uint64_t(tensor.cols) * sizeof(float);
    }
    /// Bytes of all that is allocated at a time, at most.
    static uint64_t memory(const ModelSource& source, const CalibrationOptions& options, int32_t threads);
    /// How often the text passes the whole model, for all matrices.
    static double readings(const ModelSource& source);

private:
    /// Matrices of layers [first, end) whose moments are summed together.
    struct Stretch {
        int32_t first = 0, end = 0;
        bool goesOn = false; // nothing more is wanted of these layers
        std::vector<std::string> names;
        uint64_t bytes = 0;
        int64_t cols = 0; // of all inputs
    };
    static std::vector<Stretch> stretchesOf(const ModelSource& source, const ModelPlan& plan);
    void read(const Stretch& stretch);

    const ModelSource& m_source;
    CalibrationOptions m_options;
    ThreadPool& m_pool;
    ProgressFn m_progress;
    std::stop_token m_stop;
    std::vector<Stretch> m_stretches;
    std::map<std::string, const Stretch*, std::less<>> m_stretchOf;
    const Stretch* m_read = nullptr;            // whose moments are there
    std::unique_ptr<ObservedBackend> m_backend; // from the first question on, as is ...
    std::unique_ptr<LayerReader> m_reader;
    struct Known {
        std::shared_ptr<std::vector<float>> moments, sample;
    };
    std::map<std::string, Known, std::less<>> m_known;
    bool m_keepsSamples = false;
    std::shared_ptr<std::vector<float>> m_sample;
};

} // namespace nibble
