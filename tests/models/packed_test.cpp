// Folders that GPTQ, AWQ and compressed-tensors have made smaller, weight by weight.
#include "packed_folder.h"

#include <algorithm>
#include <cmath>
#include <files/safetensors.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/huggingface_names.h>
#include <models/model_source.h>
#include <models/packed_checkpoint.h>
#include <nibble/error.h>
#include <nibble/inspect.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;
using test::PackedFolder;
using test::PackedKind;
using test::PlainMatrix;

/// The row of a folder's q or k matrix that a GGUF file of a llama has in place r: rotary pairs side by side.
int rotaryRow(int r, int rows, int heads) {
    const int d = rows / heads, i = r % d;
    return r / d * d + i % 2 * (d / 2) + i / 2;
}

/// Calls check(rows, r, row in the folder) for every row of the matrix that is `module` in the folder.
void forRows(const ModelSource& source, const std::string& module, int heads, int kvHeads,
             const std::function<void(const std::vector<float>&, int)>& check) {
    static const std::map<std::string, std::string> kNames{
        {"q_proj", "attn_q"},      {"k_proj", "attn_k"},  {"v_proj", "attn_v"},     {"o_proj", "attn_output"},
        {"gate_proj", "ffn_gate"}, {"up_proj", "ffn_up"}, {"down_proj", "ffn_down"}};
    const std::string part = module.substr(module.rfind('.') + 1);
    const std::string layer = module.substr(std::string("model.layers.").size(), 1);
    const WeightRows* rows = source.find("blk." + layer + "." + kNames.at(part) + ".weight");
    ASSERT_NE(rows, nullptr) << module;
    std::vector<float> row(std::size_t(rows->cols));
    for (int r = 0; r < rows->rows; ++r) {
        rows->decodeRow(r, row.data());
        const int rotary = part == "q_proj" ? heads : part == "k_proj" ? kvHeads : 0;
        check(row, rotary > 0 ? rotaryRow(r, int(rows->rows), rotary) : r);
    }
}

/// The largest difference to what was packed, in steps of the codes.
double worstOf(const ModelSource& source, const PackedFolder& folder) {
    double worst = 0;
    for (const auto& [module, m] : folder.matrices)
        forRows(source, module, 4, 2, [&, &plain = m](const std::vector<float>& row, int n) {
            ASSERT_EQ(int(row.size()), plain.inputs);
            for (int k = 0; k < plain.inputs; ++k) {
                const float scale = plain.scale[std::size_t(plain.groupOf[std::size_t(k)] * plain.outputs + n)];
                worst = std::max(worst, std::fabs(double(row[std::size_t(k)]) - plain.weight(n, k)) / scale);
            }
        });
    return worst;
}

struct Case {
    const char* name;
    PackedKind kind;
    const char* format; // of the matrices
    double steps = 0;   // by which a weight may differ
};

// A weight of F16 is rounded as GPTQ's own kernels round it: to a 2^11-th of itself, which is up to 8 (or 128) steps.
const Case kCases[] = {
    {"Gptq4", {"gptq", 4, 32}, "Q4_0"},
    {"Gptq4WholeRow", {"gptq", 4, 96}, "Q4_0"},
    {"Gptq4Version2", {.bits = 4, .plainZeros = true, .label = "gptq_v2"}, "Q4_0"},
    {"Gptq4Asymmetric", {"gptq", 4, 32, false}, "Q4_1", 0.0079},
    {"Gptq4AsymmetricVersion2", {"gptq", 4, 64, false, true, false, "gptq_v2"}, "Q4_1", 0.0079},
    {"Gptq4ActOrder", {"gptq", 4, 32, true, false, true}, "F16", 0.004},
    {"Gptq4AsymmetricActOrder", {"gptq", 4, 32, false, false, true}, "F16", 0.008},
    {"Gptq4SmallGroups", {"gptq", 4, 16}, "F16", 0.004},
    {"Gptq2", {"gptq", 2, 32}, "Q4_0"},
    {"Gptq2Asymmetric", {"gptq", 2, 64, false}, "Q4_0"},
    {"Gptq3", {"gptq", 3, 32}, "Q4_0"},
    {"Gptq3AsymmetricVersion2", {"gptq", 3, 32, false, true, false, "gptq_v2"}, "Q4_0"},
    {"Gptq3ActOrder", {"gptq", 3, 32, true, false, true}, "F16", 0.002},
    {"Gptq8", {"gptq", 8, 32}, "Q8_0"},
    {"Gptq8Version2", {"gptq", 8, 64, true, true, false, "gptq_v2"}, "Q8_0"},
    {"Gptq8Asymmetric", {"gptq", 8, 32, false}, "F16", 0.0625},
    {"Awq4", {"awq-gemm", 4, 32}, "Q4_0"},
    {"Awq4Asymmetric", {"awq-gemm", 4, 64, false}, "Q4_1", 0.0079},
    {"AwqGemv", {"awq-gemv", 4, 32}, "Q4_0"},
    {"AwqGemvAsymmetric", {"awq-gemv", 4, 64, false}, "Q4_1", 0.0079},
    {"Compressed4", {"compressed", 4, 32}, "Q4_0"},
    {"Compressed4Asymmetric", {"compressed", 4, 32, false}, "Q4_1", 0.0079},
    {"Compressed8", {"compressed", 8, 64}, "Q8_0"},
};

