// Second moments of inputs: what GPTQ and AWQ know of a matrix's inputs. Private to core/quantize.
#pragma once

#include <cstdint>
#include <vector>

namespace nibble {

class ThreadPool;

/// sums (j, i) += row i of a * row j of b, for i <= j: a and b are (n, depth), the rows of sums `stride` apart. Some
/// numbers above the diagonal change, too.
void addLowerProduct(const float* a, const float* b, int64_t n, int64_t depth, float* sums, int64_t stride,
                     ThreadPool& pool);

/// Adds x x^T of `rows` inputs x (`stride` apart) to columns i <= j of each row j of `moments`, (cols, cols). `columns`
/// is working memory, kept from call to call.
void addMoments(const float* x, int64_t stride, int64_t rows, int64_t cols, std::vector<float>& moments,
                std::vector<float>& columns, ThreadPool& pool);

/// Copies columns i <= j of each row j of (n, n) to row i.
void mirrorLower(std::vector<float>& matrix, std::size_t n);

} // namespace nibble
