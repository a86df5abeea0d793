// Models whose files are sound as containers but not as models: each a named change of a sound folder or file.
#include <files/gguf.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nlohmann/json.hpp>
#include <process.h>

namespace nibble {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

void expectError(const std::function<void()>& f, ErrorKind kind, const std::string& file, const std::string& field) {
    try {
        f();
        ADD_FAILURE() << "was accepted";
    } catch (const Error& e) {
        const std::string text = e.message + " " + e.detail;
        EXPECT_STREQ(errorKindName(e.kind), errorKindName(kind)) << text;
        EXPECT_NE(text.find(file), std::string::npos) << text << " does not name " << file;
        EXPECT_NE(text.find(field), std::string::npos) << text << " does not name " << field;
        EXPECT_FALSE(e.whatToDo.empty()) << text;
    }
}

// ---------------------------------------------------------------- config.json

json soundConfig() {
    return {{"model_type", "llama"},         {"hidden_size", 16},        {"num_hidden_layers", 1},
            {"intermediate_size", 16},       {"num_attention_heads", 2}, {"num_key_value_heads", 1},
            {"max_position_embeddings", 64}, {"rms_norm_eps", 1e-5},     {"vocab_size", 4}};
}

void writeFolder(const fs::path& folder, const std::string& config, const json& header, std::size_t dataBytes) {
    std::ofstream(folder / "config.json") << config;
    std::string text = header.dump();
    text.append(8 - text.size() % 8, ' '); // as every writer does, so that data is used in place
    const uint64_t size = text.size();
    std::ofstream(folder / "model.safetensors", std::ios::binary)
        << std::string(reinterpret_cast<const char*>(&size), 8) << text << std::string(dataBytes, '\1');
}

json tensorHeader(const std::string& name, const std::vector<int64_t>& shape, const std::string& dtype = "F32") {
    std::size_t bytes = dtype == "F32" ? 4 : dtype == "I32" ? 4 : 8;
    for (const int64_t n : shape) bytes *= std::size_t(n);
    return {{name, {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {0, bytes}}}}};
}

struct ConfigCase {
    const char* name;
    std::function<void(json&)> change;
    const char* field;
    ErrorKind kind = ErrorKind::BadFile;
};

const ConfigCase kConfigCases[] = {
    {"TypeMissing", [](json& c) { c.erase("model_type"); }, "model_type"},
    {"TypeNoText", [](json& c) { c["model_type"] = 5; }, "model_type"},
    {"WidthMissing", [](json& c) { c.erase("hidden_size"); }, "hidden_size"},
    {"WidthNoNumber", [](json& c) { c["hidden_size"] = "wide"; }, "hidden_size"},
    {"WidthNegative", [](json& c) { c["hidden_size"] = -16; }, "hidden_size"},
    {"WidthHuge", [](json& c) { c["hidden_size"] = 1e30; }, "hidden_size"},
    {"HeadDimHuge",
     [](json& c) {
         c["head_dim"] = 2'000'000'000;
         c["rope_scaling"] = {{"rope_type", "llama3"}};
     },
     "head_dim"},
    {"HeadDimHugeByWidth", [](json& c) { c["hidden_size"] = 2'000'000'000; }, "hidden_size"},
    {"LayersHuge", [](json& c) { c["num_hidden_layers"] = 2'000'000'000; }, "num_hidden_layers"},
    {"LayersZero", [](json& c) { c["num_hidden_layers"] = 0; }, "num_hidden_layers"},
    {"HeadsDoNotDivide", [](json& c) { c["num_attention_heads"] = 3; }, "num_attention_heads"},
    {"ContextMissing", [](json& c) { c.erase("max_position_embeddings"); }, "max_position_embeddings"},
    {"EpsilonNoNumber", [](json& c) { c["rms_norm_eps"] = json::array(); }, "rms_norm_eps"},
    {"RopeThetaOfOne", [](json& c) { c["rope_theta"] = 1; }, "rope_theta"},
    {"RopeNoObject", [](json& c) { c["rope_parameters"] = "yarn"; }, "rope_parameters"},
    {"RopeTypeNoText",
     [](json& c) {
         c["rope_scaling"] = {{"type", 3}};
     },
     "rope_scaling.type"},
    {"Llama3FactorsUpsideDown",
     [](json& c) {
         c["rope_scaling"] = {{"rope_type", "llama3"}, {"low_freq_factor", 4}, {"high_freq_factor", 1}};
     },
     "rope_scaling.factor"},
    {"PartialRotaryTooLarge", [](json& c) { c["partial_rotary_factor"] = 1.5; }, "partial_rotary_factor"},
    {"LayerTypesTooShort",
     [](json& c) {
         c["model_type"] = "mistral";
         c["sliding_window"] = 8;
         c["layer_types"] = json::array();
     },
     "layer_types"},
    {"TextConfigNoObject", [](json& c) { c["text_config"] = 1; }, "text_config"},
    {"UnknownActivation", [](json& c) { c["hidden_act"] = "gelu_new"; }, "hidden_act", ErrorKind::Unsupported},
    {"UnknownLayerType",
     [](json& c) {
         c["model_type"] = "mistral";
         c["sliding_window"] = 8;
         c["layer_types"] = {"linear_attention"};
     },
     "layer_types", ErrorKind::Unsupported},
    {"GptqOfMarlin",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "gptq"}, {"checkpoint_format", "marlin"}};
     },
     "marlin", ErrorKind::Unsupported},
    {"GptqInBytes",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "gptq"}, {"pack_dtype", "int8"}};
     },
     "int8", ErrorKind::Unsupported},
    {"AwqForFastKernels",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "awq"}, {"version", "gemv_fast"}};
     },
     "gemv_fast", ErrorKind::Unsupported},
    {"CompressedFloats",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "compressed-tensors"}, {"format", "float-quantized"}};
     },
     "float-quantized", ErrorKind::Unsupported},
    {"BitsAndBytes",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}};
     },
     "bitsandbytes (4 bits)", ErrorKind::Unsupported},
    {"Fp8",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "fp8"}};
     },
     "FP8", ErrorKind::Unsupported},
    {"UnknownMethod",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "quip"}};
     },
     "QUIP", ErrorKind::Unsupported},
    {"GroupSizeNoNumber",
     [](json& c) {
         c["quantization_config"] = {{"quant_method", "gptq"}, {"group_size", "large"}};
     },
     "quantization_config.group_size"},
};

