// Where products of all kinds put their results.
#pragma once

#include <compute/cpu/kernels.h>

namespace nibble {

namespace {

/// The results of rows [row, row + rows) for one token to their place, with bias and residual.
[[gnu::always_inline]] inline void storeRows(const ProductTarget& target, int64_t token, int64_t row, int rows,
                                             const float* results) {
    float* const out = target.outOf(token) + row;
    const float* const bias = target.bias ? target.bias + row : nullptr;
    const float* residual = target.residualOf(token);
    if (residual) residual += row;
    int r = 0;
    for (; r + 8 <= rows; r += 8) {
        Floats result = load(results + r);
        if (bias) result = plus(result, load(bias + r));
        if (residual) result = plus(result, load(residual + r));
        store(out + r, result);
    }
    for (; r < rows; ++r) out[r] = results[r] + (bias ? bias[r] : 0) + (residual ? residual[r] : 0);
}

/// Asks for the place of the results of rows from `row` on: rows of the output lie far from each other.
inline void expectResults(const ProductTarget& target, int64_t token, int64_t row) {
    prefetch(target.outOf(token) + row);
}

} // namespace

} // namespace nibble
