#include <quantize/rounded_source.h>

#include <algorithm>
#include <models/changed_source.h>

namespace nibble {

namespace {

class RowRounder final : public RowMaker {
public:
    RowRounder(const WeightRows& from, int plane, const Format& to, std::vector<float> importance)
        : m_from(from), m_plane(plane), m_to(to), m_importance(std::move(importance)) {}

    void make(std::span<const int64_t> rows, std::byte* out) const override {
        std::vector<float> weights(std::size_t(m_from.cols), 0.f);
        for (const int64_t row : rows) {
            m_from.decodeRow(row, weights.data(), m_plane);
            m_to.encode(weights.data(), out, m_from.cols, m_importance.empty() ? nullptr : m_importance.data());
            out += m_to.rowBytes(m_from.cols);
        }
    }

private:
    WeightRows m_from;
    int m_plane;
    const Format& m_to;
    std::vector<float> m_importance; // (cols), or empty
};

WeightRows rounded(const WeightRows& tensor, const Format& to, const ImportanceMatrix* importance) {
    WeightRows out = tensor;
    out.format = to.id;
    out.ropeHeads = 0;
    out.firstRow = 0;
    out.order = nullptr;
    out.makers.clear();
    const std::vector<float> all =
        importance && to.codeBits > 0 && to.codeBits < 8 ? importance->of(tensor) : std::vector<float>();
    for (std::size_t p = 0; p < tensor.planes.size(); ++p) {
        out.planes[p] = nullptr;
        std::vector<float> own;
        if (!all.empty())
            own.assign(all.begin() + int64_t(p) * tensor.cols, all.begin() + int64_t(p + 1) * tensor.cols);
        out.makers.push_back(std::make_shared<RowRounder>(tensor, int(p), to, std::move(own)));
    }
    return out;
}

class RoundedSource final : public ChangedSource {
public:
    RoundedSource(const ModelSource& source, std::span<const FormatId> formats, const ImportanceMatrix* importance)
        : ChangedSource(source) {
        for (std::size_t t = 0; t < m_tensors.size(); ++t)
            if (formats[t] != m_tensors[t].format) m_tensors[t] = rounded(m_tensors[t], format(formats[t]), importance);
    }
};

} // namespace

std::unique_ptr<ModelSource> roundedSource(const ModelSource& source, std::span<const FormatId> formats,
                                           const ImportanceMatrix* importance) {
    return std::make_unique<RoundedSource>(source, formats, importance);
}

} // namespace nibble
