// Model sources: a Hugging Face folder must look exactly like the GGUF file that llama.cpp's converter makes of it.
#include <algorithm>
#include <cmath>
#include <files/gguf.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/huggingface_names.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <process.h>

namespace nibble {
namespace {

using nlohmann::json;

/// A folder of a tiny llama whose weights are numbered: element i of a tensor is i.
class Folder {
public:
    json config = {{"model_type", "llama"},         {"hidden_size", 16},        {"num_hidden_layers", 2},
                   {"intermediate_size", 24},       {"num_attention_heads", 2}, {"num_key_value_heads", 1},
                   {"max_position_embeddings", 64}, {"rms_norm_eps", 1e-5},     {"vocab_size", 10},
                   {"rope_theta", 5000.0}};
    std::vector<std::pair<std::string, std::vector<int64_t>>> tensors;

    Folder() {
        tensors = {{"model.embed_tokens.weight", {10, 16}}, {"model.norm.weight", {16}}, {"lm_head.weight", {10, 16}}};
        for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
            for (const char* norm : {"input_layernorm", "post_attention_layernorm"})
                tensors.push_back({layer + norm + ".weight", {16}});
            tensors.push_back({layer + "self_attn.q_proj.weight", {16, 16}});
            tensors.push_back({layer + "self_attn.k_proj.weight", {8, 16}});
            tensors.push_back({layer + "self_attn.v_proj.weight", {8, 16}});
            tensors.push_back({layer + "self_attn.o_proj.weight", {16, 16}});
            tensors.push_back({layer + "mlp.gate_proj.weight", {24, 16}});
            tensors.push_back({layer + "mlp.up_proj.weight", {24, 16}});
            tensors.push_back({layer + "mlp.down_proj.weight", {16, 24}});
        }
    }

    /// Writes config.json and model.safetensors (F32), with `pad` spaces after the header.
    const std::filesystem::path& write(std::size_t pad = 0) const {
        std::ofstream(folder / "config.json") << config;
        json header;
        std::string data;
        for (const auto& [name, shape] : tensors) {
            const auto n = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
            const std::size_t begin = data.size();
            for (int64_t i = 0; i < n; ++i) {
                const auto value = float(i);
                data.append(reinterpret_cast<const char*>(&value), 4);
            }
            header[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data.size()}}};
        }
        std::string text = header.dump();
        text.append(8 - text.size() % 8 + pad, ' ');
        const uint64_t size = text.size();
        std::ofstream(folder / "model.safetensors", std::ios::binary)
            << std::string(reinterpret_cast<const char*>(&size), 8) << text << data;
        return folder.path();
    }
    void file(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

    test::TempFolder folder;
};

std::vector<float> rowOf(const ModelSource& source, const std::string& name, int64_t r) {
    const WeightRows* rows = source.find(name);
    if (!rows) {
        ADD_FAILURE() << name << " is missing";
        return {};
    }
    std::vector<float> values(std::size_t(rows->cols));
    rows->decodeRow(r, values.data());
    return values;
}

TEST(HuggingFaceSource, ShowsTheKeysOfAGguf) {
    const Folder f;
    const auto source = openModel(f.write());
    const GgufMetadata& m = source->metadata();
    EXPECT_TRUE(source->isHuggingFace());
    EXPECT_EQ(m.requireString("general.architecture"), "llama");
    EXPECT_EQ(m.requireInteger("llama.context_length", 0, 1000), 64);
    EXPECT_EQ(m.requireInteger("llama.embedding_length", 0, 1000), 16);
    EXPECT_EQ(m.requireInteger("llama.block_count", 0, 1000), 2);
    EXPECT_EQ(m.requireInteger("llama.attention.head_count_kv", 0, 1000), 1);
    EXPECT_EQ(m.requireInteger("llama.rope.dimension_count", 0, 1000), 8);
    EXPECT_EQ(m.requireNumber("llama.rope.freq_base"), 5000);
    EXPECT_EQ(m.requireInteger("general.file_type", 0, 99), 0);
    EXPECT_EQ(source->fileBytes(), std::filesystem::file_size(f.folder / "model.safetensors"));
    source->check();
}

