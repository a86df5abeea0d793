// Where GPTQ, AWQ and compressed-tensors put codes, zero points and scales. Source: notes/quantization 2.1 - 2.3.
#include <algorithm>
#include <base/text.h>
#include <cstring>
#include <files/damaged.h>
#include <models/packed_checkpoint.h>

namespace nibble {

namespace {

/// The tensors of one module, and what is wrong with them.
class Module {
public:
    Module(const SafeTensors& weights, const PackedScheme& packedScheme, std::string name, const std::string& file,
           std::set<std::string, std::less<>>& parts)
        : scheme(packedScheme), m_weights(weights), m_name(std::move(name)), m_file(file), m_parts(parts) {}

    const SafeTensor* find(const char* part) const {
        const SafeTensor* tensor = m_weights.find(m_name + part);
        if (tensor) m_parts.insert(tensor->name);
        return tensor;
    }
    const SafeTensor& require(const char* part) const {
        const SafeTensor* tensor = find(part);
        if (!tensor) bad(part, "is missing");
        return *tensor;
    }
    /// A matrix of 32-bit words with rows and columns.
    const SafeTensor& words(const SafeTensor& tensor) const {
        if (tensor.dtype != "I32" && tensor.dtype != "U32") fail(tensor, "is " + tensor.dtype + " instead of I32");
        return matrix(tensor);
    }
    const SafeTensor& matrix(const SafeTensor& tensor) const {
        if (tensor.shape.size() != 2 || tensor.bytes == 0) fail(tensor, "is not a matrix");
        return tensor;
    }
    void expectShape(const SafeTensor& tensor, int64_t rows, int64_t cols) const {
        if (tensor.shape[0] != rows || tensor.shape[1] != cols)
            fail(tensor, format("is %lld x %lld instead of %lld x %lld", (long long)tensor.shape[0],
                                (long long)tensor.shape[1], (long long)rows, (long long)cols));
    }
    /// The table of scales, without strides.
    PackedScales scales(const SafeTensor& tensor) const {
        matrix(tensor);
        const FormatId format = tensor.dtype == "F16"    ? FormatId::F16
                                : tensor.dtype == "BF16" ? FormatId::BF16
                                                         : FormatId::F32;
        if (format == FormatId::F32 && tensor.dtype != "F32") fail(tensor, "is " + tensor.dtype + " instead of F16");
        return {tensor.data, format, 1, 1};
    }
    [[noreturn]] void fail(const SafeTensor& tensor, const std::string& fact) const {
        throwDamaged(m_file, tensor.name, fact);
    }
    [[noreturn]] void bad(const char* part, const std::string& fact) const {
        throwDamaged(m_file, m_name + part, fact);
    }
    PackedMatrix empty() const {
        PackedMatrix m;
        m.name = m_name + "weight";
        m.owner = m_weights.owner();
        return m;
    }

