#include <quantize/channel_scales.h>

#include <cstring>
#include <models/changed_source.h>

namespace nibble {

namespace {

const std::vector<float>* find(const ChannelScales::Factors& factors, std::string_view name) {
    const auto found = factors.find(name);
    return found == factors.end() ? nullptr : &found->second;
}

class ScaledRows final : public RowMaker {
public:
    ScaledRows(const WeightRows& from, const std::vector<float>* columns, const std::vector<float>* rows)
        : m_from(from), m_columns(columns), m_rows(rows) {}

    void make(std::span<const int64_t> rows, std::byte* out) const override {
        std::vector<float> weights(std::size_t(m_from.cols));
        for (const int64_t row : rows) {
            m_from.decodeRow(row, weights.data());
            for (std::size_t c = 0; c < weights.size(); ++c) {
                if (m_columns) weights[c] *= (*m_columns)[c];
                if (m_rows) weights[c] /= (*m_rows)[m_from.dims == 1 ? c : std::size_t(row)];
            }
            std::memcpy(out, weights.data(), weights.size() * sizeof(float));
            out += weights.size() * sizeof(float);
        }
    }

private:
    WeightRows m_from;
    const std::vector<float>*m_columns, *m_rows; // null: all 1
};

class ScaledSource final : public ChangedSource {
public:
    ScaledSource(const ModelSource& source, const ChannelScales& scales) : ChangedSource(source) {
        for (WeightRows& tensor : m_tensors) {
            const auto *columns = scales.columnsOf(tensor.name), *rows = scales.rowsOf(tensor.name);
            if (!columns && !rows) continue;
            WeightRows scaled;
            scaled.name = tensor.name;
            scaled.cols = tensor.cols;
            scaled.rows = tensor.rows;
            scaled.dims = tensor.dims;
            scaled.planes = {nullptr};
            scaled.makers = {std::make_shared<ScaledRows>(tensor, columns, rows)};
            tensor = std::move(scaled);
        }
    }
};

} // namespace

const std::vector<float>* ChannelScales::columnsOf(std::string_view name) const { return find(columns, name); }
const std::vector<float>* ChannelScales::rowsOf(std::string_view name) const { return find(rows, name); }

std::unique_ptr<ModelSource> scaledSource(const ModelSource& source, const ChannelScales& scales) {
    return std::make_unique<ScaledSource>(source, scales);
}

ImportanceMatrix scaledImportance(const ImportanceMatrix& importance, const ChannelScales& scales) {
    ImportanceMatrix scaled = importance;
    for (auto& [name, inputs] : scaled.tensors) {
        const std::vector<float>* const columns = scales.columnsOf(name);
        for (std::size_t c = 0; columns && c < inputs.sumOfSquares.size(); ++c)
            inputs.sumOfSquares[c] /= (*columns)[c] * (*columns)[c];
    }
    return scaled;
}

void scaleMoments(std::vector<float>& moments, const std::vector<float>& columns) {
    const std::size_t n = columns.size();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) moments[i * n + j] /= columns[i] * columns[j];
}

} // namespace nibble
