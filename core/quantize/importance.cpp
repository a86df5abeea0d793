#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <optional>
#include <quantize/importance.h>
#include <string>

namespace nibble {

namespace {

constexpr std::string_view kDown = "ffn_down";

/// The tensors called like `down` with another part's name, where they produce its input.
struct Producers {
    std::optional<WeightRows> gate, up;
};

Producers producersOf(const ModelSource& source, const WeightRows& down) {
    const auto find = [&](const char* part) {
        std::string name = down.name;
        name.replace(name.find(kDown), kDown.size(), part);
        const WeightRows* found = source.find(name);
        return found && found->planes.size() == down.planes.size() ? found : nullptr;
    };
    const int64_t n = down.cols;
    const WeightRows *gate = find("ffn_gate"), *up = find("ffn_up");
    Producers producers;
    if (!gate && up && up->rows == 2 * n) { // both in one
        producers.gate = up->slice(0, n);
        producers.up = up->slice(n, n);
        return producers;
    }
    if (up && up->rows == n) producers.up = *up;
    if (gate && gate->rows == n) producers.gate = *gate;
    return producers;
}

/// Multiplies importance[row] by the squared norm of each row, its columns weighted by `scale`.
void multiplyByRowNorms(const WeightRows& rows, const std::vector<float>& scale, std::vector<float>& importance,
                        ThreadPool& pool) {
    const int64_t n = rows.rows * int64_t(rows.planes.size());
    pool.forEach(n, 16, [&](int64_t begin, int64_t end, int) {
        std::vector<float> row(std::size_t(rows.cols), 0.f);
        std::optional<RowCursor> cursor; // of the plane under way
        for (int64_t i = begin; i < end; ++i) {
            const int64_t plane = i / rows.rows, first = plane * rows.rows;
            if (!cursor || i == first) cursor.emplace(rows, std::min(rows.rows, end - first), int(plane));
            format(rows.format).decode(cursor->row(i - first), row.data(), rows.cols);
            double sum = 0;
            for (std::size_t j = 0; j < row.size(); ++j) sum += double(row[j] * scale[j]) * double(row[j] * scale[j]);
            importance[std::size_t(i)] *= float(sum);
        }
    });
}

/// To a mean of 1, so that no product of norms leaves f32's comfortable range. All equal where that cannot be done.
void normalise(std::vector<float>& importance) {
    double sum = 0;
    for (const float value : importance) sum += value;
    const double factor = double(importance.size()) / sum;
    for (float& value : importance) value = std::isfinite(factor) ? float(value * factor) : 1.f;
}

} // namespace

uint64_t importanceBytes(const WeightRows& tensor) {
    return tensor.name.find(kDown) == std::string::npos ? 0
                                                        : sizeof(float) * uint64_t(tensor.cols) * tensor.planes.size();
}

std::vector<float> inputImportance(const ModelSource& source, const WeightRows& tensor, ThreadPool& pool) {
    const std::size_t at = tensor.name.find(kDown);
    if (at == std::string::npos) return {};
    const auto [gate, up] = producersOf(source, tensor);
    if (!up) return {};
    std::vector<float> scale(std::size_t(up->cols), 1.f);
    const WeightRows* norm = source.find(tensor.name.substr(0, at) + "ffn_norm.weight");
    if (norm && norm->cols == up->cols && norm->rows == 1) norm->decodeRow(0, scale.data());

    std::vector<float> importance(std::size_t(tensor.cols) * tensor.planes.size(), 1.f);
    multiplyByRowNorms(*up, scale, importance, pool);
    normalise(importance);
    // Layers without a gate have act(up x): the squared norm of up alone.
    if (gate && gate->cols == up->cols) {
        multiplyByRowNorms(*gate, scale, importance, pool);
        normalise(importance);
    }
    return importance;
}

} // namespace nibble
