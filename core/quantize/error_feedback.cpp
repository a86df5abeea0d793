#include <quantize/error_feedback.h>

#include <algorithm>
#include <cmath>
#include <quantize/block_rounder.h>
#include <quantize/channel_scales.h>
#include <quantize/inverse_factor.h>
#include <quantize/row_math.h>

namespace nibble {

namespace {

/// Of the mean of the diagonal, before scales: how little is known of an input is not changed by them. The paper has
/// 0.01, but a few inputs of a model are so large that this is more than most others have: at the size of Q5_K_M it
/// costs SmolLM2 6 % of its KL divergence.
constexpr double kDamping = 0.001;
/// More of it where errors are passed on from column to column, which learns too much from little text; the descent
/// behind has what is true. Without, SmolLM2 loses 6 % more at the size of Q4_K_M, 3 % at Q5_K_M's; 0.2 is too much.
constexpr double kFactorDamping = 0.05;

constexpr int64_t kPanel = 128; // columns that others hear of together

/// Makes the mean of the diagonal 1. What it was; 0 where nothing can be made of the moments.
double normalise(std::vector<float>& moments, int64_t cols) {
    double mean = 0;
    for (int64_t i = 0; i < cols; ++i) mean += double(moments[std::size_t(i * cols + i)]) / double(cols);
    if (!(mean > 0) || !std::isfinite(mean)) return 0;
    for (float& moment : moments) moment = float(moment / mean);
    return mean;
}

} // namespace

ErrorFeedback::ErrorFeedback(std::vector<float> moments, int64_t cols, ThreadPool& pool,
                             const std::vector<float>* scales)
    : m_cols(cols) {
    if (normalise(moments, cols) == 0) return;
    double damping = kDamping, before = 0;
    for (int attempt = 0; attempt < 5 && !m_descent; ++attempt, damping *= 10) {
        for (int64_t i = 0; i < cols; ++i) moments[std::size_t(i * cols + i)] += float(damping - before);
        before = damping;
        m_factor = moments;
        for (int64_t i = 0; i < cols; ++i) m_factor[std::size_t(i * cols + i)] += float(kFactorDamping);
        if (scales) scaleMoments(m_factor, *scales);
        if (!factorInverse(m_factor, cols, pool)) continue;
        if (scales) scaleMoments(moments, *scales);
        m_descent.emplace(std::move(moments), cols);
    }
}

std::vector<double> ErrorFeedback::errorsLeft(std::vector<float> moments, int64_t cols, ThreadPool& pool) {
    const auto at = [&](int64_t i) -> float& { return moments[std::size_t(i * cols + i)]; };
    const double mean = normalise(moments, cols);
    if (mean == 0) return {};
    for (int64_t i = 0; i < cols; ++i) at(i) += float(kDamping + kFactorDamping);
    if (!factorInverse(moments, cols, pool)) return {};
    std::vector<double> left;
    for (int64_t i = 0; i < cols; ++i) left.push_back(mean / (double(at(i)) * double(at(i))));
    return left;
}

void ErrorFeedback::encodeRows(float* weights, int rows, const Format& to, const float* importance,
                               std::byte* out) const {
    const int64_t block = to.blockSize, panel = std::max<int64_t>(kPanel, block);
    const uint64_t rowBytes = to.rowBytes(m_cols);
    const BlockRounder rounder(to);
    const std::vector<float> original(weights, weights + rows * m_cols);
    std::vector<CodeBlock> codes(std::size_t(rows), CodeBlock{});
    std::vector<float> errors(std::size_t(rows * panel));
    for (int64_t first = 0; first < m_cols; first += block) {
        const int64_t panelFirst = first / panel * panel, panelEnd = std::min(panelFirst + panel, m_cols);
        const auto bytesOf = [&](int r) { return out + uint64_t(r) * rowBytes + to.rowBytes(first); };
        for (int r = 0; r < rows; ++r) {
            to.encode(weights + r * m_cols + first, bytesOf(r), block, importance ? importance + first : nullptr);
            to.unpack(bytesOf(r), codes[std::size_t(r)]);
        }
        for (int64_t i = first; i < first + block; ++i) {
            const float* const factor = m_factor.data() + i * m_cols;
            for (int r = 0; r < rows; ++r) {
                float* const row = weights + r * m_cols;
                const float rounded = rounder.round(codes[std::size_t(r)], i - first, row[i]);
                const float error = errors[std::size_t(r * panel + i - panelFirst)] = (row[i] - rounded) / factor[i];
                subtract(row + i + 1, factor + i + 1, error, panelEnd - i - 1);
            }
        }
        for (int r = 0; r < rows; ++r) to.pack(codes[std::size_t(r)], bytesOf(r));
        if (first + block == panelEnd) // the columns behind a panel hear of its errors together
            subtractProduct(weights + panelEnd, m_cols, rows, m_cols - panelEnd, {errors.data(), panel},
                            {m_factor.data() + panelFirst * m_cols + panelEnd, m_cols}, panelEnd - panelFirst);
    }
    m_descent->improve(original.data(), rows, to, out);
}

} // namespace nibble
