// A model made of metadata and zeros, for tests of what reads models.
#pragma once

#include <models/model_source.h>

namespace nibble::test {

class FakeSource : public ModelSource {
public:
    const std::filesystem::path& path() const override { return m_path; }
    bool isHuggingFace() const override { return false; }
    const GgufMetadata& metadata() const override { return keys; }
    std::span<const WeightRows> tensors() const override { return weights; }
    void check() const override {}
    uint64_t fileBytes() const override { return 0; }

    /// Adds or replaces an F32 tensor of zeros (or of `values`); `planes` experts.
    void tensor(const std::string& name, int64_t cols, int64_t rows = 1, std::vector<float> values = {},
                int64_t planes = 1) {
        drop(name);
        values.resize(std::size_t(cols * rows * planes));
        auto data = std::make_shared<std::vector<float>>(std::move(values));
        WeightRows w;
        w.name = name;
        w.cols = cols;
        w.rows = rows;
        w.dims = rows == 1 ? 1 : 2;
        if (planes > 1) w.dims = 3;
        for (int64_t p = 0; p < planes; ++p)
            w.planes.push_back(reinterpret_cast<const std::byte*>(data->data() + p * rows * cols));
        w.owner = data;
        weights.push_back(w);
    }
    void drop(const std::string& name) {
        std::erase_if(weights, [&](const WeightRows& w) { return w.name == name; });
    }

    GgufMetadata keys;
    std::vector<WeightRows> weights;

private:
    std::filesystem::path m_path = "fake.gguf";
};

/// A sound model of two layers: width 64, 4 heads and 2 key-value heads of 16, feed-forward 96, 40 tokens.
inline FakeSource tinySource(const std::string& architecture = "llama", bool tied = false) {
    FakeSource s;
    s.keys.origin = "fake.gguf";
    s.keys.set("general.architecture", architecture);
    const auto key = [&](const char* name) { return architecture + "." + name; };
    s.keys.set(key("context_length"), uint32_t(256));
    s.keys.set(key("embedding_length"), uint32_t(64));
    s.keys.set(key("block_count"), uint32_t(2));
    s.keys.set(key("feed_forward_length"), uint32_t(96));
    s.keys.set(key("attention.head_count"), uint32_t(4));
    s.keys.set(key("attention.head_count_kv"), uint32_t(2));
    s.keys.set(key("attention.layer_norm_rms_epsilon"), 1e-6f);
    s.tensor("token_embd.weight", 64, 40);
    for (const std::string layer : {"blk.0.", "blk.1."}) {
        s.tensor(layer + "attn_norm.weight", 64);
        s.tensor(layer + "attn_q.weight", 64, 64);
        s.tensor(layer + "attn_k.weight", 64, 32);
        s.tensor(layer + "attn_v.weight", 64, 32);
        s.tensor(layer + "attn_output.weight", 64, 64);
        if (architecture == "qwen3") {
            s.tensor(layer + "attn_q_norm.weight", 16);
            s.tensor(layer + "attn_k_norm.weight", 16);
        }
        s.tensor(layer + "ffn_norm.weight", 64);
        s.tensor(layer + "ffn_gate.weight", 64, 96);
        s.tensor(layer + "ffn_up.weight", 64, 96);
        s.tensor(layer + "ffn_down.weight", 96, 64);
    }
    s.tensor("output_norm.weight", 64);
    if (!tied) s.tensor("output.weight", 64, 40);
    return s;
}

/// The same with 4 experts of 32 in each layer, of which a token uses 2.
inline FakeSource tinyExperts() {
    FakeSource s = tinySource();
    s.keys.set("llama.expert_count", uint32_t(4));
    s.keys.set("llama.expert_used_count", uint32_t(2));
    s.keys.set("llama.expert_feed_forward_length", uint32_t(32));
    for (const std::string layer : {"blk.0.", "blk.1."}) {
        for (const char* part : {"ffn_gate.weight", "ffn_up.weight", "ffn_down.weight"}) s.drop(layer + part);
        s.tensor(layer + "ffn_gate_inp.weight", 64, 4);
        s.tensor(layer + "ffn_gate_exps.weight", 64, 32, {}, 4);
        s.tensor(layer + "ffn_up_exps.weight", 64, 32, {}, 4);
        s.tensor(layer + "ffn_down_exps.weight", 32, 64, {}, 4);
    }
    return s;
}

} // namespace nibble::test
