// Experts as folders of gpt-oss hold them, against the formulas of transformers.
#include <base/thread_pool.h>
#include <cmath>
#include <compute/self_test/operation_checks.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <models/fused_experts.h>
#include <models/safetensors_file.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <nlohmann/json.hpp>
#include <process.h>
#include <random>

namespace nibble {
namespace {

using test::StoredTensors;
using test::writeSafetensors;

StoredTensors read(const std::filesystem::path& folder) {
    StoredTensors all;
    const SafeTensors weights(folder);
    for (const SafeTensor& t : weights.tensors())
        all[t.name] = {t.dtype, t.shape, std::string(reinterpret_cast<const char*>(t.data), t.bytes)};
    return all;
}

/// Random codes, and exponents whose numbers are of a size that weights have.
void addMxfp4(StoredTensors& tensors, const std::string& module, int64_t experts, int64_t outputs, int64_t inputs,
              std::mt19937& random) {
    test::StoredTensor blocks{"U8", {experts, outputs, inputs / 32, 16}, {}},
        scales{"U8", {experts, outputs, inputs / 32}, {}};
    for (int64_t i = 0; i < experts * outputs * inputs / 2; ++i) blocks.bytes += char(random());
    for (int64_t i = 0; i < experts * outputs * inputs / 32; ++i) scales.bytes += char(119 + random() % 4);
    tensors[module + "_blocks"] = std::move(blocks);
    tensors[module + "_scales"] = std::move(scales);
}

/// transformers, convert_moe_packed_tensors.
float mxfp4At(const StoredTensors& tensors, const std::string& module, int64_t expert, int64_t output, int64_t input) {
    constexpr float kValues[] = {0, .5f, 1, 1.5f, 2, 3, 4, 6};
    const test::StoredTensor &blocks = tensors.at(module + "_blocks"), &scales = tensors.at(module + "_scales");
    const int64_t row = expert * blocks.shape[1] + output, block = row * blocks.shape[2] + input / 32;
    const auto byte = uint8_t(blocks.bytes[std::size_t(block * 16 + input % 32 / 2)]);
    const int code = input % 2 == 0 ? byte & 15 : byte >> 4;
    const float value = std::ldexp(kValues[code & 7], uint8_t(scales.bytes[std::size_t(block)]) - 127);
    return code & 8 ? -value : value;
}

const std::string kExperts = "model.layers.0.mlp.experts.";

TEST(FusedExperts, OfMxfp4AreTheOriginalsNumbers) {
    constexpr int64_t kExpertCount = 3, kIn = 64, kOut = 96;
    std::mt19937 random(3);
    StoredTensors tensors;
    addMxfp4(tensors, kExperts + "gate_up_proj", kExpertCount, 2 * kOut, kIn, random);
    addMxfp4(tensors, kExperts + "down_proj", kExpertCount, kIn, kOut, random);
    const test::TempFolder folder;
    writeSafetensors(folder / "model.safetensors", tensors);
    const SafeTensors weights(folder.path());
    const FusedExperts experts(weights, "test");
    ASSERT_EQ(experts.matrices().size(), 3u);
    for (const WeightRows& matrix : experts.matrices()) {
        EXPECT_EQ(matrix.format, FormatId::MXFP4);
        ASSERT_EQ(matrix.planes.size(), std::size_t(kExpertCount));
        const bool down = matrix.name == kExperts + "down_proj.weight", up = matrix.name == kExperts + "up_proj.weight";
        ASSERT_EQ(matrix.rows, down ? kIn : kOut);
        ASSERT_EQ(matrix.cols, down ? kOut : kIn);
        std::vector<float> row(std::size_t(matrix.cols));
        for (int e = 0; e < kExpertCount; ++e)
            for (int64_t r = 0; r < matrix.rows; ++r) {
                matrix.decodeRow(r, row.data(), e);
                for (int64_t c = 0; c < matrix.cols; ++c)
                    ASSERT_EQ(row[std::size_t(c)],
                              down ? mxfp4At(tensors, kExperts + "down_proj", e, r, c)
                                   : mxfp4At(tensors, kExperts + "gate_up_proj", e, 2 * r + (up ? 1 : 0), c))
                        << matrix.name << " " << e << " " << r << " " << c;
            }
    }
}

TEST(FusedExperts, OfNumbersAreStoredInputByInput) {
    StoredTensors tensors;
    test::StoredTensor gateUp{"F32", {2, 3, 8}, {}}, bias{"F32", {2, 8}, {}};
    for (int i = 0; i < 2 * 3 * 8; ++i) {
        const auto value = float(i);
        gateUp.bytes.append(reinterpret_cast<const char*>(&value), 4);
        if (i < 16) bias.bytes.append(reinterpret_cast<const char*>(&value), 4);
    }
    tensors[kExperts + "gate_up_proj"] = gateUp;
    tensors[kExperts + "gate_up_proj_bias"] = bias;
    const test::TempFolder folder;
    writeSafetensors(folder / "model.safetensors", tensors);
    const SafeTensors weights(folder.path());
    const FusedExperts experts(weights, "test");
    for (const WeightRows& matrix : experts.matrices()) {
        const int up = matrix.name.find(".up_proj.") != std::string::npos ? 1 : 0;
        std::vector<float> row(std::size_t(matrix.cols));
        if (matrix.name.ends_with(".bias")) {
            matrix.decodeRow(1, row.data()); // of expert 1
            EXPECT_EQ(row, (std::vector<float>{8.f + up, 10.f + up, 12.f + up, 14.f + up}));
        } else {
            ASSERT_EQ(matrix.rows, 4);
            matrix.decodeRow(2, row.data(), 1); // output 2 of expert 1: column 4 (gate) or 5 (up) of what is stored
            EXPECT_EQ(row, (std::vector<float>{28.f + up, 36.f + up, 44.f + up}));
        }
    }
    EXPECT_EQ(experts.matrices().size(), 4u);
}

TEST(FusedExperts, ThatCannotBeAreRefusedByName) {
    std::mt19937 random(3);
    StoredTensors sound;
    addMxfp4(sound, kExperts + "gate_up_proj", 2, 4, 32, random);
    sound[kExperts + "down_proj"] = {"F32", {2, 2, 3}, std::string(48, '\0')};
    sound[kExperts + "down_proj_bias"] = {"F32", {2, 3}, std::string(24, '\0')};
    const auto problem = [](const StoredTensors& tensors) -> std::string {
        const test::TempFolder folder;
        writeSafetensors(folder / "model.safetensors", tensors);
        const SafeTensors weights(folder.path());
        try {
            const FusedExperts experts(weights, "test");
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::BadFile);
            return e.detail;
        }
        return {};
    };
    EXPECT_EQ(problem(sound), "");
    const std::pair<const char*, test::StoredTensor> damages[] = {
        {"gate_up_proj_blocks", {"U8", {2, 4, 16}, std::string(128, '\0')}},
        {"gate_up_proj_blocks", {"U8", {2, 4, 2, 8}, std::string(128, '\0')}},
        {"gate_up_proj_blocks", {"U8", {2, 3, 1, 16}, std::string(96, '\0')}}, // gate and up are as many
        {"gate_up_proj_blocks", {"I8", {2, 4, 1, 16}, std::string(128, '\0')}},
        {"gate_up_proj_scales", {"U8", {2, 4, 2}, std::string(16, '\0')}},
        {"gate_up_proj_scales", {"U8", {4, 2, 1}, std::string(8, '\0')}},
        {"down_proj", {"F32", {2, 6}, std::string(48, '\0')}},
        {"down_proj", {"I32", {2, 2, 3}, std::string(48, '\0')}},
        {"down_proj", {"F32", {5000, 1, 1}, std::string(20000, '\0')}},
        {"down_proj_bias", {"F32", {6}, std::string(24, '\0')}},
        {"gate_up_proj_bias", {"F32", {2, 3}, std::string(24, '\0')}},
    };
    for (const auto& [name, stored] : damages) {
        StoredTensors tensors = sound;
        tensors[kExperts + name] = stored;
        EXPECT_NE(problem(tensors).find(name), std::string::npos) << name << ": " << problem(tensors);
    }
    StoredTensors tensors = sound;
    tensors.erase(kExperts + "gate_up_proj_scales");
    EXPECT_NE(problem(tensors).find("gate_up_proj_scales"), std::string::npos);
}

constexpr int kLayers = 4, kCount = 4; // of the golden
constexpr int64_t kWidth = 128, kInner = 256;

/// The golden folder with other tensors of experts.
void writeGolden(const std::filesystem::path& folder, const StoredTensors& tensors, bool mxfp4) {
    const auto golden = test::goldenDir("models/gpt-oss");
    writeSafetensors(folder / "model.safetensors", tensors);
    nlohmann::json config = nlohmann::json::parse(std::ifstream(golden / "config.json"));
    if (mxfp4) config["quantization_config"] = {{"quant_method", "mxfp4"}, {"modules_to_not_convert", {"lm_head"}}};
    std::ofstream(folder / "config.json") << config;
    std::filesystem::copy(golden / "tokenizer.json", folder / "tokenizer.json");
}

/// MXFP4 tensors as the numbers that they are, input by input.
test::StoredTensor unpacked(const StoredTensors& tensors, const std::string& module, int64_t outputs, int64_t inputs) {
    test::StoredTensor numbers{"F32", {kCount, inputs, outputs}, {}};
    for (int e = 0; e < kCount; ++e)
        for (int64_t i = 0; i < inputs; ++i)
            for (int64_t o = 0; o < outputs; ++o) {
                const float value = mxfp4At(tensors, module, e, o, i);
                numbers.bytes.append(reinterpret_cast<const char*>(&value), 4);
            }
    return numbers;
}

std::vector<float> logitsOf(const std::filesystem::path& folder) {
    const auto source = openModel(folder);
    const std::vector<int32_t> ids = {80, 344, 9, 54, 138, 225, 259, 154, 260, 218, 208, 255};
    const auto n = int32_t(ids.size());
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool);
    const ModelOnBackend model = placeModel(*backend, *source, 64, KvFormat::F32, n, n);
    forward(*backend, model, ids, 0, n);
    const std::span<const float> logits = backend->read({model.logits, 0, n});
    return {logits.begin(), logits.end()};
}

