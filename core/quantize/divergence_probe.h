// What a rounding of a model costs, measured: its predictions against the original's on the same text.
#pragma once

#include <base/thread_pool.h>
#include <compare/divergence.h>
#include <models/model_source.h>
#include <nibble/quantize.h>
#include <quantize/importance_matrix.h>
#include <stop_token>
#include <vector>

namespace nibble {

class DivergenceProbe {
public:
    /// Reads pieces of the calibration text with the original, about 1000 tokens in all, and keeps a summary of what it
    /// predicts. Everything given must outlive the probe; `importance` may be null.
    DivergenceProbe(const ModelSource& source, const ImportanceMatrix* importance, const CalibrationOptions& text,
                    ThreadPool& pool, std::stop_token stop);

    /// Mean KL divergence, in nats a token, of the model with its tensors in these formats, all rounded to nearest.
    /// Throws Error{Canceled}.
    double of(std::span<const FormatId> formats) const;

    /// Bytes that are allocated while a model of these formats is measured: its weights, buffers for one piece of
    /// text, and the summaries.
    static uint64_t memory(const ModelSource& source, std::span<const FormatId> formats, int32_t threads);

private:
    using RowFn = std::function<void(int64_t row, std::span<const float> logits)>;
    void read(const ModelSource& model, const RowFn& onRow) const;

    const ModelSource& m_source;
    const ImportanceMatrix* m_importance;
    ThreadPool& m_pool;
    std::stop_token m_stop;
    std::vector<std::vector<int32_t>> m_pieces;
    std::vector<RowSummary> m_reference; // of every scored token, piece after piece
};

} // namespace nibble
