#include <quantize/inverse_factor.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <quantize/moments.h>
#include <quantize/row_math.h>

namespace nibble {

namespace {

constexpr int64_t kPanel = 64; // columns that are done number by number before all others hear of them

/// One row below the diagonal: its first `count` numbers times the inverse of a triangle, the rest without their part.
/// `triangle`: (kPanel, kPanel), upper.
void solveRow(float* row, const float* triangle, int64_t count, int64_t width) {
    for (int64_t p = 0; p < count; ++p) {
        row[p] /= triangle[p * kPanel + p];
        subtract(row + p + 1, triangle + p * kPanel + p + 1, row[p], width - p - 1);
    }
}

/// Cholesky in place of a symmetric matrix of which only the lower triangle counts: L with L L^T = a, below the
/// diagonal. False where a is not positive definite. Panel by panel, so that nearly all of the work is products.
bool cholesky(std::vector<float>& a, int64_t n, ThreadPool& pool) {
    std::vector<float> triangle(std::size_t(kPanel * kPanel)), turned;
    for (int64_t first = 0; first < n; first += kPanel) {
        const int64_t width = std::min(kPanel, n - first), below = n - first - width;
        float* const corner = a.data() + first * n + first;
        for (int64_t r = 0; r < width; ++r) {
            float* const row = corner + r * n;
            solveRow(row, triangle.data(), r, r);
            for (int64_t p = 0; p < r; ++p) row[r] -= row[p] * row[p];
            if (!(row[r] > 0) || !std::isfinite(row[r])) return false;
            row[r] = std::sqrt(row[r]);
            for (int64_t p = 0; p <= r; ++p) triangle[std::size_t(p * kPanel + r)] = row[p];
        }
        turned.resize(std::size_t(width * below)); // the panel's columns as rows
        float* const rest = corner + width * n;
        pool.forEach(below, 32, [&](int64_t begin, int64_t end, int) {
            for (int64_t r = begin; r < end; ++r) {
                solveRow(rest + r * n, triangle.data(), width, width);
                for (int64_t p = 0; p < width; ++p) turned[std::size_t(p * below + r)] = rest[r * n + p];
            }
        });
        pool.forEach(below, 32, [&](int64_t begin, int64_t end, int) {
            subtractProduct(rest + begin * n + width, n, end - begin, end, {rest + begin * n, n},
                            {turned.data(), below}, width);
        });
    }
    return true;
}

/// Columns [begin, end) of the inverse of the upper triangle of v, without its diagonal: they become rows of its lower
/// triangle. `columns` is working memory.
void invertColumns(std::vector<float>& v, int64_t n, int64_t begin, int64_t end, std::vector<float>& columns) {
    const int64_t width = end - begin;
    columns.assign(std::size_t(end * width), 0.f); // (end, width): the inverse is upper triangular, too
    for (int64_t i = begin; i < end; ++i) columns[std::size_t(i * width + i - begin)] = 1;
    for (int64_t first = (end - 1) / kPanel * kPanel; first >= 0; first -= kPanel) {
        const int64_t behind = std::min(first + kPanel, end);
        subtractProduct(columns.data() + first * width, width, behind - first, width,
                        {v.data() + first * n + behind, n}, {columns.data() + behind * width, width}, end - behind);
        for (int64_t i = behind - 1; i >= first; --i) {
            float* const row = columns.data() + i * width;
            const float* const from = v.data() + i * n;
            for (int64_t j = i + 1; j < behind; ++j) subtract(row, columns.data() + j * width, from[j], width);
            for (int64_t j = 0; j < width; ++j) row[j] /= from[i];
        }
    }
    for (int64_t j = begin; j < end; ++j)
        for (int64_t i = 0; i < j; ++i) v[std::size_t(j * n + i)] = columns[std::size_t(i * width + j - begin)];
}

} // namespace

bool factorInverse(std::vector<float>& a, int64_t n, ThreadPool& pool) {
    // With the order of the columns reversed, the Cholesky factor V of a (V^T V = a) is the reverse of U^-1. All in one
    // matrix, which may have gigabytes: V above, its inverse (transposed) below the diagonal.
    std::ranges::reverse(a);
    if (!cholesky(a, n, pool)) return false;
    mirrorLower(a, std::size_t(n));
    std::vector<std::vector<float>> columns(std::size_t(pool.size()));
    pool.forEach(n, kPanel, [&](int64_t begin, int64_t end, int worker) {
        for (int64_t at = begin; at < end; at += kPanel)
            invertColumns(a, n, at, std::min(at + kPanel, end), columns[std::size_t(worker)]);
    });
    for (int64_t i = 0; i < n; ++i) a[std::size_t(i * n + i)] = 1 / a[std::size_t(i * n + i)];
    std::ranges::reverse(a);
    return std::ranges::all_of(a, [](float x) { return std::isfinite(x); });
}

} // namespace nibble
