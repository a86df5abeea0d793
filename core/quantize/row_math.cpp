#include <quantize/row_math.h>

#include <algorithm>
#include <base/avx2_clone.h>
#include <cstring>

namespace nibble {

namespace {

constexpr int kTileRows = 4, kTileVectors = 2, kTileCols = 8 * kTileVectors; // sums that fit into AVX2's registers
constexpr int64_t kPackedCols = 64, kPackedRows = 256;

NIBBLE_INLINE void subtractOne(float* to, const float* from, float factor, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] -= factor * from[i];
}

using Eight = float __attribute__((vector_size(32), aligned(4), may_alias)); // wherever they lie
using F8 = float __attribute__((vector_size(32)));

/// kRows rows of kTileCols columns; rows of `from` are kPackedCols apart.
template<int kRows>
NIBBLE_INLINE void subtractTile(float* to, int64_t stride, RowsOf factors, const float* from, int64_t depth) {
    F8 left[kRows][kTileVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kTileVectors; ++v) left[r][v] = reinterpret_cast<const Eight*>(to + r * stride)[v];
    for (int64_t p = 0; p < depth; ++p) {
        const auto* const row = reinterpret_cast<const Eight*>(from + p * kPackedCols);
        const F8 first = row[0], second = row[1];
        for (int r = 0; r < kRows; ++r) {
            const float f = factors.first[r * factors.stride + p];
            const F8 factor = {f, f, f, f, f, f, f, f};
            left[r][0] -= factor * first;
            left[r][1] -= factor * second;
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kTileVectors; ++v) reinterpret_cast<Eight*>(to + r * stride)[v] = left[r][v];
}

} // namespace

NIBBLE_AVX2_CLONE void subtract(float* to, const float* from, float factor, int64_t n) {
    subtractOne(to, from, factor, n);
}

NIBBLE_AVX2_CLONE void subtractProduct(float* to, int64_t stride, int64_t rows, int64_t n, RowsOf factors, RowsOf from,
                                       int64_t depth) {
    float packed[kPackedRows * kPackedCols]; // a part of `from` that stays near for all rows
    const int64_t tiled = n / kTileCols * kTileCols;
    for (int64_t first = 0; first < depth; first += kPackedRows) {
        const int64_t deep = std::min(kPackedRows, depth - first);
        for (int64_t i = 0; i < tiled; i += kPackedCols) {
            const int64_t cols = std::min(kPackedCols, tiled - i);
            for (int64_t p = 0; p < deep; ++p)
                std::memcpy(packed + p * kPackedCols, from.first + (first + p) * from.stride + i,
                            std::size_t(cols) * sizeof(float));
            for (int64_t r = 0; r < rows;) {
                const RowsOf own{factors.first + r * factors.stride + first, factors.stride};
                const int64_t together = rows - r >= kTileRows ? kTileRows : 1;
                for (int64_t c = 0; c < cols; c += kTileCols) {
                    float* const tile = to + r * stride + i + c;
                    together == 1 ? subtractTile<1>(tile, stride, own, packed + c, deep)
                                  : subtractTile<kTileRows>(tile, stride, own, packed + c, deep);
                }
                r += together;
            }
        }
    }
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t p = 0; p < depth; ++p)
            subtractOne(to + r * stride + tiled, from.first + p * from.stride + tiled,
                        factors.first[r * factors.stride + p], n - tiled);
}

} // namespace nibble
