// Folders for servers: that our own reader finds the very values that were rounded, what else lies in them, and what is
// refused.
#include "sample_text.h"

#include <algorithm>
#include <base/text.h>
#include <base/thread_pool.h>
#include <cmath>
#include <files/json_file.h>
#include <files/safetensors.h>
#include <formats/grouped.h>
#include <formats/half.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/model_source.h>
#include <models/safetensors_file.h>
#include <nibble/error.h>
#include <process.h>
#include <quantize/error_feedback.h>
#include <quantize/folder_recipe.h>
#include <random>

namespace nibble {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A llama of one layer whose weights are drawn: rows of 128 and 256, queries in the order of folders.
class ExportFolder : public testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(original());
        config = {{"model_type", "llama"},          {"hidden_size", 128},       {"num_hidden_layers", 1},
                  {"intermediate_size", 256},       {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                  {"max_position_embeddings", 512}, {"rms_norm_eps", 1e-5},     {"vocab_size", 16},
                  {"torch_dtype", "bfloat16"}};
        add("model.embed_tokens.weight", {16, 128});
        add("lm_head.weight", {16, 128});
        add("model.norm.weight", {128});
        const std::string layer = "model.layers.0.";
        add(layer + "input_layernorm.weight", {128});
        add(layer + "post_attention_layernorm.weight", {128});
        add(layer + "self_attn.q_proj.weight", {128, 128});
        add(layer + "self_attn.k_proj.weight", {64, 128});
        add(layer + "self_attn.v_proj.weight", {64, 128});
        add(layer + "self_attn.o_proj.weight", {128, 128});
        add(layer + "mlp.gate_proj.weight", {256, 128});
        add(layer + "mlp.up_proj.weight", {256, 128});
        add(layer + "mlp.down_proj.weight", {128, 256});
        std::ofstream(original() / "tokenizer.json") << "{}";
        std::ofstream(original() / "chat_template.jinja") << "{{ messages }}";
        std::ofstream(original() / "notes.txt") << "private";
    }
    fs::path original() const { return m_folder / "Original"; }
    fs::path output() const { return m_folder / "served"; }

