// Second moments of inputs: what GPTQ and AWQ know of a matrix's inputs. Private to core/quantize.
#pragma once

#include <cstdint>
#include <vector>

namespace nibble {

class ThreadPool;

/// Adds x x^T of `rows` inputs x (`stride` apart) to columns i <= j of each row j of `moments`, (cols, cols). `columns`
/// is working memory, kept from call to call.
void addMoments(const float* x, int64_t stride, int64_t rows, int64_t cols, std::vector<float>& moments,
                std::vector<float>& columns, ThreadPool& pool);

/// Copies columns i <= j of each row j of (n, n) to row i.
void mirrorLower(std::vector<float>& matrix, std::size_t n);

} // namespace nibble
