#include <models/delta_net_folder.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <files/damaged.h>
#include <models/owned_rows.h>
#include <numeric>

namespace nibble {
namespace {

constexpr int64_t kMaxDim = 1 << 16;

/// Where each of the value heads' rows, `dim` a head, lies in a folder; `first` rows before them stay.
std::vector<int32_t> headOrder(const DeltaNetSpec& spec, int64_t first, int64_t dim) {
    std::vector<int32_t> order(std::size_t(first + spec.nValueHeads * dim));
    std::iota(order.begin(), order.end(), 0);
    const int64_t perKey = spec.nValueHeads / spec.nKeyHeads;
    for (int64_t h = 0; h < spec.nValueHeads; ++h) {
        const int64_t from = h % spec.nKeyHeads * perKey + h / spec.nKeyHeads;
        for (int64_t i = 0; i < dim; ++i) order[std::size_t(first + h * dim + i)] = int32_t(first + from * dim + i);
    }
    return order;
}

/// Rows whose columns are put into another order, block by block.
class ColumnMaker final : public RowMaker {
public:
    ColumnMaker(WeightRows rows, std::vector<int32_t> order) : m_rows(std::move(rows)), m_order(std::move(order)) {}

    void make(std::span<const int64_t> wanted, std::byte* out) const override {
        const uint64_t size = m_rows.rowBytes() / m_order.size();
        std::vector<std::byte> row(m_rows.rowBytes());
        for (const int64_t r : wanted) {
            m_rows.copyRows(r, 1, row.data());
            for (const int32_t from : m_order) {
                std::memcpy(out, row.data() + uint64_t(from) * size, size);
                out += size;
            }
        }
    }

private:
    WeightRows m_rows;
    std::vector<int32_t> m_order; // of the parts of a row, all of the same size
};

std::vector<float> valuesOf(const WeightRows& rows) {
    std::vector<float> values(std::size_t(rows.cols));
    rows.decodeRow(0, values.data());
    return values;
}

void orderVector(const DeltaNetSpec& spec, bool logarithm, WeightRows& rows) {
    const std::vector<int32_t> order = headOrder(spec, 0, 1);
    const std::vector<float> given = valuesOf(rows);
    std::vector<float> values;
    for (const int32_t from : order) {
        const float value = given[std::size_t(from)];
        values.push_back(logarithm ? -std::exp(value) : value);
    }
    rows = vectorRows(rows.name, values);
}

/// (channels, 1, taps) as a matrix.
void flattenConvolution(WeightRows& rows) {
    rows.rows = int64_t(rows.planes.size());
    rows.planes.resize(1);
    rows.dims = 2;
}

} // namespace

DeltaNetSpec addDeltaNet(ConfigBuilder& to) {
    const Fields& config = to.config;
    const auto* types = config.find("layer_types");
    DeltaNetSpec spec;
    if (!config.find("linear_key_head_dim") || !to.out.architecture) return spec;
    const auto dim = [&](const char* field, const char* key) {
        const int64_t value = config.integer(field, 1, kMaxDim).value_or(0);
        if (value == 0) config.bad(field, "is missing");
        if (key) to.integer(key, value);
        return int32_t(value);
    };
    spec.taps = dim("linear_conv_kernel_dim", "ssm.conv_kernel");
    spec.keyDim = dim("linear_key_head_dim", "ssm.state_size");
    spec.nKeyHeads = dim("linear_num_key_heads", "ssm.group_count");
    spec.nValueHeads = dim("linear_num_value_heads", "ssm.time_step_rank");
    spec.valueDim = dim("linear_value_head_dim", nullptr);
    to.integer("ssm.inner_size", int64_t(spec.nValueHeads) * spec.valueDim);
    if (spec.nValueHeads % spec.nKeyHeads != 0)
        config.bad("linear_num_value_heads", "is not a multiple of linear_num_key_heads");

    const int64_t interval = config.integer("full_attention_interval", 1, kMaxCount).value_or(4);
    to.integer("full_attention_interval", interval);
    if (types && types->is_array() && types->size() == std::size_t(to.out.layers)) {
        std::vector<bool> recurrent;
        for (const auto& type : *types) recurrent.push_back(type == "linear_attention");
        to.out.metadata.set(to.prefix + "attention.recurrent_layers", std::move(recurrent));
    }
    if (!config.flag("attn_output_gate").value_or(true))
        to.unsupported("attn_output_gate", "attention without a gate behind it");
    // Of images and videos; llama.cpp asks for the key, whose default is transformers'.
    const auto rope = config.object("rope_parameters");
    std::vector<float> sections = rope ? rope->numbers("mrope_section") : std::vector<float>();
    if (sections.size() != 3) sections = {11, 11, 10};
    to.out.metadata.set(to.prefix + "rope.dimension_sections",
                        std::vector<int32_t>{int32_t(sections[0]), int32_t(sections[1]), int32_t(sections[2]), 0});
    return spec;
}

void orderDeltaNet(const DeltaNetSpec& spec, const std::string& file, WeightRows& rows) {
    const std::string_view name =
        std::string_view(rows.name).substr(std::min(rows.name.find('.', 4), rows.name.size()));
    const int64_t values = int64_t(spec.nValueHeads) * spec.valueDim, keys = int64_t(spec.nKeyHeads) * spec.keyDim;
    const auto expect = [&](bool right) {
        if (!right) throwDamaged(file, rows.name, "is not of the shape that config.json tells");
    };
    const auto reorder = [&](int64_t first, int64_t dim) {
        expect(rows.rows == first + spec.nValueHeads * dim && rows.planes.size() == 1);
        rows.order = std::make_shared<const std::vector<int32_t>>(headOrder(spec, first, dim));
    };
    if (name == ".ssm_a" || name == ".ssm_dt.bias") {
        expect(rows.dims == 1 && rows.cols == spec.nValueHeads);
        orderVector(spec, name == ".ssm_a", rows);
    } else if (name == ".ssm_conv1d.weight") {
        expect(rows.dims == 3 && rows.rows == 1 && rows.cols == spec.taps);
        flattenConvolution(rows);
        reorder(2 * keys, spec.valueDim);
    } else if (name == ".attn_qkv.weight") {
        reorder(2 * keys, spec.valueDim);
    } else if (name == ".attn_gate.weight") {
        reorder(0, spec.valueDim);
    } else if (name == ".ssm_alpha.weight" || name == ".ssm_beta.weight") {
        reorder(0, 1);
    } else if (name == ".ssm_out.weight") {
        expect(rows.cols == values && spec.valueDim % format(rows.format).blockSize == 0);
        rows.makers = {std::make_shared<ColumnMaker>(rows, headOrder(spec, 0, 1))};
        rows.planes = {nullptr};
    }
}

} // namespace nibble