    void add(const std::string& name, const std::vector<int64_t>& shape) {
        std::normal_distribution<float> normal(0, 0.05f);
        int64_t n = 1;
        for (const int64_t d : shape) n *= d;
        std::string bytes;
        for (int64_t i = 0; i < n; ++i) {
            const uint16_t half = f32ToF16(normal(m_random));
            bytes.append(reinterpret_cast<const char*>(&half), sizeof half);
        }
        tensors[name] = {"F16", shape, bytes};
    }
    QuantizeOptions options(const std::string& recipe) const {
        std::ofstream(original() / "config.json") << config;
        test::writeSafetensors(original() / "model.safetensors", tensors);
        QuantizeOptions o;
        o.source = original();
        o.output = output();
        o.recipe = recipe;
        o.threads = 2;
        return o;
    }
    Error refusal(const std::string& recipe) const {
        try {
            planQuantize(options(recipe));
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << recipe << " was not refused";
        return Error(ErrorKind::Internal, "");
    }
    std::size_t files() const {
        return std::size_t(std::distance(fs::directory_iterator(m_folder.path()), fs::directory_iterator()));
    }

    json config;
    test::StoredTensors tensors;

private:
    test::TempFolder m_folder;
    std::mt19937 m_random{5};
};

/// Every row as the blocks of the recipe's format round it, in 32-bit floats.
std::vector<float> roundedRow(const WeightRows& tensor, int64_t row, const Format& to) {
    std::vector<float> weights(std::size_t(tensor.cols)), out(weights.size());
    std::vector<std::byte> blocks(to.rowBytes(tensor.cols));
    tensor.decodeRow(row, weights.data());
    to.encode(weights.data(), blocks.data(), tensor.cols, nullptr);
    to.decode(blocks.data(), out.data(), tensor.cols);
    return out;
}

TEST_F(ExportFolder, OurReaderFindsTheVeryValuesThatWereRounded) {
    const std::pair<const char*, FormatId> cases[] = {{"gptq-4bit", FormatId::Q4_0},
                                                      {"GPTQ-4bit-32", FormatId::Q4_0},
                                                      {"gptq-8BIT-64", FormatId::Q8_0},
                                                      {"awq-4bit", FormatId::Q4_0},
                                                      {"awq-4bit-64", FormatId::Q4_0}};
    for (const auto& [recipe, format] : cases) {
        fs::remove_all(output());
        const QuantizeReport report = quantizeModel(options(recipe));
        FolderRecipe asked = *folderRecipe(recipe);
        if (asked.group == 0) asked.group = 128;
        EXPECT_EQ(report.plan.recipe, asked.name());
        EXPECT_EQ(fs::file_size(output() / "model.safetensors"), report.plan.fileBytes);
        const auto from = openModel(original()), to = openModel(output());
        ASSERT_EQ(to->tensors().size(), from->tensors().size());
        for (const WeightRows& tensor : from->tensors()) {
            const WeightRows& written = *to->find(tensor.name);
            const bool packed = tensor.dims == 2 && tensor.name.starts_with("blk.");
            EXPECT_EQ(written.format, packed ? format : FormatId::F16) << recipe << " " << tensor.name;
            // The importance that weights alone tell of a down projection is not computed here.
            if (tensor.name.find("ffn_down") != std::string::npos) continue;
            for (int64_t r = 0; r < tensor.rows; r += 7) {
                std::vector<float> values(std::size_t(tensor.cols)), same(values.size());
                written.decodeRow(r, values.data());
                if (packed)
                    same = roundedRow(tensor, r, asked.format());
                else
                    tensor.decodeRow(r, same.data());
                EXPECT_EQ(values, same) << recipe << " " << tensor.name << " row " << r;
            }
        }
    }
}

TEST_F(ExportFolder, HoldsWhatLoadersNeedAndNothingElse) {
    quantizeModel(options("gptq-4bit"));
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(output())) names.push_back(file.path().filename());
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"chat_template.jinja", "config.json", "model.safetensors",
                                               "quantize_config.json", "tokenizer.json"}));
    EXPECT_EQ(files(), 2u); // the original and the result: nothing hidden is left
    json written = readJsonObject(output() / "config.json", 1 << 20);
    const json description = written["quantization_config"];
    EXPECT_EQ(description["quant_method"], "gptq");
    EXPECT_EQ(description["group_size"], 128);
    EXPECT_EQ(description["checkpoint_format"], "gptq");
    EXPECT_EQ(readJsonObject(output() / "quantize_config.json", 1 << 20), description);
    written.erase("quantization_config");
    EXPECT_EQ(written, config);

    const SafeTensors stored(output());
    const SafeTensor& zeros = *stored.find("model.layers.0.mlp.up_proj.qzeros");
    EXPECT_EQ(zeros.shape, (std::vector<int64_t>{1, 32}));
    EXPECT_TRUE(std::all_of(zeros.data, zeros.data + zeros.bytes, [](std::byte b) { return b == std::byte(0x77); }));
    EXPECT_EQ(stored.find("model.layers.0.mlp.up_proj.weight"), nullptr);
}

/// Error feedback makes up for rounding in groups as it does in blocks.
TEST_F(ExportFolder, RoundsWithErrorFeedback) {
    constexpr int64_t kCols = 256, kTokens = 400;
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> x(std::size_t(kTokens * kCols)), moments(std::size_t(kCols * kCols));
    for (int64_t t = 0; t < kTokens; ++t) {
        const float shared = normal(random);
        for (int64_t i = 0; i < kCols; ++i) x[std::size_t(t * kCols + i)] = shared + 0.3f * normal(random);
    }
    for (int64_t t = 0; t < kTokens; ++t)
        for (int64_t i = 0; i < kCols; ++i)
            for (int64_t j = 0; j < kCols; ++j)
                moments[std::size_t(i * kCols + j)] += x[std::size_t(t * kCols + i)] * x[std::size_t(t * kCols + j)];
    ThreadPool pool(2);
    const ErrorFeedback feedback(moments, kCols, pool);
    ASSERT_TRUE(feedback.usable());
    for (const int bits : {4, 8})
        for (const int64_t group : {32, 64, 128}) {
            const Format& f = *groupedFormat(bits, group);
            double plain = 0, made = 0;
            for (int r = 0; r < 8; ++r) {
                std::vector<float> weights(kCols), decoded(kCols);
                for (float& w : weights) w = normal(random);
                std::vector<std::byte> blocks(f.rowBytes(kCols));
                const auto error = [&] {
                    f.decode(blocks.data(), decoded.data(), kCols);
                    double sum = 0;
                    for (int64_t t = 0; t < kTokens; ++t) {
                        double y = 0;
                        for (int64_t i = 0; i < kCols; ++i)
                            y += double(weights[std::size_t(i)] - decoded[std::size_t(i)]) *
                                 x[std::size_t(t * kCols + i)];
                        sum += y * y;
                    }
                    return sum;
                };
                f.encode(weights.data(), blocks.data(), kCols, nullptr);
                plain += error();
                std::vector<float> worked = weights;
                feedback.encodeRows(worked.data(), 1, f, nullptr, blocks.data());
                made += error();
            }
            EXPECT_LT(made, 0.6 * plain) << bits << " bits, groups of " << group;
        }
}

