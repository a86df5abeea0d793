#include <quantize/rounding_error.h>

#include <algorithm>
#include <base/thread_pool.h>

namespace nibble {

namespace {

constexpr int64_t kSampledWeights = 1 << 16;

} // namespace

std::vector<double> roundingErrors(const WeightRows& tensor, std::span<const FormatId> formats,
                                   const std::vector<float>& importance, ThreadPool& pool) {
    const int64_t cols = tensor.cols, all = tensor.rows * int64_t(tensor.planes.size());
    const int64_t rows = std::clamp<int64_t>(kSampledWeights / cols, 1, all);
    const std::size_t width = formats.size() + 1;
    std::vector<double> sums(std::size_t(rows) * width); // of each row: each format's error, and the outputs
    pool.forEach(rows, 1, [&](int64_t begin, int64_t end, int) {
        std::vector<float> weights(std::size_t(cols), 0.f), decoded(weights.size());
        std::vector<std::byte> bytes;
        for (int64_t i = begin; i < end; ++i) {
            const int64_t at = (2 * i + 1) * all / (2 * rows), plane = at / tensor.rows;
            tensor.decodeRow(at % tensor.rows, weights.data(), int(plane));
            const float* const weight = importance.empty() ? nullptr : importance.data() + plane * cols;
            double* const out = sums.data() + std::size_t(i) * width;
            const auto add = [&](const std::vector<float>& x, double& sum) {
                for (std::size_t j = 0; j < x.size(); ++j)
                    sum += double(weight ? weight[j] : 1.f) * double(x[j]) * double(x[j]);
            };
            add(weights, out[formats.size()]);
            for (std::size_t f = 0; f < formats.size(); ++f) {
                if (formats[f] == tensor.format) continue;
                const Format& to = format(formats[f]);
                bytes.resize(to.rowBytes(cols));
                to.encode(weights.data(), bytes.data(), cols, to.codeBits < 8 ? weight : nullptr);
                to.decode(bytes.data(), decoded.data(), cols);
                for (std::size_t j = 0; j < decoded.size(); ++j) decoded[j] -= weights[j];
                add(decoded, out[f]);
            }
        }
    });
    std::vector<double> errors(formats.size());
    double outputs = 0; // summed in order, so that threads change nothing
    for (int64_t i = 0; i < rows; ++i) {
        for (std::size_t f = 0; f < errors.size(); ++f) errors[f] += sums[std::size_t(i) * width + f];
        outputs += sums[std::size_t(i) * width + formats.size()];
    }
    for (double& error : errors) error = outputs > 0 ? error / outputs : 0;
    return errors;
}

} // namespace nibble