    const PackedScheme& scheme;

private:
    const SafeTensors& m_weights;
    std::string m_name;
    const std::string& m_file;
    std::set<std::string, std::less<>>& m_parts;
};

/// How many inputs share a group. The configured number where it fits: rules may give single matrices another.
int64_t groupSizeOf(const Module& module, const SafeTensor& scales, int64_t inputs, int64_t groups) {
    const int64_t configured = module.scheme.groupSize;
    if (groups == 1) return inputs;
    if (configured > 0 && (inputs - 1) / configured + 1 == groups) return configured;
    if (inputs % groups != 0)
        module.fail(scales,
                    format("has %lld groups, which %lld inputs cannot share", (long long)groups, (long long)inputs));
    return inputs / groups;
}

/// Each input's group, where it is written down and is not simply the next in order (whatever desc_act says).
void readGroups(const Module& module, const char* part, PackedMatrix& m) {
    const SafeTensor* tensor = module.find(part);
    if (!tensor || tensor->bytes == 0) return;
    if (tensor->dtype != "I32" || tensor->shape != std::vector<int64_t>{m.inputs})
        module.fail(*tensor, format("is not a list of %lld numbers of the format I32", (long long)m.inputs));
    std::vector<int32_t> groups(std::size_t(m.inputs));
    std::memcpy(groups.data(), tensor->data, tensor->bytes);
    const bool compressed = module.scheme.packing == Packing::CompressedTensors;
    if (compressed && std::ranges::find(groups, -1) != groups.end()) return; // its way to say "in order"
    bool inOrder = true;
    for (std::size_t k = 0; k < groups.size(); ++k) {
        if (groups[k] < 0) groups[k] += int32_t(std::min<int64_t>(m.groups, INT32_MAX)); // counted from the end
        if (groups[k] < 0 || groups[k] >= m.groups)
            module.fail(*tensor, format("[%zu] is not the number of one of %lld groups", k, (long long)m.groups));
        inOrder = inOrder && groups[k] == int64_t(k) / m.groupSize;
    }
    if (!inOrder) m.groupOf = std::move(groups);
}

int knownBits(const Module& module, const SafeTensor& tensor, int64_t bits) {
    if (bits != 2 && bits != 3 && bits != 4 && bits != 8)
        module.fail(tensor, format("would have %lld bits a weight instead of 2, 3, 4 or 8", (long long)bits));
    return int(bits);
}

/// qweight (K * bits / 32, N), qzeros (G, N * bits / 32), scales (G, N), g_idx (K).
PackedMatrix gptq(const Module& module) {
    const SafeTensor& codes = module.words(module.require("qweight"));
    const SafeTensor& zeros = module.words(module.require("qzeros"));
    const SafeTensor& scales = module.require("scales");
    PackedMatrix m = module.empty();
    m.scales = module.scales(scales);
    m.outputs = codes.shape[1];
    m.groups = scales.shape[0];
    const int64_t zeroBits = 32 * zeros.shape[1]; // of a row
    if (zeroBits % m.outputs != 0) module.fail(zeros, format("does not fit %lld outputs", (long long)m.outputs));
    m.codes = {codes.data, knownBits(module, zeros, zeroBits / m.outputs), m.outputs, 1, false};
    m.inputs = codes.shape[0] * 32 / m.codes.bits;
    if (codes.shape[0] * 32 % m.codes.bits != 0) module.fail(codes, "has no whole number of inputs");
    module.expectShape(scales, m.groups, m.outputs);
    module.expectShape(zeros, m.groups, zeros.shape[1]);
    m.scales.groupStride = m.outputs;
    m.zeros = {zeros.data, m.codes.bits, 1, zeros.shape[1], false};
    m.groupSize = groupSizeOf(module, scales, m.inputs, m.groups);
    readGroups(module, "g_idx", m);
    return m;
}

/// qweight (K, N / 8), qzeros (G, N / 8), scales (G, N), the numbers of each word in AWQ's order.
PackedMatrix awqGemm(const Module& module) {
    const SafeTensor& codes = module.words(module.require("qweight"));
    const SafeTensor& scales = module.require("scales");
    PackedMatrix m = module.empty();
    m.scales = module.scales(scales);
    m.inputs = codes.shape[0];
    m.outputs = scales.shape[1];
    m.groups = scales.shape[0];
    m.scales.groupStride = m.outputs;
    if (m.outputs % 8 != 0) module.fail(scales, "has no multiple of 8 columns");
    module.expectShape(codes, m.inputs, m.outputs / 8);
    m.codes = {codes.data, 4, 1, m.outputs / 8, true};
    m.codesAlongInputs = false;
    if (const SafeTensor* zeros = module.find("qzeros")) {
        module.expectShape(module.words(*zeros), m.groups, m.outputs / 8);
        m.zeros = {zeros->data, 4, 1, m.outputs / 8, true};
    }
    m.groupSize = groupSizeOf(module, scales, m.inputs, m.groups);
    return m;
}

/// qweight (N, K / 8), qzeros (N, >= G / 8), scales (N, >= G): groups are padded with unused ones.
PackedMatrix awqGemv(const Module& module) {
    const SafeTensor& codes = module.words(module.require("qweight"));
    const SafeTensor& scales = module.require("scales");
    PackedMatrix m = module.empty();
    m.scales = module.scales(scales);
    m.outputs = codes.shape[0];
    m.inputs = codes.shape[1] * 8;
    m.groupSize = module.scheme.groupSize > 0 ? module.scheme.groupSize : m.inputs;
    m.groups = (m.inputs - 1) / m.groupSize + 1;
    if (scales.shape[0] != m.outputs || scales.shape[1] < m.groups)
        module.fail(scales,
                    format("does not hold %lld groups for %lld outputs", (long long)m.groups, (long long)m.outputs));
    m.codes = {codes.data, 4, 1, codes.shape[1], false};
    m.scales.outputStride = scales.shape[1];
    if (const SafeTensor* zeros = module.find("qzeros")) {
        module.words(*zeros);
        if (zeros->shape[0] != m.outputs || zeros->shape[1] < (m.groups - 1) / 8 + 1)
            module.fail(*zeros, format("does not hold %lld groups for %lld outputs", (long long)m.groups,
                                       (long long)m.outputs));
        m.zeros = {zeros->data, 4, 1, zeros->shape[1], false};
        m.zerosAlongOutputs = false;
    }
    return m;
}

/// The two numbers of weight_shape: outputs and inputs.
void readShape(const Module& module, PackedMatrix& m) {
    const SafeTensor& shape = module.require("weight_shape");
    if (shape.shape != std::vector<int64_t>{2} || (shape.dtype != "I64" && shape.dtype != "I32"))
        module.fail(shape, "is not a pair of whole numbers");
    for (int i = 0; i < 2; ++i) {
        int64_t value = 0;
        if (shape.dtype == "I64") std::memcpy(&value, shape.data + 8 * i, 8);
        if (shape.dtype == "I32") {
            int32_t narrow = 0;
            std::memcpy(&narrow, shape.data + 4 * i, 4);
            value = narrow;
        }
        if (value < 1 || value > INT32_MAX) module.fail(shape, "is not a pair of numbers above zero");
        (i == 0 ? m.outputs : m.inputs) = value;
    }
}

/// weight_packed (N, K * bits / 32), weight_scale (N, G), weight_zero_point (N * bits / 32, G), weight_shape (2),
/// weight_g_idx (K). Codes and zero points are both stored with 2^(bits-1) added.
PackedMatrix compressedTensors(const Module& module) {
    const SafeTensor& codes = module.words(module.require("weight_packed"));
    const SafeTensor& scales = module.require("weight_scale");
    PackedMatrix m = module.empty();
    m.scales = module.scales(scales);
    readShape(module, m);
    int bits = 0;
    for (const int candidate : {2, 4, 8})
        if ((m.inputs - 1) / (32 / candidate) + 1 == codes.shape[1]) bits = candidate;
    if (bits == 0) module.fail(codes, format("does not hold %lld inputs of 2, 4 or 8 bits", (long long)m.inputs));
    module.expectShape(codes, m.outputs, codes.shape[1]);
    m.codes = {codes.data, bits, 1, codes.shape[1], false};
    m.groups = scales.shape[1];
    module.expectShape(scales, m.outputs, m.groups);
    m.scales.outputStride = m.groups;
    if (const SafeTensor* zeros = module.find("weight_zero_point"); zeros && zeros->bytes > 0) {
        module.expectShape(module.words(*zeros), (m.outputs - 1) / (32 / bits) + 1, m.groups);
        m.zeros = {zeros->data, bits, m.groups, 1, false};
    }
    m.groupSize = groupSizeOf(module, scales, m.inputs, m.groups);
    readGroups(module, "weight_g_idx", m);
    return m;
}

} // namespace

std::string_view packedMark(Packing packing) {
    return packing == Packing::CompressedTensors ? "weight_packed" : "qweight";
}

PackedMatrix packedMatrix(const SafeTensors& weights, const PackedScheme& scheme, const std::string& name,
                          const std::string& file, std::set<std::string, std::less<>>& parts) {
    const Module module(weights, scheme, name, file, parts);
    switch (scheme.packing) {
    case Packing::Gptq:
        return gptq(module);
    case Packing::AwqGemm:
        return awqGemm(module);
    case Packing::AwqGemv:
        return awqGemv(module);
    case Packing::CompressedTensors:
        return compressedTensors(module);
    }
    return {};
}

} // namespace nibble
