#include <quantize/error_feedback.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <functional>
#include <quantize/block_rounder.h>
#include <quantize/moments.h>
#include <quantize/row_math.h>

namespace nibble {

namespace {

/// Of the mean of the diagonal. The paper has 0.01, but a few inputs of a model are so large that this is more than
/// most others have: at the size of Q5_K_M it costs SmolLM2 6 % of its KL divergence.
constexpr double kDamping = 0.001;

constexpr int64_t kPanel = 128;           // columns that are divided by before they are subtracted
constexpr int64_t kInvertedTogether = 64; // columns

/// One row below the diagonal: its first `count` numbers times the inverse of a triangle, the rest without their part.
/// `triangle`: (kPanel, kPanel), upper.
void solveRow(float* row, const float* triangle, int64_t count, int64_t width) {
    for (int64_t p = 0; p < count; ++p) {
        row[p] /= triangle[p * kPanel + p];
        subtract(row + p + 1, triangle + p * kPanel + p + 1, row[p], width - p - 1);
    }
}

/// Cholesky in place of a symmetric matrix of which only the lower triangle is read and written: L with L L^T = a.
/// False where a is not positive definite. Panel by panel, so that nearly all of the work is matrix products.
bool cholesky(std::vector<float>& a, int64_t n, ThreadPool& pool) {
    std::vector<float> triangle(std::size_t(kPanel * kPanel)), panel, negated;
    for (int64_t first = 0; first < n; first += kPanel) {
        const int64_t width = std::min(kPanel, n - first), below = n - first - width;
        float* const corner = a.data() + first * n + first;
        for (int64_t r = 0; r < width; ++r) {
            float* const row = corner + r * n;
            solveRow(row, triangle.data(), r, r + 1);
            if (!(row[r] > 0) || !std::isfinite(row[r])) return false;
            row[r] = std::sqrt(row[r]);
            for (int64_t p = 0; p <= r; ++p) triangle[std::size_t(p * kPanel + r)] = row[p];
        }
        if (below == 0) return true;
        panel.resize(std::size_t(below * width));
        negated.resize(panel.size());
        pool.forEach(below, 64, [&](int64_t begin, int64_t end, int) {
            for (int64_t r = begin; r < end; ++r) {
                float* const row = corner + (width + r) * n;
                solveRow(row, triangle.data(), width, width);
                std::copy_n(row, width, panel.data() + r * width);
                std::transform(row, row + width, negated.data() + r * width, std::negate<>());
            }
        });
        addLowerProduct(panel.data(), negated.data(), below, width, corner + width * n + width, n, pool);
    }
    return true;
}

/// Columns [begin, end) of the inverse of the upper triangle of v without its diagonal: they become rows of
/// its lower triangle. `columns` is working memory.
void invertColumns(std::vector<float>& v, int64_t n, int64_t begin, int64_t end, std::vector<float>& columns) {
    const int64_t width = end - begin;
    columns.assign(std::size_t(end * width), 0.f); // (end, width): the inverse is upper triangular, too
    for (int64_t i = end - 1; i >= 0; --i) {
        float* const row = columns.data() + i * width;
        if (i >= begin) row[i - begin] = 1;
        const float* const from = v.data() + i * n;
        for (int64_t j = i + 1; j < end; ++j) subtract(row, columns.data() + j * width, from[j], width);
        for (int64_t j = 0; j < width; ++j) row[j] /= from[i];
    }
    for (int64_t j = begin; j < end; ++j)
        for (int64_t i = 0; i < j; ++i) v[std::size_t(j * n + i)] = columns[std::size_t(i * width + j - begin)];
}

} // namespace

ErrorFeedback::ErrorFeedback(std::vector<float> moments, int64_t cols, ThreadPool& pool) : m_cols(cols) {
    double mean = 0;
    for (int64_t i = 0; i < cols; ++i) mean += double(moments[std::size_t(i * cols + i)]) / double(cols);
    if (!(mean > 0) || !std::isfinite(mean)) return;
    for (float& moment : moments) moment = float(moment / mean);
    double damping = kDamping, before = 0;
    for (int attempt = 0; attempt < 5 && !m_descent; ++attempt, damping *= 10) {
        for (int64_t i = 0; i < cols; ++i) moments[std::size_t(i * cols + i)] += float(damping - before);
        before = damping;
        if (factor(moments, pool)) m_descent.emplace(std::move(moments), cols);
    }
}

bool ErrorFeedback::factor(const std::vector<float>& moments, ThreadPool& pool) {
    const int64_t n = m_cols;
    // With the order of the columns reversed, the Cholesky factor V of the moments is the reverse of U^-1. All in one
    // matrix, which may have gigabytes: V above, its inverse (transposed) below the diagonal.
    m_factor.assign(moments.rbegin(), moments.rend());
    if (!cholesky(m_factor, n, pool)) return false;
    mirrorLower(m_factor, std::size_t(n));
    std::vector<std::vector<float>> columns(std::size_t(pool.size()));
    pool.forEach(n, kInvertedTogether, [&](int64_t begin, int64_t end, int worker) {
        for (int64_t at = begin; at < end; at += kInvertedTogether)
            invertColumns(m_factor, n, at, std::min(at + kInvertedTogether, end), columns[std::size_t(worker)]);
    });
    for (int64_t i = 0; i < n; ++i) m_factor[std::size_t(i * n + i)] = 1 / m_factor[std::size_t(i * n + i)];
    std::ranges::reverse(m_factor);
    return std::ranges::all_of(m_factor, [](float x) { return std::isfinite(x); });
}

void ErrorFeedback::encodeRows(float* weights, int rows, const Format& to, const float* importance,
                               std::byte* out) const {
    const int64_t block = to.blockSize;
    const uint64_t rowBytes = to.rowBytes(m_cols);
    const BlockRounder rounder(to);
    const std::vector<float> original(weights, weights + rows * m_cols);
    std::vector<CodeBlock> codes(std::size_t(rows), CodeBlock{});
    for (int64_t first = 0; first < m_cols; first += block) {
        const auto bytesOf = [&](int r) { return out + uint64_t(r) * rowBytes + to.rowBytes(first); };
        for (int r = 0; r < rows; ++r) {
            to.encode(weights + r * m_cols + first, bytesOf(r), block, importance ? importance + first : nullptr);
            to.unpack(bytesOf(r), codes[std::size_t(r)]);
        }
        for (int64_t i = first; i < first + block; ++i) {
            const float* const factor = m_factor.data() + i * m_cols;
            for (int r = 0; r < rows; ++r) {
                float* const row = weights + r * m_cols;
                const float error = row[i] - rounder.round(codes[std::size_t(r)], i - first, row[i]);
                subtract(row + i + 1, factor + i + 1, error / factor[i], m_cols - i - 1);
            }
        }
        for (int r = 0; r < rows; ++r) to.pack(codes[std::size_t(r)], bytesOf(r));
    }
    m_descent->improve(original.data(), rows, to, out);
}

} // namespace nibble