TEST(HuggingFaceSource, OrdersTensorsAsAFileDoes) {
    const Folder f;
    const auto source = openModel(f.write());
    ASSERT_EQ(source->tensors().size(), 21u);
    EXPECT_EQ(source->tensors()[0].name, "token_embd.weight");
    EXPECT_EQ(source->tensors()[1].name, "blk.0.attn_norm.weight");
    EXPECT_EQ(source->tensors()[2].name, "blk.0.attn_q.weight");
    EXPECT_EQ(source->tensors()[10].name, "blk.1.attn_norm.weight");
    EXPECT_EQ(source->tensors()[19].name, "output_norm.weight");
    EXPECT_EQ(source->tensors()[20].name, "output.weight");
    EXPECT_EQ(source->tensors()[1].dims, 1);
    EXPECT_EQ(source->find("blk.1.ffn_down.weight")->cols, 24);
    EXPECT_EQ(source->find("blk.1.ffn_down.weight")->rows, 16);
}

TEST(HuggingFaceSource, ReordersRotaryRowsOfQAndKOnly) {
    const Folder f;
    const auto source = openModel(f.write());
    // Head dimension 8: row 2i+p of a head is row p*4+i of the folder's; rows are numbered by their first element / 16.
    const std::vector<int> expected{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15};
    for (int r = 0; r < 16; ++r) {
        EXPECT_EQ(rowOf(*source, "blk.0.attn_q.weight", r)[0], float(expected[std::size_t(r)] * 16));
        EXPECT_EQ(rowOf(*source, "blk.0.attn_output.weight", r)[0], float(r * 16));
    }
    EXPECT_EQ(rowOf(*source, "blk.0.attn_k.weight", 1)[0], 4.0f * 16);
    EXPECT_EQ(rowOf(*source, "blk.0.attn_v.weight", 1)[0], 1.0f * 16);
}

TEST(HuggingFaceSource, LeavesQwensRowsAlone) {
    Folder f;
    f.config["model_type"] = "qwen2";
    const auto source = openModel(f.write());
    EXPECT_EQ(rowOf(*source, "blk.0.attn_q.weight", 1)[0], 16.0f);
}

TEST(HuggingFaceSource, ReordersBiasesAlike) {
    Folder f;
    f.tensors.push_back({"model.layers.0.self_attn.q_proj.bias", {16}});
    f.tensors.push_back({"model.layers.0.self_attn.v_proj.bias", {8}});
    const auto source = openModel(f.write());
    EXPECT_EQ(rowOf(*source, "blk.0.attn_q.bias", 0),
              (std::vector<float>{0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15}));
    EXPECT_EQ(rowOf(*source, "blk.0.attn_v.bias", 0), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(HuggingFaceSource, ReadsDataAtAnOddAddress) {
    const Folder f;
    const auto source = openModel(f.write(3));
    EXPECT_EQ(rowOf(*source, "token_embd.weight", 2)[1], 33.0f);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(source->find("token_embd.weight")->row(0)) % 4, 0u);
}

TEST(HuggingFaceSource, TiedModelsHaveNoOutput) {
    Folder f;
    f.config["tie_word_embeddings"] = true; // wins over a copy in the file, as in transformers
    EXPECT_EQ(openModel(f.write())->find("output.weight"), nullptr);
    EXPECT_TRUE(inspectModel(f.folder.path()).tiedEmbedding);
}

TEST(HuggingFaceSource, ReadsTheFifthDialect) {
    Folder f;
    f.config.erase("rope_theta");
    f.config["rope_parameters"] = {{"rope_type", "linear"}, {"rope_theta", 123.0}, {"factor", 4.0}};
    auto source = openModel(f.write());
    EXPECT_EQ(source->metadata().requireNumber("llama.rope.freq_base"), 123);
    EXPECT_EQ(source->metadata().requireString("llama.rope.scaling.type"), "linear");
    EXPECT_EQ(source->metadata().requireNumber("llama.rope.scaling.factor"), 4);

    f.config["rope_parameters"] = {{"full_attention", {{"rope_type", "default"}, {"rope_theta", 77.0}}},
                                   {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 11.0}}}};
    source = openModel(f.write());
    EXPECT_EQ(source->metadata().requireNumber("llama.rope.freq_base"), 77);
    EXPECT_EQ(source->metadata().requireNumber("llama.rope.freq_base_swa"), 11);
    EXPECT_EQ(source->metadata().find("llama.rope.scaling.type"), nullptr);
}