/// As the released models are: experts in MXFP4. They compute what their numbers say, but for the rounding of inputs.
TEST(FusedExperts, OfMxfp4ComputeWhatTheirNumbersDo) {
    const auto golden = test::goldenDir("models/gpt-oss");
    if (golden.empty()) GTEST_SKIP() << "the golden gpt-oss is not here";
    std::mt19937 random(5);
    StoredTensors packed = read(golden), plain = packed;
    for (int layer = 0; layer < kLayers; ++layer) {
        const std::string experts = "model.layers." + std::to_string(layer) + ".mlp.experts.";
        for (const auto& [name, outputs, inputs] :
             {std::tuple("gate_up_proj", 2 * kInner, kWidth), {"down_proj", kWidth, kInner}}) {
            packed.erase(experts + name);
            addMxfp4(packed, experts + name, kCount, outputs, inputs, random);
            plain[experts + name] = unpacked(packed, experts + name, outputs, inputs);
        }
    }
    const test::TempFolder a, b;
    writeGolden(a.path(), packed, true);
    writeGolden(b.path(), plain, false);
    EXPECT_LT(nmse(logitsOf(a.path()), logitsOf(b.path())), 1e-3);

    const ModelInfo info = inspectModel(a.path());
    EXPECT_TRUE(info.supported) << info.unsupportedReason;
    EXPECT_TRUE(info.quantized);
    EXPECT_EQ(info.experts, kCount);
    EXPECT_EQ(info.bytesByFormat.at("MXFP4"), uint64_t(kLayers * kCount * 3 * kWidth * kInner / 32 * 17));
}

} // namespace
} // namespace nibble
