#include <algorithm>
#include <base/text.h>
#include <cstring>
#include <files/damaged.h>
#include <models/fused_experts.h>
#include <models/keys.h>

namespace nibble {

namespace {

constexpr int64_t kBlock = 32, kBlockCodes = 16; // weights, and bytes of their codes, of an MXFP4 block

/// The outputs of a fused tensor that make up one matrix: every `step`-th from `first` on.
struct Part {
    const char* name;
    int64_t first = 0, step = 1;
};
/// gate_up_proj holds gate, up, gate, up, ...
std::vector<Part> partsOf(std::string_view module) {
    if (module.ends_with("gate_up_proj")) return {{"gate_proj", 0, 2}, {"up_proj", 1, 2}};
    return {{"down_proj", 0, 1}};
}

/// Rows of a matrix that is stored input by input: (inputs, outputs).
template<class Number>
class TransposedRows final : public RowMaker {
public:
    TransposedRows(const std::byte* data, int64_t inputs, int64_t outputs, const Part& part)
        : m_data(data), m_inputs(inputs), m_outputs(outputs), m_part(part) {}

    void make(std::span<const int64_t> rows, std::byte* out) const override {
        constexpr auto kBytes = int64_t(sizeof(Number));
        for (int64_t i = 0; i < m_inputs; ++i) { // neighbouring rows lie in the same cache lines
            const std::byte* from = m_data + i * m_outputs * kBytes;
            for (std::size_t r = 0; r < rows.size(); ++r)
                std::memcpy(out + (int64_t(r) * m_inputs + i) * kBytes,
                            from + (m_part.first + m_part.step * rows[r]) * kBytes, sizeof(Number));
        }
    }

private:
    const std::byte* m_data;
    int64_t m_inputs, m_outputs;
    Part m_part;
};

/// Rows of MXFP4 whose codes and exponents are stored apart, two neighbouring weights in a byte: a GGUF file has the
/// exponent first, and weights i and i + 16 in byte i.
class Mxfp4Rows final : public RowMaker {
public:
    Mxfp4Rows(const std::byte* codes, const std::byte* exponents, int64_t blocks, const Part& part)
        : m_codes(codes), m_exponents(exponents), m_blocks(blocks), m_part(part) {}

