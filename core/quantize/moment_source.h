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
    std::map<std::string, std::shared_ptr<std::vector<float>>, std::less<>> m_moments;
};

} // namespace nibble
