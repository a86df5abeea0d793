// What the ways of rounding do with rows of floats. The same to the last bit on every processor. Private to
// core/quantize.
#pragma once

#include <cstdint>

namespace nibble {

/// to[i] -= factor * from[i], for n of them.
void subtract(float* to, const float* from, float factor, int64_t n);

/// Rows of floats, `stride` apart.
struct RowsOf {
    const float* first;
    int64_t stride;
};

/// to (rows, n) -= factors (rows, depth) * from (depth, n), rows of `to` `stride` apart: as subtract() for one row of
/// `from` after the other, but many times as fast.
void subtractProduct(float* to, int64_t stride, int64_t rows, int64_t n, RowsOf factors, RowsOf from, int64_t depth);

} // namespace nibble
