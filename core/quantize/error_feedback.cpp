#include <quantize/error_feedback.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>

namespace nibble {

namespace {

constexpr double kDamping = 0.01; // of the mean of the diagonal, as in the paper

/// to[i] -= factor * from[i].
void subtract(float* to, const float* from, float factor, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] -= factor * from[i];
}

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

/// The codes of one block, rounded one after the other with the scales that `code` has.
class BlockRounder {
public:
    explicit BlockRounder(const Format& to) : m_to(to), m_largest((1 << to.codeBits) - 1) {}

    /// What the code nearest to `weight` stands for; it is put into the block.
    float round(CodeBlock& code, int64_t column, float weight) const {
        const std::size_t group = std::size_t(column / m_to.groupSize);
        const float scale = code.d * (m_to.hasScale ? float(code.scale[group]) : 1.f);
        const float min = m_to.hasMin ? code.dmin * float(code.min[group]) : 0.f;
        const int q = nearest(scale != 0 ? (weight + min) / scale : 0.f);
        code.q[column] = uint8_t(q);
        return scale * float(codeValue(m_to, uint8_t(q))) - min;
    }

private:
    int nearest(float value) const {
        if (!m_to.table)
            return std::clamp(int(std::lround(std::clamp(value, -1e6f, 1e6f))) + m_to.offset, 0, m_largest);
        int best = 0;
        for (int q = 1; q < 16; ++q)
            if (std::fabs(value - float(m_to.table[q])) < std::fabs(value - float(m_to.table[best]))) best = q;
        return best;
    }

    const Format& m_to;
    int m_largest;
};

} // namespace

ErrorFeedback::ErrorFeedback(const std::vector<float>& secondMoments, int64_t cols, ThreadPool& pool) : m_cols(cols) {
    double damping = kDamping;
    for (int attempt = 0; attempt < 4 && !m_usable; ++attempt, damping *= 10) {
        std::vector<float> moments = secondMoments;
        m_usable = factor(moments, damping, pool);
    }
}

bool ErrorFeedback::factor(std::vector<float>& moments, double damping, ThreadPool& pool) {
    const int64_t n = m_cols;
    double mean = 0;
    for (int64_t i = 0; i < n; ++i) mean += double(moments[std::size_t(i * n + i)]) / double(n);
    if (!(mean > 0) || !std::isfinite(mean)) return false;
    // With the order of the columns reversed, the Cholesky factor V of the moments is the reverse of U^-1.
    std::vector<float> reversed(moments.size());
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j)
            reversed[std::size_t(i * n + j)] = float(moments[std::size_t((n - 1 - i) * n + n - 1 - j)] / mean);
    for (int64_t i = 0; i < n; ++i) reversed[std::size_t(i * n + i)] += float(damping);
    if (!cholesky(reversed, n, pool)) return false;

    std::vector<float>& inverse = moments; // its memory serves again
    std::fill(inverse.begin(), inverse.end(), 0.f);
    pool.forEach(n, 64, [&](int64_t begin, int64_t end, int) { invertColumns(reversed, n, begin, end, inverse); });
    m_factor.assign(inverse.size(), 0.f);
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
}

} // namespace nibble
