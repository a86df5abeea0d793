// Rounding a matrix column by column, where the columns still to come make up for the error of those before: GPTQ
// (Frantar et al. 2022, "Accurate Post-Training Quantization for Generative Pre-trained Transformers"), into the blocks
// of any format of ours. A block's scales are chosen when its first column comes up, from the weights as they are then;
// its codes are rounded with exactly the values that a reader will see (notes/quantization 4.3). What comes out is then
// made better by CodeDescent.
#pragma once

#include <cstddef>
#include <formats/format.h>
#include <optional>
#include <quantize/code_descent.h>
#include <vector>

namespace nibble {

class ThreadPool;

class ErrorFeedback {
public:
    /// Rows that are rounded together, so that the factor is read once for all of them.
    static constexpr int kRows = 16;

    /// `moments`: (cols, cols), the sum over tokens of x x^T for the inputs x of the matrix. With `scales`, (cols), the
    /// weights that are rounded are those for x / scales. Takes about cols^3 / 3 multiplications, and as much memory as
    /// the moments beside them.
    ErrorFeedback(std::vector<float> moments, int64_t cols, ThreadPool& pool,
                  const std::vector<float>* scales = nullptr);

    /// (cols): what is left of an error of 1 in a column when the columns behind it make up for it as far as they can,
    /// squared and summed over the tokens that `moments` are of; these are used up. Empty where they cannot be
    /// factored.
    static std::vector<double> errorsLeft(std::vector<float> moments, int64_t cols, ThreadPool& pool);

    /// False where the moments cannot be factored (too little text, or not numbers): round to nearest then.
    bool usable() const { return m_descent.has_value(); }
    /// Encodes up to kRows rows of `cols` weights (overwritten). `out`: rows of to.rowBytes(cols).
    void encodeRows(float* weights, int rows, const Format& to, const float* importance, std::byte* out) const;

private:
    int64_t m_cols;
    /// factorInverse(scaled (moments + damping)): an error of 1 * U_ii in column i is made up for by subtracting U_ij
    /// from the columns j behind it.
    std::vector<float> m_factor;
    std::optional<CodeDescent> m_descent; // none: not usable
};

} // namespace nibble