class MalformedConfig : public testing::TestWithParam<ConfigCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedConfig, testing::ValuesIn(kConfigCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(MalformedConfig, IsRefused) {
    const test::TempFolder folder;
    json config = soundConfig();
    writeFolder(folder.path(), config.dump(), tensorHeader("model.embed_tokens.weight", {4, 16}), 256);
    ASSERT_NO_THROW(openModel(folder.path()));
    GetParam().change(config);
    writeFolder(folder.path(), config.dump(), tensorHeader("model.embed_tokens.weight", {4, 16}), 256);
    expectError([&] { openModel(folder.path()); }, GetParam().kind, "config.json", GetParam().field);
    if (GetParam().kind == ErrorKind::Unsupported) {
        const ModelInfo info = inspectModel(folder.path()); // described all the same
        EXPECT_FALSE(info.supported);
        EXPECT_EQ(info.parameters, 64u);
    }
}

struct TextCase {
    const char *name, *text;
};
const TextCase kTextCases[] = {{"Empty", ""},
                               {"NoJson", "{\"model_type\": "},
                               {"NoObject", "[1]"},
                               {"NotUtf8", "{\"a\":\"\xFF\"}"},
                               {"Twice", R"({"model_type":"llama","model_type":"qwen2"})"}};

class MalformedConfigText : public testing::TestWithParam<TextCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedConfigText, testing::ValuesIn(kTextCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(MalformedConfigText, IsRefused) {
    const test::TempFolder folder;
    writeFolder(folder.path(), GetParam().text, tensorHeader("model.embed_tokens.weight", {4, 16}), 256);
    expectError([&] { openModel(folder.path()); }, ErrorKind::BadFile, "config.json", "");
    expectError([&] { inspectModel(folder.path()); }, ErrorKind::BadFile, "config.json", "");
}

TEST(MalformedFolder, DeepConfig) {
    const test::TempFolder folder;
    const std::string deep = "{\"a\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
    writeFolder(folder.path(), deep, tensorHeader("model.embed_tokens.weight", {4, 16}), 256);
    expectError([&] { openModel(folder.path()); }, ErrorKind::BadFile, "config.json", "deep");
}

TEST(MalformedFolder, RowsThatHeadsCannotShare) {
    const test::TempFolder folder;
    writeFolder(folder.path(), soundConfig().dump(), tensorHeader("model.layers.0.self_attn.q_proj.weight", {6, 16}),
                384);
    expectError([&] { openModel(folder.path()); }, ErrorKind::BadFile, folder.path().filename(), "blk.0.attn_q.weight");
}

TEST(MalformedFolder, NumbersOfAnUnreadableFormat) {
    const test::TempFolder folder;
    writeFolder(folder.path(), soundConfig().dump(),
                tensorHeader("model.layers.0.self_attn.q_proj.weight", {16, 16}, "I32"), 1024);
    expectError([&] { openModel(folder.path()); }, ErrorKind::Unsupported, folder.path().filename(), "q_proj.weight");
}

TEST(MalformedFolder, WeightsOfUnknownMeaning) {
    const test::TempFolder folder;
    writeFolder(folder.path(), soundConfig().dump(), tensorHeader("model.layers.0.self_attn.q_proj.weight_scale", {16}),
                64);
    expectError([&] { openModel(folder.path()); }, ErrorKind::Unsupported, folder.path().filename(), "weight_scale");
}

TEST(MalformedFolder, OneTensorUnderTwoNames) {
    const test::TempFolder folder;
    json header = tensorHeader("model.norm.weight", {16});
    header["norm.weight"] = {{"dtype", "F32"}, {"shape", {16}}, {"data_offsets", {64, 128}}};
    writeFolder(folder.path(), soundConfig().dump(), header, 128);
    expectError([&] { openModel(folder.path()); }, ErrorKind::BadFile, folder.path().filename(), "output_norm.weight");
}

TEST(MalformedFolder, PickleOnly) {
    const test::TempFolder folder;
    std::ofstream(folder / "config.json") << soundConfig();
    std::ofstream(folder / "pytorch_model.bin") << "PK";
    expectError([&] { openModel(folder.path()); }, ErrorKind::Unsupported, "pytorch_model.bin", ".bin");
    expectError([&] { openModel(folder / "pytorch_model.bin"); }, ErrorKind::Unsupported, "pytorch_model.bin", ".bin");
}

TEST(MalformedFolder, WithoutWeights) {
    const test::TempFolder folder;
    std::ofstream(folder / "config.json") << soundConfig();
    expectError([&] { openModel(folder.path()); }, ErrorKind::NotFound, folder.path().filename(), "model.safetensors");
}

TEST(MalformedFolder, WithoutAnything) {
    const test::TempFolder folder;
    expectError([&] { openModel(folder.path()); }, ErrorKind::NotFound, folder.path().filename(), "config.json");
    std::ofstream(folder / "m.gguf") << "GGUF";
    expectError([&] { openModel(folder.path()); }, ErrorKind::NotFound, folder.path().filename(), "m.gguf");
}

TEST(MalformedFolder, SomethingElse) {
    const test::TempFolder folder;
    std::ofstream(folder / "letter.odt") << "hello";
    expectError([&] { openModel(folder / "letter.odt"); }, ErrorKind::BadFile, "letter.odt", "not a model");
    expectError([&] { openModel(folder / "gone.odt"); }, ErrorKind::NotFound, "gone.odt", "does not exist");
    fs::create_symlink("loop", folder / "loop");
    expectError([&] { openModel(folder / "loop"); }, ErrorKind::Io, "loop", "symbolic links");
}

TEST(MalformedFolder, ShrinksWhileMapped) {
    const test::TempFolder folder;
    json header = tensorHeader("model.embed_tokens.weight", {4, 16});
    header["lm_head.weight"] = {{"dtype", "F32"}, {"shape", {1000, 16}}, {"data_offsets", {256, 64'256}}};
    writeFolder(folder.path(), soundConfig().dump(), header, 64'256);
    const auto source = openModel(folder.path());
    fs::resize_file(folder / "model.safetensors", 5000);
    std::vector<float> row(16);
    source->find("output.weight")->decodeRow(999, row.data());
    EXPECT_EQ(row, std::vector<float>(16, 0));
    expectError([&] { source->check(); }, ErrorKind::BadFile, "model.safetensors", "shorter");
}

// ---------------------------------------------------------------- GGUF

struct KeyCase {
    const char* name;
    std::function<void(GgufMetadata&)> change;
    const char* field;
    ErrorKind kind = ErrorKind::BadFile;
};

const KeyCase kKeyCases[] = {
    {"ArchitectureMissing", [](GgufMetadata& m) { m.remove("general.architecture"); }, "general.architecture"},
    {"ArchitectureNoText", [](GgufMetadata& m) { m.set("general.architecture", uint32_t(1)); }, "general.architecture"},
    {"ArchitectureUnknown", [](GgufMetadata& m) { m.set("general.architecture", std::string("megabrain")); },
     "megabrain", ErrorKind::Unsupported},
    {"WidthMissing", [](GgufMetadata& m) { m.remove("llama.embedding_length"); }, "llama.embedding_length"},
    {"WidthOfWrongType", [](GgufMetadata& m) { m.set("llama.embedding_length", std::string("16")); },
     "llama.embedding_length"},
    {"WidthHuge", [](GgufMetadata& m) { m.set("llama.embedding_length", UINT64_MAX); }, "llama.embedding_length"},
    {"LayersHuge", [](GgufMetadata& m) { m.set("llama.block_count", uint32_t(4'000'000'000)); }, "llama.block_count"},
    {"HeadsZero", [](GgufMetadata& m) { m.set("llama.attention.head_count", uint32_t(0)); },
     "llama.attention.head_count"},
    {"EpsilonNotANumber", [](GgufMetadata& m) { m.set("llama.attention.layer_norm_rms_epsilon", std::nanf("")); },
     "llama.attention.layer_norm_rms_epsilon"},
    {"RopeOdd", [](GgufMetadata& m) { m.set("llama.rope.dimension_count", uint32_t(3)); },
     "llama.rope.dimension_count"},
    {"RopeScalingUnknown", [](GgufMetadata& m) { m.set("llama.rope.scaling.type", std::string("magic")); },
     "llama.rope.scaling.type", ErrorKind::Unsupported},
};

class MalformedKeys : public testing::TestWithParam<KeyCase> {};
INSTANTIATE_TEST_SUITE_P(, MalformedKeys, testing::ValuesIn(kKeyCases), [](const auto& p) { return p.param.name; });

TEST_P(MalformedKeys, AreRefusedAndDescribed) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", std::string("llama"));
    for (const auto& [key, value] :
         {std::pair("context_length", 64u), std::pair("embedding_length", 16u), std::pair("block_count", 1u),
          std::pair("feed_forward_length", 16u), std::pair("attention.head_count", 2u)})
        metadata.set(std::string("llama.") + key, uint32_t(value));
    metadata.set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    const auto write = [&](const fs::path& path) {
        GgufWriter writer(path, metadata, {{"token_embd.weight", FormatId::F32, {16, 4}}});
        writer.write(std::vector<std::byte>(256));
        writer.commit();
    };
    write(folder / "x.gguf");
    ASSERT_NO_THROW(planOf(*openModel(folder / "x.gguf")));
    GetParam().change(metadata);
    write(folder / "x.gguf");
    expectError([&] { planOf(*openModel(folder / "x.gguf")); }, GetParam().kind, "x.gguf", GetParam().field);
    const ModelInfo info = inspectModel(folder / "x.gguf");
    EXPECT_FALSE(info.supported);
    EXPECT_FALSE(info.unsupportedReason.empty());
    EXPECT_EQ(info.parameters, 64u);
}

TEST(MalformedModel, HasAFormatNobodyKnows) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", std::string("llama"));
    GgufWriter writer(folder / "x.gguf", metadata, {{"token_embd.weight", FormatId::F32, {16, 4}}});
    writer.write(std::vector<std::byte>(256));
    writer.commit();
    // The type is the u32 after the name and the two dimensions.
    std::string bytes((std::istreambuf_iterator<char>(std::ifstream(folder / "x.gguf", std::ios::binary).rdbuf())), {});
    bytes[bytes.find("token_embd.weight") + 17 + 4 + 16] = 16; // IQ2_XXS
    std::ofstream(folder / "x.gguf", std::ios::binary) << bytes;
    expectError([&] { openModel(folder / "x.gguf"); }, ErrorKind::Unsupported, "x.gguf", "IQ2_XXS");
    const ModelInfo info = inspectModel(folder / "x.gguf");
    EXPECT_FALSE(info.supported);
    EXPECT_NE(info.unsupportedReason.find("IQ2_XXS"), std::string::npos) << info.unsupportedReason;
    EXPECT_EQ(info.formatName, "IQ2_XXS");
    EXPECT_TRUE(info.quantized);
}

TEST(MalformedModel, IsAnotherThing) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.type", std::string("imatrix"));
    GgufWriter(folder / "x.gguf", metadata, {}).commit();
    const ModelInfo info = inspectModel(folder / "x.gguf");
    EXPECT_FALSE(info.supported);
    EXPECT_NE(info.unsupportedReason.find("imatrix"), std::string::npos) << info.unsupportedReason;
}

} // namespace
} // namespace nibble
