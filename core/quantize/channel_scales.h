// Factors that make a matrix easier to round without changing what the model computes: its columns are multiplied and
// whatever produces its inputs is divided by them, in exact arithmetic for nothing (AWQ: Lin et al. 2023,
// "Activation-aware Weight Quantization for LLM Compression and Acceleration"). Private to core/quantize.
#pragma once

#include <map>
#include <models/model_source.h>
#include <quantize/importance_matrix.h>

namespace nibble {

struct ChannelScales {
    using Factors = std::map<std::string, std::vector<float>, std::less<>>; // by GGUF name
    Factors columns;                                                        // (cols) of a matrix: they are multiplied
    Factors rows; // (rows) of a matrix, or a vector's numbers: they are divided

    const std::vector<float>* columnsOf(std::string_view name) const;
    const std::vector<float>* rowsOf(std::string_view name) const;
};

/// The model with the factors in its weights, which are made as they are asked for, in 32-bit floats; other tensors are
/// those of the source. Both must outlive the view.
std::unique_ptr<ModelSource> scaledSource(const ModelSource& source, const ChannelScales& scales);

/// What was measured of the inputs, as that model's are.
ImportanceMatrix scaledImportance(const ImportanceMatrix& importance, const ChannelScales& scales);
void scaleMoments(std::vector<float>& moments, const std::vector<float>& columns);

} // namespace nibble