class PackedFolders : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(, PackedFolders, testing::ValuesIn(kCases), [](const auto& p) { return p.param.name; });

TEST_P(PackedFolders, AreReadWeightByWeight) {
    const PackedFolder folder(GetParam().kind);
    const auto source = openModel(folder.write());
    EXPECT_LE(worstOf(*source, folder), GetParam().steps);
    for (const WeightRows& rows : source->tensors())
        if (rows.made()) {
            EXPECT_STREQ(format(rows.format).name, GetParam().format) << rows.name;
        }
    planOf(*source);
    source->check();
}

TEST_P(PackedFolders, AreDescribedInPlainWords) {
    const PackedFolder folder(GetParam().kind);
    const ModelInfo info = inspectModel(folder.write());
    EXPECT_TRUE(info.supported) << info.unsupportedReason;
    EXPECT_TRUE(info.quantized);
    EXPECT_EQ(info.formatName, GetParam().format);
    std::string notes;
    for (const std::string& note : info.warnings) notes += note + "\n";
    const PackedKind& kind = GetParam().kind;
    const std::string tool = kind.tool == "gptq" ? "GPTQ" : kind.tool == "compressed" ? "compressed-tensors" : "AWQ";
    EXPECT_NE(notes.find("Already made smaller by " + tool + ", " + std::to_string(kind.bits) + " bits, groups of " +
                         std::to_string(kind.group) + "."),
              std::string::npos)
        << notes;
    EXPECT_EQ(notes.find("exactly as they are") != std::string::npos, GetParam().steps == 0) << notes;
    EXPECT_EQ(notes.find("checkpoint_format"), std::string::npos) << notes;
}

/// Rows come singly, in the middle of a walk and many at a time: always the same.
TEST(PackedMatrix, GivesTheSameRowsHoweverTheyAreAskedFor) {
    const PackedFolder folder({"gptq", 3, 32, false});
    const auto source = openModel(folder.write());
    for (const WeightRows& rows : source->tensors()) {
        if (!rows.made()) continue;
        const std::size_t size = rows.rowBytes();
        std::vector<std::byte> all(std::size_t(rows.rows) * size), one(size);
        rows.copyRows(0, rows.rows, all.data());
        RowCursor cursor(rows, rows.rows);
        for (int64_t r = 0; r < rows.rows; r += 5) {
            rows.copyRows(r, 1, one.data());
            EXPECT_EQ(std::memcmp(one.data(), &all[std::size_t(r) * size], size), 0) << rows.name << " " << r;
            EXPECT_EQ(std::memcmp(cursor.row(r), &all[std::size_t(r) * size], size), 0) << rows.name << " " << r;
        }
    }
}

/// One of several matrices that a folder holds as one.
TEST(PackedMatrix, CanBeCutIntoSlices) {
    const PackedFolder folder({"gptq", 4, 32});
    const auto source = openModel(folder.write());
    const WeightRows* whole = source->find("blk.0.ffn_up.weight");
    const WeightRows part = whole->slice(40, 30).slice(5, 20);
    std::vector<float> expected(std::size_t(whole->cols)), row(expected);
    for (int64_t r = 0; r < part.rows; ++r) {
        whole->decodeRow(45 + r, expected.data());
        part.decodeRow(r, row.data());
        EXPECT_EQ(row, expected) << r;
    }
}

/// Rules may leave out modules and give others more bits: what counts is what the tensors are.
TEST(PackedMatrix, MayHaveItsOwnBitsOrNone) {
    PackedFolder folder({"gptq", 4, 32});
    const PackedFolder eight({"gptq", 8, 32});
    const std::string module = "model.layers.0.self_attn.v_proj", plain = "model.layers.0.mlp.down_proj";
    for (const char* part : {".qweight", ".qzeros", ".scales", ".g_idx"}) {
        folder.tensors[module + part] = eight.tensors.at(module + part);
        folder.tensors.erase(plain + part);
    }
    folder.matrices[module] = eight.matrices.at(module);
    folder.matrices.erase(plain);
    folder.tensors[plain + ".weight"] = {"F32", {64, 96}, std::string(64 * 96 * 4, '\0')};
    const auto source = openModel(folder.write());
    EXPECT_EQ(worstOf(*source, folder), 0);
    EXPECT_EQ(source->find("blk.0.attn_v.weight")->format, FormatId::Q8_0);
    EXPECT_EQ(source->find("blk.0.ffn_down.weight")->format, FormatId::F32);
    planOf(*source);
}