TEST(HuggingFaceSource, ReadsYarnOfTheFourthDialect) {
    Folder f;
    f.config["rope_scaling"] = {{"type", "yarn"},
                                {"factor", 4.0},
                                {"original_max_position_embeddings", 16},
                                {"mscale", 1.0},
                                {"mscale_all_dim", 0.5}};
    const auto source = openModel(f.write());
    const GgufMetadata& m = source->metadata();
    EXPECT_EQ(m.requireString("llama.rope.scaling.type"), "yarn");
    EXPECT_EQ(m.requireInteger("llama.rope.scaling.original_context_length", 0, 99), 16);
    const double log4 = std::log(4.0);
    EXPECT_NEAR(m.requireNumber("llama.rope.scaling.yarn_attn_factor"), (0.1 * log4 + 1) / (0.05 * log4 + 1), 1e-6);
}

TEST(HuggingFaceSource, MakesLlama3FactorsAsTheConverterDoes) {
    const auto gguf = test::goldenDir("gguf/llama3.gguf"), folder = test::goldenDir("models/llama3-rope");
    if (gguf.empty() || folder.empty()) GTEST_SKIP() << "the goldens gguf and models are not there";
    const auto file = openModel(gguf);
    const WeightRows* reference = file->find("rope_freqs.weight");
    ASSERT_NE(reference, nullptr);
    // The same parameters as the golden file's config (factor 8, low 1, high 4) come from the folder with its own base.
    const auto source = openModel(folder);
    const std::vector<float> factors = rowOf(*source, "rope_freqs.weight", 0);
    ASSERT_EQ(factors.size(), 16u);
    EXPECT_FLOAT_EQ(factors.front(), 1); // 32 positions of original context: wavelengths below 8 stay
    EXPECT_FLOAT_EQ(factors.back(), 8);
    EXPECT_TRUE(std::ranges::is_sorted(factors));
    // Pair 1: wavelength 2 pi 500000^(1/16) = 14.27; smooth = (32 / 14.27 - 1) / 3 = 0.4142.
    EXPECT_NEAR(factors[1], 1 / ((1 - 0.41416) / 8 + 0.41416), 1e-3);
    for (const float x : rowOf(*file, "rope_freqs.weight", 0)) EXPECT_TRUE(x >= 1 && x <= 8) << x;
}

TEST(HuggingFaceSource, KnowsWhoHasAWindow) {
    Folder f;
    f.config["sliding_window"] = 8;
    EXPECT_EQ(openModel(f.write())->metadata().find("llama.attention.sliding_window"), nullptr) << "llama ignores it";
    f.config["model_type"] = "mistral";
    EXPECT_EQ(openModel(f.write())->metadata().requireInteger("llama.attention.sliding_window", 0, 99), 8);
    f.config["model_type"] = "qwen2";
    f.config["use_sliding_window"] = false;
    EXPECT_EQ(openModel(f.write())->metadata().find("qwen2.attention.sliding_window"), nullptr);
    f.config["use_sliding_window"] = true;
    f.config["layer_types"] = {"full_attention", "sliding_attention"};
    const auto source = openModel(f.write());
    EXPECT_EQ(source->metadata().booleans("qwen2.attention.sliding_window_pattern"), (std::vector<bool>{false, true}));
}

