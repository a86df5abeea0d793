// Random damage to sound models: inspecting, opening and planning them may only end in an Error. The seed is fixed.
#include <files/gguf.h>
#include <files/mutate.h>
#include <fstream>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
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
