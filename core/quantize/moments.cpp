#include <quantize/moments.h>

#include <base/thread_pool.h>
#include <compute/cpu/kernels.h>

namespace nibble {

void addLowerProduct(const float* a, const float* b, int64_t n, int64_t depth, float* sums, int64_t stride,
                     ThreadPool& pool) {
    const Kernels& kernels = kernelsOf(bestCpuLevel());
    std::vector<std::vector<float>> scratch(std::size_t(pool.size()));
    // A strip of a's rows is multiplied only with what comes after its first.
    pool.forEach(n, 64, [&](int64_t begin, int64_t end, int worker) {
        std::vector<float>& working = scratch[std::size_t(worker)];
        working.resize(kMatmulScratch / sizeof(float));
        float* const strip = sums + begin * stride;
        const ProductTarget target{.out = strip, .outStride = stride, .residual = strip, .residualStride = stride};
        kernels.floatProduct(FormatId::F32, reinterpret_cast<const std::byte*>(a), depth, begin, end,
                             {b + begin * depth, depth}, n - begin, target, working.data());
    });
}

void addMoments(const float* x, int64_t stride, int64_t rows, int64_t cols, std::vector<float>& moments,
                std::vector<float>& columns, ThreadPool& pool) {
    columns.resize(std::size_t(cols * rows));
    for (int64_t i = 0; i < cols; ++i)
        for (int64_t r = 0; r < rows; ++r) columns[std::size_t(i * rows + r)] = x[r * stride + i];
    addLowerProduct(columns.data(), columns.data(), cols, rows, moments.data(), cols, pool);
}

void mirrorLower(std::vector<float>& matrix, std::size_t n) {
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t i = 0; i < j; ++i) matrix[i * n + j] = matrix[j * n + i];
}

} // namespace nibble
