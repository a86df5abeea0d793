// Which inputs of a matrix are large, as far as the weights alone tell: errors there cost most.
#pragma once

#include <models/model_source.h>
#include <vector>

namespace nibble {

class ThreadPool;

/// For a layer's down projection: an estimate of each input's mean square, `cols` values for each plane. Its input j is
/// act(gate_j x) * (up_j x) and x has been normalised, so the mean square grows with |gate_j|^2 |up_j|^2. Empty for
/// other tensors, and where gate and up do not fit. (Weighting the inputs of the other matrices by their norm's weights
/// was tried and made files worse: norms shrink the channels that are large before them.)
std::vector<float> inputImportance(const ModelSource& source, const WeightRows& tensor, ThreadPool& pool);

/// Bytes of what inputImportance() returns.
uint64_t importanceBytes(const WeightRows& tensor);

} // namespace nibble