TEST(HuggingFaceSource, DescendsIntoMultimodalWrappers) {
    Folder f;
    json text = f.config;
    f.config = {{"model_type", "some_vision_model"}, {"text_config", text}, {"tie_word_embeddings", false}};
    for (auto& [name, shape] : f.tensors)
        name = name.starts_with("model.") ? "model.language_model." + name.substr(6) : name;
    f.tensors.push_back({"model.vision_tower.patch.weight", {2, 2}});
    const auto source = openModel(f.write());
    EXPECT_EQ(source->tensors().size(), 21u);
    EXPECT_EQ(source->metadata().requireString("general.architecture"), "llama");
    EXPECT_EQ(inspectModel(f.folder.path()).warnings.size(), 3u); // images left out; no tokenizer; no chat template
}

TEST(HuggingFaceSource, AddsOneToNormsAndKnowsWhatTransformersAssumes) {
    Folder f;
    // As gemma-3-4b says it: little more than sizes.
    f.config = {{"model_type", "gemma3"},
                {"text_config",
                 {{"model_type", "gemma3_text"},
                  {"hidden_size", 16},
                  {"intermediate_size", 24},
                  {"num_hidden_layers", 2},
                  {"sliding_window", 8},
                  {"rope_scaling", {{"factor", 8.0}, {"rope_type", "linear"}}}}}};
    const auto source = openModel(f.write());
    const GgufMetadata& m = source->metadata();
    EXPECT_EQ(m.requireInteger("gemma3.attention.head_count", 0, 99), 8);
    EXPECT_EQ(m.requireInteger("gemma3.attention.key_length", 0, 999), 256);
    EXPECT_EQ(m.requireInteger("gemma3.attention.sliding_window", 0, 99), 8);
    EXPECT_EQ(m.requireInteger("gemma3.attention.sliding_window_pattern", 0, 99), 6);
    EXPECT_EQ(m.requireNumber("gemma3.rope.freq_base"), 1e6);
    EXPECT_EQ(m.requireNumber("gemma3.rope.freq_base_swa"), 1e4);
    EXPECT_EQ(m.requireNumber("gemma3.attention.scale"), 1.0 / 16);
    EXPECT_EQ(source->find("output.weight"), nullptr) << "tied";
    EXPECT_EQ(rowOf(*source, "blk.1.attn_norm.weight", 0)[3], 4.0f);
    EXPECT_EQ(rowOf(*source, "output_norm.weight", 0)[0], 1.0f);
    EXPECT_EQ(rowOf(*source, "blk.1.post_attention_norm.weight", 0)[0], 1.0f) << "behind attention, not before the MLP";
}

TEST(HuggingFaceSource, RefusesWhatItWouldComputeWrongly) {
    const std::pair<const char*, json> kRefused[] = {
        {"hidden_act", "relu"},
        {"use_bidirectional_attention", true},
        {"no_rope_layers", {1, 0}},
        {"layer_types", {"full_attention", "linear_attention"}}, // whether or not there is a window
        {"residual_multiplier", 0.5},
        {"rope_parameters",
         {{"full_attention", {{"rope_type", "default"}}}, {"sliding_attention", {{"rope_type", "yarn"}}}}},
    };
    for (const auto& [field, value] : kRefused) {
        Folder f;
        f.config[field] = value;
        const ModelInfo info = inspectModel(f.write());
        EXPECT_FALSE(info.supported) << field;
    }
}

TEST(HuggingFaceSource, NamesAnUnknownKindWhateverItsTensorsAreCalled) {
    Folder f;
    f.config["model_type"] = "gemma9"; // two norms that would be one name of ours
    f.tensors.push_back({"model.layers.0.pre_feedforward_layernorm.weight", {16}});
    const ModelInfo info = inspectModel(f.write());
    EXPECT_FALSE(info.supported);
    EXPECT_NE(info.unsupportedReason.find("gemma9"), std::string::npos) << info.unsupportedReason;
    f.config["model_type"] = "llama";
    EXPECT_THROW(inspectModel(f.write()), Error) << "of a known kind that is damage";
}