TEST_F(ExportFolder, TakesTheLargestGroupThatDividesAndRefusesOthers) {
    tensors["model.layers.0.mlp.down_proj.weight"] = {};
    config["intermediate_size"] = 192; // 128 + 64
    for (const char* name : {"gate_proj", "up_proj"})
        add("model.layers.0.mlp." + std::string(name) + ".weight", {192, 128});
    add("model.layers.0.mlp.down_proj.weight", {128, 192});
    EXPECT_EQ(planQuantize(options("gptq-4bit")).recipe, "GPTQ-4bit-64");
    EXPECT_EQ(planQuantize(options("gptq-4bit-32")).recipe, "GPTQ-4bit-32");
    const Error error = refusal("gptq-4bit-128");
    EXPECT_EQ(error.kind, ErrorKind::BadRequest);
    EXPECT_EQ(error.whatToDo, "Choose GPTQ-4bit-64.");
}

TEST_F(ExportFolder, RefusesInPlainWordsWhatItCannotExport) {
    quantizeModel(options("gptq-4bit"));
    QuantizeOptions again = options("gptq-4bit");
    EXPECT_THROW(quantizeModel(again), Error); // the folder is there
    again.source = output();
    again.output = output().string() + "-2";
    EXPECT_THROW(quantizeModel(again), Error); // made smaller already
    again.source = fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";
    try {
        quantizeModel(again);
        ADD_FAILURE() << "a GGUF file has no folder";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadRequest);
        EXPECT_NE(error.message.find("original folder"), std::string::npos);
    }
    add("vision_tower.weight", {8, 8});
    EXPECT_EQ(refusal("gptq-4bit").kind, ErrorKind::Unsupported);
    EXPECT_EQ(files(), 2u);
}

TEST_F(ExportFolder, LeavesNothingWhereItIsStopped) {
    std::stop_source stop;
    bool begun = false;
    const auto stopLate = [&](const Progress& p) {
        begun = begun || p.stage == "Making smaller";
        if (p.fraction > 0.5) stop.request_stop();
    };
    EXPECT_THROW(quantizeModel(options("gptq-4bit"), stopLate, stop.get_token()), Error);
    EXPECT_TRUE(begun);
    EXPECT_EQ(files(), 1u);
}

/// With everything that is learned from a text, and with the whole way through golden folders of other architectures.
TEST_F(ExportFolder, OtherArchitecturesAndCareful) {
    for (const char* name : {"llama-bias", "qwen3", "phi3", "gemma2"}) {
        const fs::path golden = test::goldenDir("models/" + std::string(name));
        if (golden.empty()) GTEST_SKIP() << "no goldens";
        fs::remove_all(output());
        QuantizeOptions o = options("gptq-8bit");
        o.source = golden;
        o.care = Care::Careful;
        test::TempFolder text;
        o.calibration = test::sampleIn(text.path(), 6000, 600);
        quantizeModel(o);
        const auto from = openModel(golden), to = openModel(output());
        for (const WeightRows& tensor : from->tensors()) {
            std::vector<float> a(std::size_t(tensor.cols)), b(a.size());
            double error = 0, sum = 0;
            for (int64_t r = 0; r < tensor.rows; ++r) {
                tensor.decodeRow(r, a.data());
                to->find(tensor.name)->decodeRow(r, b.data());
                for (std::size_t i = 0; i < a.size(); ++i) {
                    error += double(a[i] - b[i]) * (a[i] - b[i]);
                    sum += double(a[i]) * a[i];
                }
            }
            EXPECT_LE(error, 1e-3 * sum) << name << " " << tensor.name;
        }
    }
}

} // namespace
} // namespace nibble
