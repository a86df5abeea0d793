// What rounding a matrix costs, measured: the model is read with only some matrices rounded, and its predictions are
// compared with the original's. Small divergences of independent errors add up, so what a whole model loses can be
// predicted from them.
#pragma once

#include <models/model_source.h>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <quantize/importance_matrix.h>
#include <stop_token>
#include <string>
#include <vector>

namespace nibble {

class ThreadPool;

/// Matrices of one kind in neighbouring layers: they are probed together, as a probe takes a reading of the model.
struct MatrixGroup {
    std::string kind; // "ffn_down.weight"
    std::vector<std::size_t> tensors;
};
/// About 28 groups of all matrices that formatsFor() leaves a choice.
std::vector<MatrixGroup> groupMatrices(const ModelSource& source);

/// The formats that a tensor may get where its file's size is given, smallest first: those that Nibble writes and that
/// its rows divide into, and the half precision that it comes in. Tensors that no recipe touches have one: as recipes
/// leave them.
std::vector<FormatId> formatsFor(const ModelSource& source, const WeightRows& tensor);

/// Two kinds of probes: each group in about 4.5 bits, and all groups of a kind in 8. `importance` may be null. Throws
/// Error{Canceled}.
Sensitivities measureSensitivities(const ModelSource& source, const ImportanceMatrix* importance,
                                   const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                                   std::stop_token stop);

} // namespace nibble