TEST(HuggingFaceSource, ReadsLicenceNameAndSampling) {
    const Folder f;
    f.file("README.md", "---\ntags:\n- x\nlicense: \"apache-2.0\"\n---\nlicense: not this one\n");
    f.file("generation_config.json",
           R"({"temperature":0.6,"top_k":20,"top_p":0.95,"repetition_penalty":1.1,"do_sample":true})");
    f.file("tokenizer_config.json", R"({"chat_template":"{{ messages }}"})");
    f.write();
    const ModelInfo info = inspectModel(f.folder.path());
    EXPECT_EQ(info.license, "apache-2.0");
    EXPECT_EQ(info.name, f.folder.path().filename());
    EXPECT_TRUE(info.hasChatTemplate);
    const auto source = openModel(f.folder / "config.json");
    EXPECT_NEAR(source->metadata().requireNumber("general.sampling.temp"), 0.6, 1e-6);
    EXPECT_EQ(source->metadata().requireInteger("general.sampling.top_k", 0, 99), 20);
    EXPECT_NEAR(source->metadata().requireNumber("general.sampling.penalty_repeat"), 1.1, 1e-6);
}

TEST(HuggingFaceSource, EqualsTheConvertersFile) {
    // Two containers of one architecture: the same key names and tensor names, apart from what a file adds.
    for (const auto& [folderName, fileName] :
         {std::pair("models/llama", "gguf/llama2.gguf"), std::pair("models/qwen2", "gguf/qwen2.gguf"),
          std::pair("models/qwen3", "gguf/qwen3.gguf"), std::pair("models/mixtral", "gguf/mixtral.gguf"),
          std::pair("models/qwen3-moe", "gguf/qwen3_moe.gguf")}) {
        const auto folder = test::goldenDir(folderName), file = test::goldenDir(fileName);
        if (folder.empty() || file.empty()) GTEST_SKIP() << "the goldens gguf and models are not there";
        const auto a = openModel(folder), b = openModel(file);
        for (const auto& [key, value] : a->metadata().entries()) {
            // A converter writes these for some architectures only.
            if (key.starts_with("general.") || key.ends_with("_length") || key.ends_with("vocab_size") ||
                key.ends_with("dimension_count") || key.ends_with("expert_weights_norm"))
                continue;
            EXPECT_NE(b->metadata().find(key), nullptr) << fileName << " has no " << key;
        }
        const auto isLayer0 = [](const WeightRows& rows) { return rows.name.starts_with("blk.0."); };
        for (const WeightRows& rows : b->tensors())
            EXPECT_TRUE(!isLayer0(rows) || a->find(rows.name)) << folderName << " has no " << rows.name;
        EXPECT_EQ(std::ranges::count_if(a->tensors(), isLayer0), std::ranges::count_if(b->tensors(), isLayer0));
    }
}

/// Tensors of a Mixtral's layer 0 with `experts` experts, in the order of their names, which is not that of numbers.
void addExperts(Folder& f, int experts) {
    f.config["model_type"] = "mixtral";
    f.config["num_local_experts"] = experts;
    f.config["num_experts_per_tok"] = 2;
    f.config["num_hidden_layers"] = 1;
    std::erase_if(f.tensors, [](const auto& t) {
        return t.first.find(".mlp.") != std::string::npos || t.first.starts_with("model.layers.1.");
    });
    const std::string layer = "model.layers.0.block_sparse_moe.";
    f.tensors.push_back({layer + "gate.weight", {experts, 16}});
    for (int e = 0; e < experts; ++e) {
        const std::string expert = layer + "experts." + std::to_string(e) + ".";
        f.tensors.push_back({expert + "w1.weight", {24, 16}});
        f.tensors.push_back({expert + "w2.weight", {16, 24}});
        f.tensors.push_back({expert + "w3.weight", {24, 16}});
    }
}