/// Group numbers may be missing, counted from the end, or whole blocks in another order.
TEST(PackedMatrix, TakesGroupNumbersAsTheyAre) {
    PackedFolder folder({"gptq", 4, 32});
    const std::string up = "model.layers.0.mlp.up_proj", gate = "model.layers.0.mlp.gate_proj",
                      q = "model.layers.0.self_attn.q_proj";
    folder.tensors.erase(up + ".g_idx");
    const auto set = [&](const std::string& module, auto groupOf) {
        std::vector<int32_t> stored;
        for (int k = 0; k < 64; ++k) {
            stored.push_back(groupOf(k));
            folder.matrices[module].groupOf[std::size_t(k)] = (stored.back() + 2) % 2;
        }
        folder.tensors[module + ".g_idx"].bytes.assign(reinterpret_cast<const char*>(stored.data()), 256);
    };
    set(gate, [](int k) { return k / 32 - 2; });
    set(q, [](int k) { return 1 - k / 32; });
    const auto source = openModel(folder.write());
    EXPECT_EQ(worstOf(*source, folder), 0);
    for (const WeightRows& rows : source->tensors())
        if (rows.made()) {
            EXPECT_EQ(rows.format, FormatId::Q4_0) << rows.name;
        }
}

/// Experts of a layer are one tensor, so they have one format, also where one would need less.
TEST(PackedMatrix, HasTheFormatOfTheOtherExperts) {
    const std::string module = "model.layers.0.mlp.up_proj.", experts = "model.layers.0.mlp.experts.";
    const PackedKind symmetric{"gptq", 4}, asymmetric{"gptq", 4, 32, false},
        scattered{"gptq", 4, 32, true, false, true}, eight{"gptq", 8};
    for (const auto& [other, expected] : {std::pair(symmetric, FormatId::Q4_0),
                                          {asymmetric, FormatId::Q4_1},
                                          {scattered, FormatId::F16},
                                          {eight, FormatId::Q8_0}}) {
        PackedFolder folder(symmetric);
        const PackedFolder from(other);
        for (const char* part : {"qweight", "qzeros", "scales", "g_idx"}) {
            folder.tensors[experts + "0.up_proj." + part] = folder.tensors.at(module + part);
            folder.tensors[experts + "1.up_proj." + part] = from.tensors.at(module + part);
        }
        const PackedCheckpoint packed(SafeTensors(folder.write()), {}, "folder");
        int seen = 0;
        for (const WeightRows& rows : packed.matrices()) {
            const bool isExpert = rows.name.starts_with(experts);
            EXPECT_EQ(rows.format, isExpert ? expected : FormatId::Q4_0) << rows.name;
            if (!isExpert) continue;
            const PlainMatrix& plain = (seen++ == 0 ? folder : from).matrices.at("model.layers.0.mlp.up_proj");
            std::vector<float> row(64);
            for (int n = 0; n < 96; ++n) {
                rows.decodeRow(n, row.data());
                for (int k = 0; k < 64; ++k) ASSERT_NEAR(row[std::size_t(k)], plain.weight(n, k), 0.03 * 0.008);
            }
        }
        EXPECT_EQ(seen, 2);
    }
}

TEST(PackedMatrix, NeedsF32WhereScalesDoNotFitF16) {
    for (const auto& [value, expected] :
         {std::pair(0.01f, FormatId::Q4_0), {1e-9f, FormatId::F32}, {1e5f, FormatId::F32}}) {
        PackedFolder folder({"gptq", 4, 64});
        for (auto& [module, m] : folder.matrices) {
            std::ranges::fill(m.scale, value);
            std::string bytes;
            for (std::size_t i = 0; i < m.scale.size(); ++i) bytes.append(reinterpret_cast<const char*>(&value), 4);
            folder.tensors[module + ".scales"].dtype = "F32";
            folder.tensors[module + ".scales"].bytes = bytes;
        }
        const auto source = openModel(folder.write());
        EXPECT_EQ(source->find("blk.0.attn_v.weight")->format, expected) << value;
        EXPECT_LE(worstOf(*source, folder), expected == FormatId::F32 ? 0 : 0.004) << value;
    }
}

