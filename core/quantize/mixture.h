// Which format each tensor gets where the size of the file is given: the mixture that loses least for its bytes.
//
// What a tensor loses in a format is its sensitivity (sensitivity.h) times its rounding error (rounding_error.h), so
// the best mixture is a knapsack (budget.h). Then comes one round of repair: each group of matrices is read in the
// formats it got, the predictions are corrected by what that costs, and of the mixtures before and after the one that
// measures better is taken.
#pragma once

#include <models/model_source.h>
#include <nibble/progress.h>
#include <nibble/quantize.h>
#include <optional>
#include <quantize/sensitivity.h>
#include <stop_token>
#include <vector>

namespace nibble {

class ThreadPool;

struct Mixture {
    std::vector<FormatId> formats;    // one for each of source.tensors()
    std::vector<double> costs;        // of each tensor, as predicted
    std::optional<double> divergence; // measured on the calibration text, all rounded to nearest; nats a token
};

/// The bytes that a tensor takes in a file, padding included.
uint64_t bytesInFile(const WeightRows& tensor, FormatId format);

/// The least bytes that all tensors can take in a file.
uint64_t smallestMixture(const ModelSource& source);

/// Likely formats for a file of this size, by their bits alone: nothing is measured. smallestMixture() fits into it.
Mixture guessMixture(const ModelSource& source, uint64_t limit);

/// The formats that the tensors have in a GGUF file of the same model. Throws Error{BadRequest} where it is of another.
Mixture mixtureOfFile(const ModelSource& source, const ModelSource& file);

/// A format with at least one bit a weight more, the next such there is: `now` where a tensor has none.
FormatId finerFormat(const ModelSource& source, const WeightRows& tensor, FormatId now);

/// Gives the tensors of these layers (kOutsideLayers: those in no layer) finer formats. Throws Error{BadRequest} for a
/// layer that the model does not have.
void makeFiner(const ModelSource& source, std::span<const int32_t> layers, Mixture& mixture);

/// Formats whose bytesInFile() sum to at most `limit` (smallestMixture() at least). The same whatever the threads.
/// Throws Error{Canceled}.
Mixture findMixture(const ModelSource& source, const ImportanceMatrix& importance, const Sensitivities& sensitivities,
                    uint64_t limit, const CalibrationOptions& text, ThreadPool& pool, const ProgressFn& progress,
                    std::stop_token stop);

} // namespace nibble
