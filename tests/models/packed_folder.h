// Folders as GPTQ, AWQ and compressed-tensors write them, packed here number by number as notes/quantization 2 says, so
// that nothing can agree with our reader's mistakes: a llama of one layer whose weights are drawn, and known.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <formats/half.h>
#include <fstream>
#include <map>
#include <models/safetensors_file.h>
#include <nlohmann/json.hpp>
#include <process.h>
#include <random>

namespace nibble::test {

struct PackedKind {
    std::string tool = "gptq"; // or "awq-gemm", "awq-gemv", "compressed"
    int bits = 4;
    int group = 32; // inputs
    bool symmetric = true;
    bool plainZeros = false; // gptq: zero points as they are, as in gptq_v2
    bool actOrder = false;   // gptq: which inputs form a group is drawn
    std::string label = "gptq";
};

/// A matrix before it is packed: w[n][k] = scale[g][n] * (code[n][k] - zero[g][n]) with g = groupOf[k].
struct PlainMatrix {
    int outputs, inputs, groups;
    std::vector<int> code, zero, groupOf;
    std::vector<float> scale; // f16 numbers

    float weight(int n, int k) const {
        const auto g = std::size_t(groupOf[std::size_t(k)] * outputs + n);
        return scale[g] * float(code[std::size_t(n * inputs + k)] - zero[g]);
    }
};

class PackedFolder {
public:
    explicit PackedFolder(const PackedKind& kind) : m_kind(kind) {
        config = {{"model_type", "llama"},         {"hidden_size", 64},        {"num_hidden_layers", 1},
                  {"intermediate_size", 96},       {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                  {"max_position_embeddings", 64}, {"rms_norm_eps", 1e-5},     {"vocab_size", 8}};
        config["quantization_config"] = description();
        plain("model.embed_tokens.weight", {8, 64});
        plain("lm_head.weight", {8, 64});
        plain("model.norm.weight", {64});
        const std::string layer = "model.layers.0.";
        plain(layer + "input_layernorm.weight", {64});
        plain(layer + "post_attention_layernorm.weight", {64});
        add(layer + "self_attn.q_proj", 64, 64);
        add(layer + "self_attn.k_proj", 32, 64);
        add(layer + "self_attn.v_proj", 32, 64);
        add(layer + "self_attn.o_proj", 64, 64);
        add(layer + "mlp.gate_proj", 96, 64);
        add(layer + "mlp.up_proj", 96, 64);
        add(layer + "mlp.down_proj", 64, 96);
    }

    /// Writes config.json and model.safetensors.
    const std::filesystem::path& write() const {
        std::ofstream(m_folder / "config.json") << config;
        writeSafetensors(m_folder / "model.safetensors", tensors);
        return m_folder.path();
    }

    nlohmann::json config;
    StoredTensors tensors;                       // what write() writes
    std::map<std::string, PlainMatrix> matrices; // by module, "model.layers.0.mlp.up_proj"

private:
    nlohmann::json description() const {
        if (m_kind.tool == "gptq")
            return {{"quant_method", "gptq"},  {"bits", m_kind.bits},         {"group_size", m_kind.group},
                    {"sym", m_kind.symmetric}, {"desc_act", m_kind.actOrder}, {"checkpoint_format", m_kind.label}};
        if (m_kind.tool == "compressed")
            return {{"quant_method", "compressed-tensors"},
                    {"format", "pack-quantized"},
                    {"config_groups",
                     {{"group_0",
                       {{"targets", {"Linear"}},
                        {"weights", {{"num_bits", m_kind.bits}, {"group_size", m_kind.group}, {"type", "int"}}}}}}}};
        return {{"quant_method", "awq"},
                {"bits", 4},
                {"group_size", m_kind.group},
                {"zero_point", !m_kind.symmetric},
                {"version", m_kind.tool == "awq-gemm" ? "GEMM" : "gemv"}};
    }

    void plain(const std::string& name, const std::vector<int64_t>& shape) {
        std::normal_distribution<float> normal;
        std::size_t n = 1;
        for (const int64_t d : shape) n *= std::size_t(d);
        std::string bytes;
        for (std::size_t i = 0; i < n; ++i) appendNumber(bytes, normal(m_random));
        tensors[name] = {"F32", shape, bytes};
    }

    PlainMatrix drawn(int outputs, int inputs) {
        PlainMatrix m{outputs, inputs, (inputs + m_kind.group - 1) / m_kind.group, {}, {}, {}, {}};
        const int half = 1 << (m_kind.bits - 1), last = 2 * half - 1;
        std::normal_distribution<double> normal(0, half / 3.0);
        std::uniform_int_distribution<int> near(-std::max(1, half / 4), std::max(1, half / 4));
        std::uniform_real_distribution<float> size(0.01f, 0.03f);
        for (int k = 0; k < inputs; ++k) m.groupOf.push_back(k / m_kind.group);
        if (m_kind.actOrder) std::ranges::shuffle(m.groupOf, m_random);
        for (int i = 0; i < m.groups * outputs; ++i) {
            m.zero.push_back(m_kind.symmetric ? half : half + near(m_random));
            m.scale.push_back(f16ToF32(f32ToF16(size(m_random))));
        }
        for (int n = 0; n < outputs; ++n)
            for (int k = 0; k < inputs; ++k) {
                const int zero = m.zero[std::size_t(m.groupOf[std::size_t(k)] * outputs + n)];
                m.code.push_back(std::clamp(zero + int(std::lround(normal(m_random))), 0, last)); // as weights are
            }
        return m;
    }

    void add(const std::string& module, int outputs, int inputs) {
        const PlainMatrix& m = matrices[module] = drawn(outputs, inputs);
        if (m_kind.tool == "gptq") addGptq(module + ".", m);
        if (m_kind.tool == "awq-gemm") addAwqGemm(module + ".", m);
        if (m_kind.tool == "awq-gemv") addAwqGemv(module + ".", m);
        if (m_kind.tool == "compressed") addCompressed(module + ".", m);
    }

    /// Sets bits in a matrix of words: `bit` counts down a column of words where `down`, else along a row.
    struct Words {
        int rows, cols;
        std::vector<uint32_t> words;
        Words(int r, int c) : rows(r), cols(c), words(std::size_t(r * c)) {}
        void put(int bit, int line, bool down, int bits, int value) {
            for (int b = 0; b < bits; ++b, ++bit)
                if (value >> b & 1)
                    words[std::size_t(down ? bit / 32 * cols + line : line * cols + bit / 32)] |= 1u << (bit % 32);
        }
    };
    void addWords(const std::string& name, const Words& w) {
        tensors[name] = {
            "I32", {w.rows, w.cols}, std::string(reinterpret_cast<const char*>(w.words.data()), 4 * w.words.size())};
    }
    void addGptq(const std::string& module, const PlainMatrix& m) {
        const int b = m_kind.bits;
        Words codes(m.inputs * b / 32, m.outputs), zeros(m.groups, m.outputs * b / 32);
        for (int n = 0; n < m.outputs; ++n) {
            for (int k = 0; k < m.inputs; ++k) codes.put(k * b, n, true, b, m.code[std::size_t(n * m.inputs + k)]);
            for (int g = 0; g < m.groups; ++g)
                zeros.put(n * b, g, false, b, m.zero[std::size_t(g * m.outputs + n)] - !m_kind.plainZeros);
        }
        addWords(module + "qweight", codes);
        addWords(module + "qzeros", zeros);
        addScales(module + "scales", m, false, m.groups);
        std::string groups;
        for (const int g : m.groupOf) appendNumber(groups, int32_t(g));
        tensors[module + "g_idx"] = {"I32", {m.inputs}, groups};
    }
    void addAwqGemm(const std::string& module, const PlainMatrix& m) {
        static constexpr int kOrder[8] = {0, 2, 4, 6, 1, 3, 5, 7}; // nibble i of word c is column 8 c + kOrder[i]
        Words codes(m.inputs, m.outputs / 8), zeros(m.groups, m.outputs / 8);
        for (int c = 0; c < m.outputs / 8; ++c)
            for (int i = 0; i < 8; ++i) {
                const int n = 8 * c + kOrder[i];
                for (int k = 0; k < m.inputs; ++k)
                    codes.put(32 * c + 4 * i, k, false, 4, m.code[std::size_t(n * m.inputs + k)]);
                for (int g = 0; g < m.groups; ++g)
                    zeros.put(32 * c + 4 * i, g, false, 4, m.zero[std::size_t(g * m.outputs + n)]);
            }
        addWords(module + "qweight", codes);
        addWords(module + "qzeros", zeros);
        addScales(module + "scales", m, false, m.groups);
    }
    void addAwqGemv(const std::string& module, const PlainMatrix& m) {
        const int padded = m_kind.group >= 128 ? 8 : m_kind.group == 64 ? 16 : 32; // groups
        Words codes(m.outputs, m.inputs / 8), zeros(m.outputs, padded / 8);
        for (int n = 0; n < m.outputs; ++n) {
            for (int k = 0; k < m.inputs; ++k) codes.put(4 * k, n, false, 4, m.code[std::size_t(n * m.inputs + k)]);
            for (int g = 0; g < m.groups; ++g) zeros.put(4 * g, n, false, 4, m.zero[std::size_t(g * m.outputs + n)]);
        }
        addWords(module + "qweight", codes);
        addWords(module + "qzeros", zeros);
        addScales(module + "scales", m, true, padded);
    }
    void addCompressed(const std::string& module, const PlainMatrix& m) {
        const int b = m_kind.bits;
        Words codes(m.outputs, m.inputs * b / 32), zeros(m.outputs * b / 32, m.groups);
        for (int n = 0; n < m.outputs; ++n) {
            for (int k = 0; k < m.inputs; ++k) codes.put(k * b, n, false, b, m.code[std::size_t(n * m.inputs + k)]);
            for (int g = 0; g < m.groups; ++g) zeros.put(n * b, g, true, b, m.zero[std::size_t(g * m.outputs + n)]);
        }
        addWords(module + "weight_packed", codes);
        if (!m_kind.symmetric) addWords(module + "weight_zero_point", zeros);
        addScales(module + "weight_scale", m, true, m.groups);
        std::string shape;
        appendNumber(shape, int64_t(m.outputs));
        appendNumber(shape, int64_t(m.inputs));
        tensors[module + "weight_shape"] = {"I64", {2}, shape};
    }
    /// (G, N), or (N, groups) with unused ones where `byOutput`.
    void addScales(const std::string& name, const PlainMatrix& m, bool byOutput, int groups) {
        std::string bytes(std::size_t(2 * groups * m.outputs), '\0');
        for (int g = 0; g < m.groups; ++g)
            for (int n = 0; n < m.outputs; ++n) {
                const uint16_t half = f32ToF16(m.scale[std::size_t(g * m.outputs + n)]);
                std::memcpy(bytes.data() + 2 * (byOutput ? n * groups + g : g * m.outputs + n), &half, 2);
            }
        tensors[name] = {
            "F16", byOutput ? std::vector<int64_t>{m.outputs, groups} : std::vector<int64_t>{groups, m.outputs}, bytes};
    }
    template<class T>
    static void appendNumber(std::string& bytes, T value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }

    PackedKind m_kind;
    std::mt19937 m_random{20261125};
    TempFolder m_folder;
};

} // namespace nibble::test