/// Some programs write zero points of one version and call it the other.
TEST(CheckpointFormat, IsFoundOutWhereItIsStatedWrongly) {
    for (const bool symmetric : {true, false})
        for (const bool plain : {true, false})
            for (const int bits : {2, 3, 4, 8}) {
                if (bits == 8 && !symmetric) continue; // a step is too little to be noticed, and to matter
                PackedKind kind{"gptq", bits, 32, symmetric, plain};
                kind.label = plain ? "gptq" : "gptq_v2"; // wrong
                const PackedFolder folder(kind);
                SCOPED_TRACE(testing::Message()
                             << bits << (plain ? " plain" : " one less") << (symmetric ? " symmetric" : ""));
                const auto source = openModel(folder.write());
                EXPECT_LE(worstOf(*source, folder), bits == 8 ? 0.0625 : 0.0079);
                const ModelInfo info = inspectModel(folder.write());
                EXPECT_TRUE(std::ranges::any_of(info.warnings, [&](const std::string& note) {
                    return note.find("checkpoint_format " + kind.label + ",") != std::string::npos;
                }));
            }
}

TEST(OldFolder, IsDescribedByQuantizeConfig) {
    PackedFolder folder({"gptq", 4, 32});
    folder.config.erase("quantization_config");
    const fs::path path = folder.write();
    EXPECT_FALSE(inspectModel(path).supported);
    std::ofstream(path / "quantize_config.json") << R"({"bits": 4, "group_size": 32, "desc_act": false, "sym": true})";
    EXPECT_EQ(worstOf(*openModel(path), folder), 0);
}

/// Weight w[n][k] of a golden's module, straight from the rule.
float goldenWeight(const SafeTensors& weights, const std::string& module, bool awq, int bits, int n, int k,
                   float& scale) {
    const auto word = [&](const char* part, std::size_t at) {
        uint32_t value;
        std::memcpy(&value, weights.find(module + part)->data + 4 * at, 4);
        return value;
    };
    const SafeTensor& scales = *weights.find(module + ".scales");
    const int outputs = int(scales.shape[1]), perWord = 32 / bits, mask = (1 << bits) - 1;
    int g, code, zero;
    if (awq) {
        static constexpr int kNibble[8] = {0, 4, 1, 5, 2, 6, 3, 7};
        g = k / 64;
        const int shift = 4 * kNibble[n % 8];
        code = int(word(".qweight", std::size_t(k * outputs / 8 + n / 8)) >> shift) & 15;
        zero = int(word(".qzeros", std::size_t(g * outputs / 8 + n / 8)) >> shift) & 15;
    } else {
        g = int(word(".g_idx", std::size_t(k)));
        code = int(word(".qweight", std::size_t(k / perWord * outputs + n)) >> (bits * (k % perWord))) & mask;
        zero = (int(word(".qzeros", std::size_t((g * outputs + n) / perWord)) >> (bits * (n % perWord))) & mask) + 1;
    }
    uint16_t half;
    std::memcpy(&half, scales.data + 2 * (g * outputs + n), 2);
    scale = scales.dtype == "BF16" ? bf16ToF32(half) : f16ToF32(half);
    return scale * float(code - zero);
}

TEST(PackedGoldenWeights, AreThoseOfTheRule) {
    for (const auto& [name, format, steps] : {std::tuple("gptq-sym", FormatId::Q4_0, 0.0),
                                              {"gptq-w8", FormatId::Q8_0, 0.0},
                                              {"awq-gemm", FormatId::Q4_0, 0.0},
                                              {"gptq-asym", FormatId::Q4_1, 0.005},
                                              {"gptq-g128", FormatId::Q4_1, 0.005},
                                              {"gptq-act", FormatId::F16, 0.004}}) {
        const fs::path path = test::goldenDir(std::string("models/") + name);
        if (path.empty()) GTEST_SKIP() << "the golden " << name << " is not here";
        const SafeTensors weights(path);
        const auto source = openModel(path);
        const bool awq = std::string(name).starts_with("awq");
        const int bits = std::string(name) == "gptq-w8" ? 8 : 4;
        double worst = 0;
        int matrices = 0;
        for (const SafeTensor& tensor : weights.tensors()) {
            if (!tensor.name.ends_with(".qweight")) continue;
            ++matrices;
            const std::string module = tensor.name.substr(0, tensor.name.size() - 8);
            forRows(*source, module, 4, 2, [&](const std::vector<float>& row, int n) {
                for (std::size_t k = 0; k < row.size(); ++k) {
                    float scale;
                    const float w = goldenWeight(weights, module, awq, bits, n, int(k), scale);
                    worst = std::max(worst, std::fabs(double(row[k]) - w) / std::fabs(scale));
                }
            });
        }
        EXPECT_EQ(matrices, 21) << name;
        EXPECT_LE(worst, steps) << name;
        EXPECT_EQ(source->find("blk.0.attn_q.weight")->format, format) << name;
    }
}

} // namespace
} // namespace nibble
