#include <quantize/moments.h>

#include <base/thread_pool.h>
#include <compute/cpu/kernels.h>

namespace nibble {

void addMoments(const float* x, int64_t stride, int64_t rows, int64_t cols, std::vector<float>& moments,
                std::vector<float>& columns, ThreadPool& pool) {
    columns.resize(std::size_t(cols * rows));
    for (int64_t i = 0; i < cols; ++i)
        for (int64_t r = 0; r < rows; ++r) columns[std::size_t(i * rows + r)] = x[r * stride + i];
    // The products of all pairs of columns are a matrix product: of the columns with themselves. A strip of them is
    // multiplied only with what comes after its first.
    const auto* const matrix = reinterpret_cast<const std::byte*>(columns.data());
    const Kernels& kernels = kernelsOf(bestCpuLevel());
    std::vector<std::vector<float>> scratch(std::size_t(pool.size()));
    pool.forEach(cols, 64, [&](int64_t begin, int64_t end, int worker) {
        std::vector<float>& working = scratch[std::size_t(worker)];
        working.resize(kMatmulScratch / sizeof(float));
        float* const sums = moments.data() + begin * cols;
        const ProductTarget target{.out = sums, .outStride = cols, .residual = sums, .residualStride = cols};
        kernels.floatProduct(FormatId::F32, matrix, rows, begin, end, {columns.data() + begin * rows, rows},
                             cols - begin, target, working.data());
    });
}

void mirrorLower(std::vector<float>& matrix, std::size_t n) {
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t i = 0; i < j; ++i) matrix[i * n + j] = matrix[j * n + i];
}

} // namespace nibble