TEST(HuggingFaceSource, ShowsTheMatricesOfExpertsAsOneTensor) {
    Folder f;
    addExperts(f, 12);
    const auto source = openModel(f.write());
    const WeightRows* gate = source->find("blk.0.ffn_gate_exps.weight");
    ASSERT_NE(gate, nullptr);
    EXPECT_EQ(gate->dims, 3);
    ASSERT_EQ(gate->planes.size(), 12u);
    for (std::size_t e = 1; e < 12; ++e) // where they lie in the file: behind the three matrices of the one before
        EXPECT_EQ(gate->planes[e] - gate->planes[e - 1], 3 * 24 * 16 * 4) << e;
    EXPECT_EQ(planOf(*source).router.experts, 12);
    const ModelInfo info = inspectModel(f.folder.path());
    EXPECT_TRUE(info.supported) << info.unsupportedReason;
    EXPECT_EQ(info.experts, 12);
    EXPECT_EQ(info.expertsUsed, 2);
    const auto shown = std::ranges::find(info.tensors, "blk.0.ffn_down_exps.weight", &TensorSummary::name);
    ASSERT_NE(shown, info.tensors.end());
    EXPECT_EQ(shown->shape, (std::vector<int64_t>{24, 16, 12}));
    EXPECT_EQ(shown->bytes, 24u * 16 * 12 * 4);
}

TEST(HuggingFaceSource, RefusesExpertsThatDoNotFitTogether) {
    const auto detail = [](auto damage) {
        Folder f;
        addExperts(f, 4);
        damage(f);
        try {
            openModel(f.write());
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::BadFile);
            return e.detail;
        }
        return std::string("nothing was thrown");
    };
    const auto named = [](Folder & f, const char* name) -> auto& {
        return *std::ranges::find_if(f.tensors, [&](const auto& t) { return t.first.find(name) != std::string::npos; });
    };
    EXPECT_NE(detail([&](Folder& f) { named(f, "experts.2.w1").first = "model.vision_tower.x"; }).find("expert 3"),
              std::string::npos);
    EXPECT_NE(detail([&](Folder& f) {
                  named(f, "experts.1.w2").second = {24, 16};
              }).find("another shape"),
              std::string::npos);
    EXPECT_NE(detail([&](Folder& f) {
                  f.tensors.push_back({"model.layers.0.mlp.experts.1.gate_proj.weight", {24, 16}});
              }).find("expert"),
              std::string::npos);
    EXPECT_NE(detail([](Folder& f) { f.config["num_experts_per_tok"] = 5; }).find("num_experts_per_tok"),
              std::string::npos);
    EXPECT_NE(detail([](Folder& f) { f.config.erase("num_experts_per_tok"); }).find("num_experts_per_tok"),
              std::string::npos);
}

TEST(HuggingFaceNames, AreTranslated) {
    EXPECT_EQ(ggufNameOf("model.layers.3.mlp.experts.17.up_proj.weight", "ffn_norm")->name, "blk.3.ffn_up_exps.weight");
    EXPECT_EQ(ggufNameOf("model.layers.3.mlp.experts.17.up_proj.weight", "ffn_norm")->expert, 17);
    EXPECT_EQ(ggufNameOf("model.layers.3.self_attn.sinks", "ffn_norm")->name, "blk.3.attn_sinks.weight");
    EXPECT_FALSE(ggufNameOf("model.layers.3.mlp.experts.-1.up_proj.weight", "ffn_norm").has_value());
    EXPECT_FALSE(ggufNameOf("model.layers.3.mlp.experts.17.weight", "ffn_norm").has_value());
    EXPECT_EQ(ggufNameOf("model.layers.12.self_attn.q_norm.weight", "ffn_norm")->name, "blk.12.attn_q_norm.weight");
    EXPECT_EQ(ggufNameOf("language_model.model.embed_tokens.weight", "ffn_norm")->name, "token_embd.weight");
    EXPECT_EQ(ggufNameOf("language_model.lm_head.weight", "ffn_norm")->name, "output.weight");
    EXPECT_EQ(ggufNameOf("model.layers.1.mlp.up_proj.bias", "ffn_norm")->layer, 1);
    for (const char* unknown :
         {"", "weight", "model.layers.weight", "model.layers..mlp.up_proj.weight", "model.layers.-1.mlp.up_proj.weight",
          "model.layers.99999999999.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.qweight"})
        EXPECT_FALSE(ggufNameOf(unknown, "ffn_norm").has_value()) << unknown;
}

