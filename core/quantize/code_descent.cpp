#include <quantize/code_descent.h>

#include <formats/half.h>
#include <quantize/block_rounder.h>
#include <quantize/row_math.h>

namespace nibble {

namespace {

constexpr int kPasses = 3;        // more find nearly nothing
constexpr double kWorthIt = 0.01; // of a block's error, for new scales
constexpr int64_t kLargestBlock = 256;

/// A row under way.
struct Row {
    const float* weights;
    std::vector<CodeBlock> blocks;
    float* gradient; // (cols): M (weights - values), half of what the error falls by per step
};

/// The moves along one column or one block. All keep the gradient true.
class Descent {
public:
    Descent(const std::vector<float>& moments, int64_t cols, const Format& to)
        : m_moments(moments), m_cols(cols), m_to(to), m_rounder(to) {}

    /// The value in column i as it is more than the weight.
    float errorOf(const Row& row, int64_t i) const {
        return m_rounder.valueOf(row.blocks[std::size_t(i / m_to.blockSize)], i % m_to.blockSize) - row.weights[i];
    }

    void chooseCode(Row& row, int64_t i) const {
        CodeBlock& block = row.blocks[std::size_t(i / m_to.blockSize)];
        const int64_t column = i % m_to.blockSize;
        const uint8_t code = block.q[column];
        const float before = m_rounder.valueOf(block, column);
        // Along one column the error is a parabola, so its best code is the one nearest to its lowest point.
        const float after = m_rounder.round(block, column, before + row.gradient[i] / momentsOf(i)[i]);
        if (block.q[column] != code) move(row, i, after - before);
    }

    /// The d and dmin that suit the codes of a block best.
    void chooseScales(Row& row, int64_t b) const {
        CodeBlock& block = row.blocks[std::size_t(b)];
        const int64_t first = b * m_to.blockSize;
        const float* const gradient = row.gradient + first;
        Values units, mins, errors, change; // values are d * units + dmin * mins
        for (int64_t i = 0; i < m_to.blockSize; ++i) {
            units[i] = m_rounder.unitOf(block, i);
            mins[i] = m_to.hasMin ? -float(block.min[m_rounder.group(i)]) : 0.f;
            errors[i] = -errorOf(row, first + i);
        }
        // Where both derivatives are 0.
        const double uu = form(first, units, units);
        const double um = m_to.hasMin ? form(first, units, mins) : 0, mm = m_to.hasMin ? form(first, mins, mins) : 0;
        const double ug = dot(units, gradient), mg = dot(mins, gradient), determinant = uu * mm - um * um;
        const bool both = determinant > 1e-6 * uu * mm;
        if (!(uu > 0)) return;
        const double d = double(block.d) + (both ? (ug * mm - mg * um) / determinant : ug / uu);
        const double dmin = double(block.dmin) + (both ? (mg * uu - ug * um) / determinant : 0);
        CodeBlock next = block;
        next.d = f16ToF32(f16Saturate(float(d)));
        next.dmin = f16ToF32(f16Saturate(float(dmin)));
        if (!(next.d * block.d > 0) || next.dmin * block.dmin < 0) return; // readers may rely on the signs
        for (int64_t i = 0; i < m_to.blockSize; ++i)
            change[i] = (next.d - block.d) * units[i] + (next.dmin - block.dmin) * mins[i];
        const double gain = 2 * dot(change, gradient) - form(first, change, change);
        if (!(gain > kWorthIt * std::fabs(dot(errors, gradient)))) return;
        block = next;
        for (int64_t i = 0; i < m_to.blockSize; ++i) move(row, first + i, change[i]);
    }

private:
    using Values = float[kLargestBlock]; // of a block

    const float* momentsOf(int64_t i) const { return m_moments.data() + i * m_cols; }
    /// The value in column i changes by `step`.
    void move(Row& row, int64_t i, float step) const { subtract(row.gradient, momentsOf(i), step, m_cols); }

    double dot(const float* a, const float* b) const {
        double sum = 0;
        for (int64_t i = 0; i < m_to.blockSize; ++i) sum += double(a[i]) * double(b[i]);
        return sum;
    }
    /// a^T M b over the columns of the block that begins at `first`.
    double form(int64_t first, const float* a, const float* b) const {
        Values product = {};
        for (int64_t i = 0; i < m_to.blockSize; ++i)
            subtract(product, momentsOf(first + i) + first, -b[i], m_to.blockSize);
        return dot(a, product);
    }

    const std::vector<float>& m_moments;
    int64_t m_cols;
    const Format& m_to;
    BlockRounder m_rounder;
};

} // namespace

void CodeDescent::improve(const float* weights, int rows, const Format& to, std::byte* out) const {
    const int64_t blocks = m_cols / to.blockSize;
    const Descent descent(m_moments, m_cols, to);
    const auto bytesOf = [&](std::size_t r, int64_t b) {
        return out + r * to.rowBytes(m_cols) + uint64_t(b) * to.blockBytes;
    };
    std::vector<float> gradients(std::size_t(rows * m_cols)), errors(gradients.size());
    std::vector<Row> all;
    for (int r = 0; r < rows; ++r) {
        Row& row = all.emplace_back(
            Row{weights + r * m_cols, std::vector<CodeBlock>(std::size_t(blocks)), gradients.data() + r * m_cols});
        for (int64_t b = 0; b < blocks; ++b) to.unpack(bytesOf(std::size_t(r), b), row.blocks[std::size_t(b)]);
        for (int64_t i = 0; i < m_cols; ++i) errors[std::size_t(r * m_cols + i)] = descent.errorOf(row, i);
    }
    subtractProduct(gradients.data(), m_cols, rows, m_cols, {errors.data(), m_cols}, {m_moments.data(), m_cols},
                    m_cols);
    // Column by column for all rows, so that each row of the moments serves all of them.
    for (int pass = 1; pass <= kPasses; ++pass)
        for (int64_t b = 0; b < blocks; ++b) {
            for (int64_t i = b * to.blockSize; i < (b + 1) * to.blockSize; ++i)
                for (Row& row : all) descent.chooseCode(row, i);
            if (pass == kPasses) continue; // scales leave something for codes to do
            for (Row& row : all) descent.chooseScales(row, b);
        }
    for (std::size_t r = 0; r < all.size(); ++r)
        for (int64_t b = 0; b < blocks; ++b) to.pack(all[r].blocks[std::size_t(b)], bytesOf(r, b));
}

} // namespace nibble
