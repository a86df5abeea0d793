// A small model in memory, for tests of what makes models smaller.
#pragma once

#include <cmath>
#include <cstring>
#include <formats/half.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <random>

namespace nibble::test {

class MemoryModel : public ModelSource {
public:
    const std::filesystem::path& path() const override { return m_path; }
    bool isHuggingFace() const override { return huggingFace; }
    const GgufMetadata& metadata() const override { return keys; }
    std::span<const WeightRows> tensors() const override { return weights; }
    void check() const override {
        if (changed) throw Error(ErrorKind::BadFile, "The file changed.", m_path.string());
    }
    uint64_t fileBytes() const override { return 12345; }

    /// Adds a tensor of normal weights.
    WeightRows& add(const std::string& name, std::vector<int64_t> shape, FormatId id = FormatId::BF16) {
        WeightRows w;
        w.name = name;
        w.format = id;
        w.cols = shape[0];
        w.rows = shape.size() > 1 ? shape[1] : 1;
        w.dims = int(shape.size());
        const int64_t planes = shape.size() > 2 ? shape[2] : 1, n = w.cols * w.rows * planes;
        std::vector<float> values(std::size_t(n), 0.f);
        std::normal_distribution<float> normal(0, 0.02f);
        for (float& value : values) value = normal(m_random);
        auto bytes = std::make_shared<std::vector<std::byte>>(format(id).rowBytes(n));
        format(id).encode(values.data(), bytes->data(), n, nullptr);
        for (int64_t p = 0; p < planes; ++p)
            w.planes.push_back(bytes->data() + std::size_t(p) * format(id).rowBytes(w.cols * w.rows));
        w.owner = bytes;
        weights.push_back(std::move(w));
        return weights.back();
    }

    GgufMetadata keys;
    std::vector<WeightRows> weights;
    bool huggingFace = false, changed = false;

private:
    std::filesystem::path m_path = "memory.gguf";
    std::mt19937 m_random{1};
};

struct Shape {
    int64_t layers = 4, width = 256, feedForward = 512, vocab = 320, kvWidth = 64;
    uint32_t heads = 4, kvHeads = 1, experts = 0;
    bool tied = true;
};

/// A llama in BF16.
inline MemoryModel makeModel(const Shape& s = {}) {
    MemoryModel m;
    m.keys.origin = "memory.gguf";
    m.keys.set("general.architecture", std::string("llama"));
    m.keys.set("general.name", std::string("Memory"));
    m.keys.set("llama.block_count", uint32_t(s.layers));
    m.keys.set("llama.attention.head_count", s.heads);
    m.keys.set("llama.attention.head_count_kv", s.kvHeads);
    if (s.experts > 0) m.keys.set("llama.expert_count", s.experts);
    m.add("token_embd.weight", {s.width, s.vocab});
    for (int64_t i = 0; i < s.layers; ++i) {
        const std::string layer = "blk." + std::to_string(i) + ".";
        m.add(layer + "attn_norm.weight", {s.width}, FormatId::F32);
        m.add(layer + "attn_q.weight", {s.width, s.width});
        m.add(layer + "attn_k.weight", {s.width, s.kvWidth});
        m.add(layer + "attn_v.weight", {s.width, s.kvWidth});
        m.add(layer + "attn_output.weight", {s.width, s.width});
        m.add(layer + "ffn_norm.weight", {s.width}, FormatId::F32);
        if (s.experts > 0) {
            m.add(layer + "ffn_gate_inp.weight", {s.width, s.experts}, FormatId::F32);
            m.add(layer + "ffn_down_exps.weight", {s.feedForward, s.width, s.experts});
        } else {
            m.add(layer + "ffn_gate.weight", {s.width, s.feedForward});
            m.add(layer + "ffn_down.weight", {s.feedForward, s.width});
        }
    }
    m.add("output_norm.weight", {s.width}, FormatId::F32);
    if (!s.tied) m.add("output.weight", {s.width, s.vocab});
    return m;
}

} // namespace nibble::test
