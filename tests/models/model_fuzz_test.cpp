// Random damage to sound models: inspecting, opening and planning them may only end in an Error. The seed is fixed.
#include <files/gguf.h>
#include <files/mutate.h>
#include <fstream>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nlohmann/json.hpp>
#include <process.h>
#include <sstream>

namespace nibble {
namespace {

constexpr int kRounds = 2000;

/// Writes kRounds mutations of `sound` to `file`, opens `model` each time and returns how many were refused.
int refusals(const std::string& sound, const std::filesystem::path& file, const std::filesystem::path& model) {
    std::mt19937 random(20261124);
    int refused = 0;
    for (int round = 0; round < kRounds; ++round) {
        std::filesystem::remove(file); // overwriting would wait for the disk each time
        std::ofstream(file, std::ios::binary) << test::mutated(sound, random);
        try {
            const ModelInfo info = inspectModel(model);
            EXPECT_EQ(info.supported, info.unsupportedReason.empty());
            const auto source = openModel(model);
            std::vector<float> row;
            for (const WeightRows& rows : source->tensors()) {
                row.resize(std::size_t(rows.cols));
                rows.decodeRow(rows.rows - 1, row.data(), int(rows.planes.size()) - 1);
            }
            planOf(*source);
        } catch (const Error& e) {
            EXPECT_FALSE(e.message.empty());
            ++refused;
        }
    }
    return refused;
}

TEST(ModelFuzz, DamagedGgufEndsInAnError) {
    const test::TempFolder folder;
    GgufMetadata metadata;
    metadata.set("general.architecture", std::string("llama"));
    for (const auto& [key, value] :
         {std::pair("context_length", 64u), std::pair("embedding_length", 32u), std::pair("block_count", 1u),
          std::pair("feed_forward_length", 32u), std::pair("attention.head_count", 2u)})
        metadata.set(std::string("llama.") + key, uint32_t(value));
    metadata.set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    GgufWriter writer(folder / "x.gguf", metadata,
                      {{"token_embd.weight", FormatId::Q4_0, {32, 4}}, {"rope_freqs.weight", FormatId::F32, {8}}});
    writer.write(std::vector<std::byte>(72, std::byte(1)));
    writer.write(std::vector<std::byte>(32, std::byte(63)));
    writer.commit();
    std::stringstream sound;
    sound << std::ifstream(folder / "x.gguf", std::ios::binary).rdbuf();
    const int refused = refusals(sound.str(), folder / "x.gguf", folder / "x.gguf");
    EXPECT_GT(refused, kRounds / 2);
    EXPECT_LT(refused, kRounds);
}

TEST(ModelFuzz, DamagedExpertsEndInAnError) {
    const test::TempFolder folder;
    const std::string experts = "model.layers.0.mlp.experts.";
    nlohmann::json header;
    std::string data;
    const auto add = [&](const std::string& name, const char* dtype, const std::vector<int64_t>& shape, int bytes) {
        header[name] = {
            {"dtype", dtype}, {"shape", shape}, {"data_offsets", {data.size(), data.size() + std::size_t(bytes)}}};
        data.append(std::size_t(bytes), '\1');
    };
    add("model.embed_tokens.weight", "F32", {4, 32}, 512);
    add(experts + "gate_up_proj_blocks", "U8", {2, 4, 1, 16}, 128);
    add(experts + "gate_up_proj_scales", "U8", {2, 4, 1}, 8);
    add(experts + "gate_up_proj_bias", "F32", {2, 4}, 32);
    add(experts + "down_proj", "F32", {2, 2, 32}, 512);
    add("model.layers.0.self_attn.sinks", "F32", {2}, 8);
    const std::string text = header.dump();
    const uint64_t size = text.size();
    std::ofstream(folder / "config.json")
        << R"({"model_type":"gpt_oss","hidden_size":32,"num_hidden_layers":1,"intermediate_size":2,"num_attention_heads":2,)"
        << R"("num_key_value_heads":1,"head_dim":16,"max_position_embeddings":64,"vocab_size":4,"num_local_experts":2,)"
        << R"("num_experts_per_tok":1,"quantization_config":{"quant_method":"mxfp4"}})";
    const std::string sound = std::string(reinterpret_cast<const char*>(&size), 8) + text + data;
    const int refused = refusals(sound, folder / "model.safetensors", folder.path());
    EXPECT_GT(refused, kRounds / 4);
    EXPECT_LT(refused, kRounds);
}

TEST(ModelFuzz, DamagedConfigEndsInAnError) {
    const test::TempFolder folder;
    std::string header =
        R"({"model.embed_tokens.weight":{"dtype":"F32","shape":[4,16],"data_offsets":[0,256]},)"
        R"("model.layers.0.self_attn.q_proj.weight":{"dtype":"F32","shape":[16,16],"data_offsets":[256,1280]}})";
    header.append(8 - header.size() % 8, ' ');
    const uint64_t size = header.size();
    std::ofstream(folder / "model.safetensors", std::ios::binary)
        << std::string(reinterpret_cast<const char*>(&size), 8) << header << std::string(1280, '\1');
    const std::string config =
        R"({"model_type":"llama","hidden_size":16,"num_hidden_layers":1,"intermediate_size":16,"num_attention_heads":2,)"
        R"("num_key_value_heads":1,"max_position_embeddings":64,"rms_norm_eps":1e-5,"vocab_size":4,"sliding_window":8,)"
        R"("rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,)"
        R"("original_max_position_embeddings":32},"layer_types":["full_attention"],"hidden_act":"silu"})";
    const int refused = refusals(config, folder / "config.json", folder.path());
    EXPECT_GT(refused, kRounds / 2);
    EXPECT_LT(refused, kRounds);
}

} // namespace
} // namespace nibble