TEST(Inspect, DescribesEveryGolden) {
    int supported = 0, described = 0;
    for (const char* set : {"models", "gguf"}) {
        const auto root = test::goldenDir(set);
        if (root.empty()) GTEST_SKIP() << "the goldens gguf and models are not there";
        for (const auto& item : std::filesystem::directory_iterator(root)) {
            if (!item.is_directory() && item.path().extension() != ".gguf") continue;
            const ModelInfo info = inspectModel(item.path());
            EXPECT_FALSE(info.architecture.empty()) << item.path();
            EXPECT_EQ(info.supported, info.unsupportedReason.empty());
            EXPECT_GT(info.parameters, 1000u) << item.path();
            EXPECT_GT(info.layers, 0) << item.path();
            EXPECT_GT(info.vocab, 0) << item.path();
            ++described;
            supported += info.supported;
        }
    }
    EXPECT_GT(described, 10);
    EXPECT_GE(supported, 8);
}

TEST(Inspect, KnowsWhatAnotherToolHasMadeSmaller) {
    const auto folder = test::goldenDir("models/gptq-sym");
    if (folder.empty()) GTEST_SKIP() << "the golden models/gptq-sym is not there";
    const ModelInfo info = inspectModel(folder);
    EXPECT_TRUE(info.supported) << info.unsupportedReason;
    EXPECT_TRUE(info.quantized);
    EXPECT_EQ(info.layers, 3);
    EXPECT_EQ(info.formatName, "Q4_0");
}

/// A GGUF file whose matrix has `format` and that calls itself `fileType`.
ModelInfo inspectedMixture(FormatId formatId, uint32_t fileType) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", std::string("llama"));
    metadata.set("general.file_type", fileType);
    GgufWriter writer(folder / "x.gguf", metadata,
                      {{"token_embd.weight", formatId, {256, 1}}, {"output_norm.weight", FormatId::F32, {4}}});
    writer.write(std::vector<std::byte>(format(formatId).rowBytes(256)));
    writer.write(std::vector<std::byte>(16));
    writer.commit();
    return inspectModel(folder / "x.gguf");
}

TEST(Inspect, VerifiesTheNameOfTheMixture) {
    EXPECT_EQ(inspectedMixture(FormatId::Q4_K, 15).formatName, "Q4_K_M");
    EXPECT_EQ(inspectedMixture(FormatId::Q5_0, 15).formatName, "Q4_K_M") << "rows that 256 does not divide fall back";
    EXPECT_EQ(inspectedMixture(FormatId::BF16, 32).formatName, "BF16");
    const ModelInfo liar = inspectedMixture(FormatId::Q8_0, 15);
    EXPECT_EQ(liar.formatName, "Q8_0");
    EXPECT_FALSE(liar.warnings.empty());
    EXPECT_TRUE(liar.quantized);
    EXPECT_FALSE(inspectedMixture(FormatId::F16, 1).quantized);
    EXPECT_NEAR(liar.bitsPerWeight, (272 + 16) * 8.0 / 260, 1e-9);
}

} // namespace
} // namespace nibble