    void make(std::span<const int64_t> rows, std::byte* out) const override {
        for (const int64_t row : rows)
            for (int64_t b = 0; b < m_blocks; ++b, out += 1 + kBlockCodes) {
                const int64_t block = (m_part.first + m_part.step * row) * m_blocks + b;
                const std::byte* codes = m_codes + block * kBlockCodes;
                const auto code = [&](int64_t i) { return codes[i / 2] >> (i % 2 * 4) & std::byte(15); };
                out[0] = m_exponents[block];
                for (int64_t i = 0; i < kBlockCodes; ++i) out[1 + i] = code(i) | code(i + kBlockCodes) << 4;
            }
    }

private:
    const std::byte *m_codes, *m_exponents;
    int64_t m_blocks;
    Part m_part;
};

/// "...experts.gate_up_proj_bias" without "gate_up_proj_bias".
std::string layerOf(const std::string& name) { return name.substr(0, name.rfind('.') + 1); }

/// F32, F16 or BF16; null where the tensor holds something else.
const Format* floatFormat(const SafeTensor& tensor) {
    const Format* f = findFormat(tensor.dtype);
    return f && f->codeBits == 0 ? f : nullptr;
}

/// `fits`: what the tensor must be besides having `dims` dimensions, of which the first are the experts. Sizes are safe
/// to multiply: the whole tensor lies in the file.
template<class Fits>
void requireShape(const SafeTensor& tensor, std::size_t dims, Fits fits, const std::string& file) {
    std::string shape;
    for (const int64_t n : tensor.shape) shape += (shape.empty() ? "" : " x ") + std::to_string(n);
    if (tensor.shape.size() != dims || tensor.bytes == 0 || tensor.shape[0] > kMaxExperts || !fits(tensor.shape))
        throwDamaged(file, tensor.name,
                     "has the shape " + shape + " and the number format " + tensor.dtype +
                         ", which experts cannot have");
}

/// A tensor of made rows: one maker an expert.
template<class MakerOf>
WeightRows madeRows(std::string name, FormatId format, int64_t experts, int64_t rows, int64_t cols, MakerOf makerOf) {
    WeightRows all;
    all.name = std::move(name);
    all.format = format;
    all.rows = rows;
    all.cols = cols;
    all.dims = 3;
    all.planes.resize(std::size_t(experts));
    for (int64_t e = 0; e < experts; ++e) all.makers.push_back(makerOf(e));
    return all;
}

} // namespace

FusedExperts::FusedExperts(const SafeTensors& weights, const std::string& file) {
    for (const SafeTensor& tensor : weights.tensors()) {
        const std::string_view name = tensor.name;
        if (name.find(".mlp.experts.") == name.npos) continue;
        if (name.ends_with("gate_up_proj") || name.ends_with("down_proj"))
            addNumbers(tensor, file);
        else if (name.ends_with("_proj_bias"))
            addBias(tensor, file);
        else if (name.ends_with("_proj_blocks"))
            addBlocks(tensor, weights, file);
    }
    for (WeightRows& rows : m_matrices)
        if (rows.made()) rows.owner = weights.owner();
}

/// (experts, inputs, outputs)
void FusedExperts::addNumbers(const SafeTensor& tensor, const std::string& file) {
    const std::vector<Part> parts = partsOf(tensor.name);
    const Format* format = floatFormat(tensor);
    requireShape(
        tensor, 3, [&](const auto& shape) { return format && shape[2] % int64_t(parts.size()) == 0; }, file);
    const int64_t experts = tensor.shape[0], inputs = tensor.shape[1], outputs = tensor.shape[2];
    const auto bytes = int64_t(format->blockBytes);
    for (const Part& part : parts)
        m_matrices.push_back(
            madeRows(layerOf(tensor.name) + part.name + ".weight", format->id, experts, outputs / part.step, inputs,
                     [&](int64_t e) -> std::shared_ptr<const RowMaker> {
                         const std::byte* data = tensor.data + e * inputs * outputs * bytes;
                         if (bytes == 4) return std::make_shared<TransposedRows<uint32_t>>(data, inputs, outputs, part);
                         return std::make_shared<TransposedRows<uint16_t>>(data, inputs, outputs, part);
                     }));
    m_parts.insert(tensor.name);
}

/// (experts, outputs, blocks of the inputs, 16) beside exponents (experts, outputs, blocks of the inputs)
void FusedExperts::addBlocks(const SafeTensor& blocks, const SafeTensors& weights, const std::string& file) {
    const std::string module = blocks.name.substr(0, blocks.name.rfind('_'));
    const std::vector<Part> parts = partsOf(module);
    requireShape(
        blocks, 4,
        [&](const auto& shape) {
            return blocks.dtype == "U8" && shape[3] == kBlockCodes && shape[1] % int64_t(parts.size()) == 0;
        },
        file);
    const int64_t experts = blocks.shape[0], outputs = blocks.shape[1], inputBlocks = blocks.shape[2];
    const SafeTensor* scales = weights.find(module + "_scales");
    if (!scales) throwDamaged(file, module + "_scales", "is missing");
    requireShape(
        *scales, 3,
        [&](const auto& shape) {
            return scales->dtype == "U8" && std::equal(shape.begin(), shape.end(), blocks.shape.begin());
        },
        file);
    for (const Part& part : parts)
        m_matrices.push_back(madeRows(layerOf(module) + part.name + ".weight", FormatId::MXFP4, experts,
                                      outputs / part.step, inputBlocks * kBlock, [&](int64_t e) {
                                          const int64_t first = e * outputs * inputBlocks;
                                          return std::make_shared<Mxfp4Rows>(blocks.data + first * kBlockCodes,
                                                                             scales->data + first, inputBlocks, part);
                                      }));
    m_parts.insert(blocks.name);
    m_parts.insert(scales->name);
}

/// (experts, outputs); small, so the parts are copied.
void FusedExperts::addBias(const SafeTensor& tensor, const std::string& file) {
    const std::vector<Part> parts = partsOf(tensor.name.substr(0, tensor.name.rfind('_')));
    const Format* format = floatFormat(tensor);
    requireShape(
        tensor, 2, [&](const auto& shape) { return format && shape[1] % int64_t(parts.size()) == 0; }, file);
    const std::vector<std::byte> aligned(tensor.data, tensor.data + tensor.bytes);
    std::vector<float> values(std::size_t(tensor.shape[0] * tensor.shape[1]));
    format->decode(aligned.data(), values.data(), int64_t(values.size()));
    for (const Part& part : parts) {
        auto own = std::make_shared<std::vector<float>>();
        for (std::size_t i = std::size_t(part.first); i < values.size(); i += std::size_t(part.step))
            own->push_back(values[i]);
        WeightRows rows;
        rows.name = layerOf(tensor.name) + part.name + ".bias";
        rows.format = FormatId::F32;
        rows.rows = tensor.shape[0];
        rows.cols = tensor.shape[1] / part.step;
        rows.planes = {reinterpret_cast<const std::byte*>(own->data())};
        rows.owner = std::move(own);
        m_matrices.push_back(std::move(rows));
    }
    m_parts.insert(tensor.name);
}

} // namespace nibble
