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

struct ProbeResult {
    double divergence = 0, divergenceError = 0; // mean, and its standard error; nats a token
    double agreement = 0;                       // share of rows with the same likeliest token
    int64_t rows = 0;                           // that were compared
};

class DivergenceProbe {
public:
    /// Reads pieces of the calibration text with the original, about 1000 tokens in all, and keeps a summary of what it
    /// predicts. Everything given must outlive the probe; `importance` may be null.
    DivergenceProbe(const ModelSource& source, const ImportanceMatrix* importance, const CalibrationOptions& text,
                    ThreadPool& pool, std::stop_token stop);
    /// The same with any pieces, whose tokens from `firstScored` on count.
    DivergenceProbe(const ModelSource& source, const ImportanceMatrix* importance,
                    std::vector<std::vector<int32_t>> pieces, std::size_t firstScored, ThreadPool& pool,
                    std::stop_token stop);

    /// The model with its tensors in these formats, all rounded to nearest, against the original. Throws
    /// Error{Canceled}.
    ProbeResult measure(std::span<const FormatId> formats) const;
    /// Any model of the same words against the original.
    ProbeResult measure(const ModelSource& model) const;
    double of(std::span<const FormatId> formats) const { return measure(formats).divergence; }

    /// That the original took to read, without its logits.
    double secondsPerToken() const { return m_secondsPerToken; }

    /// Bytes that are allocated while a model of these formats is measured: its weights, buffers for one piece of
    /// text, and the summaries.
    static uint64_t memory(const ModelSource& source, std::span<const FormatId> formats, int32_t threads);

private:
    int32_t firstScored(const std::vector<int32_t>& piece) const;
    using RowFn = std::function<void(int64_t row, std::span<const float> logits)>;
    /// The seconds that it took, without logits.
    double read(const ModelSource& model, const RowFn& onRow) const;

    const ModelSource& m_source;
    const ImportanceMatrix* m_importance;
    ThreadPool& m_pool;
    std::stop_token m_stop;
    std::vector<std::vector<int32_t>> m_pieces;
    std::size_t m_firstScored;
    double m_secondsPerToken = 0;
    std::vector<RowSummary> m_reference; // of every scored token, piece after piece
};

} // namespace nibble
