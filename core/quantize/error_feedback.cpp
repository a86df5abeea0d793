#include <quantize/error_feedback.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <quantize/block_rounder.h>
#include <quantize/row_math.h>

namespace nibble {

namespace {

/// Of the mean of the diagonal. The paper has 0.01, but a few inputs of a model are so large that this is more than
/// most others have: at the size of Q5_K_M it costs SmolLM2 6 % of its KL divergence.
constexpr double kDamping = 0.001;

/// Cholesky in place: upper triangular V with V^T V = a. False where a is not positive definite.
bool cholesky(std::vector<float>& a, int64_t n, ThreadPool& pool) {
    for (int64_t k = 0; k < n; ++k) {
        float* const row = a.data() + k * n;
        if (!(row[k] > 0) || !std::isfinite(row[k])) return false;
        const float pivot = 1 / std::sqrt(row[k]);
        for (int64_t j = k; j < n; ++j) row[j] *= pivot;
        pool.forEach(n - k - 1, std::max<int64_t>(1, 16384 / (n - k)), [&](int64_t begin, int64_t end, int) {
            for (int64_t i = k + 1 + begin; i < k + 1 + end; ++i)
                subtract(a.data() + i * n + i, row + i, row[i], n - i);
        });
    }
    return true;
}

/// The inverse of an upper triangular matrix, columns [begin, end) of it.
void invertColumns(const std::vector<float>& v, int64_t n, int64_t begin, int64_t end, std::vector<float>& inverse) {
    for (int64_t i = n - 1; i >= 0; --i) {
        float* const row = inverse.data() + i * n;
        if (i >= begin && i < end) row[i] = 1;
        const float* const from = v.data() + i * n;
        for (int64_t j = i + 1; j < n; ++j) subtract(row + begin, inverse.data() + j * n + begin, from[j], end - begin);
        for (int64_t j = begin; j < end; ++j) row[j] /= from[i];
    }
}

} // namespace

ErrorFeedback::ErrorFeedback(const std::vector<float>& secondMoments, int64_t cols, ThreadPool& pool) : m_cols(cols) {
    double mean = 0;
    for (int64_t i = 0; i < cols; ++i) mean += double(secondMoments[std::size_t(i * cols + i)]) / double(cols);
    if (!(mean > 0) || !std::isfinite(mean)) return;
    double damping = kDamping;
    for (int attempt = 0; attempt < 5 && !m_descent; ++attempt, damping *= 10) {
        std::vector<float> moments(secondMoments.size());
        for (std::size_t i = 0; i < moments.size(); ++i) moments[i] = float(secondMoments[i] / mean);
        for (int64_t i = 0; i < cols; ++i) moments[std::size_t(i * cols + i)] += float(damping);
        if (factor(moments, pool)) m_descent.emplace(std::move(moments), cols);
    }
}

bool ErrorFeedback::factor(const std::vector<float>& moments, ThreadPool& pool) {
    const int64_t n = m_cols;
    // With the order of the columns reversed, the Cholesky factor V of the moments is the reverse of U^-1.
    std::vector<float> reversed(moments.rbegin(), moments.rend());
    if (!cholesky(reversed, n, pool)) return false;

    std::vector<float> inverse(moments.size());
    pool.forEach(n, 64, [&](int64_t begin, int64_t end, int) { invertColumns(reversed, n, begin, end, inverse); });
    m_factor = std::move(reversed); // its memory serves again
    std::fill(m_factor.begin(), m_factor.end(), 0.f);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = i; j < n; ++j)
            m_factor[std::size_t(i * n + j)] = inverse[std::size_t((n - 1 - j) * n + n - 1 - i)];
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
