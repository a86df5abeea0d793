// Rounded rows made better: codes and scales move, one at a time, as long as that lowers the error of the outputs. It
// is coordinate descent on e^T M e, where e are a row's rounding errors and M the second moments of its inputs, begun
// where GPTQ ended (QuantEase, Behdin et al. 2023). GPTQ never comes back to a column, so that the last ones bear what
// nothing behind them can make up for, and it chooses a block's scales before the codes that they serve.
#pragma once

#include <cstddef>
#include <formats/format.h>
#include <vector>

namespace nibble {

class CodeDescent {
public:
    /// `moments`: (cols, cols), positive definite.
    CodeDescent(std::vector<float> moments, int64_t cols) : m_cols(cols), m_moments(std::move(moments)) {}

    /// `weights`: rows of `cols`; `out`: rows of to.rowBytes(cols), what they were rounded to. The more rows, the less
    /// often the moments are read. Takes about 4 * cols^2 multiplications a row.
    void improve(const float* weights, int rows, const Format& to, std::byte* out) const;

private:
    int64_t m_cols;
    std::vector<float> m_moments;
};

} // namespace nibble
