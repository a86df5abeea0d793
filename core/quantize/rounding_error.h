// How far a format moves the outputs of a matrix, from its weights alone.
#pragma once

#include <formats/weight_rows.h>
#include <span>
#include <vector>

namespace nibble {

class ThreadPool;

/// For each format, what rounding the tensor to nearest adds to its outputs relative to them:
///     sum importance_j (w_ij - rounded_ij)^2 / sum importance_j w_ij^2
/// over rows i from all over the tensor, 2^16 weights of it at most. `importance`: (planes, cols), mean squared inputs,
/// or empty. 0 for the tensor's own format. Their blocks divide tensor.cols.
std::vector<double> roundingErrors(const WeightRows& tensor, std::span<const FormatId> formats,
                                   const std::vector<float>& importance, ThreadPool& pool);

} // namespace nibble
