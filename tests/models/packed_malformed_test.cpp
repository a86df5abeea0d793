// Folders of other tools' quantized weights that are sound as safetensors but not as what they claim to be.
#include "packed_folder.h"

#include <files/mutate.h>
#include <functional>
#include <gtest/gtest.h>
#include <models/architecture.h>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/inspect.h>
#include <sstream>

namespace nibble {
namespace {

using test::PackedFolder;
using test::PackedKind;
using test::StoredTensor;

const std::string kModule = "model.layers.0.mlp.up_proj."; // 96 outputs, 64 inputs, 2 groups

StoredTensor zeros(const char* dtype, std::vector<int64_t> shape) {
    std::size_t bytes = std::string(dtype).ends_with("64") ? 8 : std::string(dtype).ends_with("32") ? 4 : 2;
    for (const int64_t n : shape) bytes *= std::size_t(n);
    return {dtype, std::move(shape), std::string(bytes, '\0')};
}

/// A list or matrix whose first number is `first`.
template<class T>
StoredTensor starting(StoredTensor tensor, T first) {
    std::memcpy(tensor.bytes.data(), &first, sizeof first);
    return tensor;
}

struct Damage {
    const char* name;
    PackedKind kind;
    const char* tensor;                  // of kModule, named in the error
    std::optional<StoredTensor> instead; // none: missing
};

const Damage kDamages[] = {
    {"GptqZerosMissing", {"gptq"}, "qzeros", {}},
    {"GptqScalesMissing", {"gptq"}, "scales", {}},
    {"GptqScalesAreWholeNumbers", {"gptq"}, "scales", zeros("I32", {2, 96})},
    {"GptqScalesAreAVector", {"gptq"}, "scales", zeros("F16", {96})},
    {"GptqScalesOfOtherWidth", {"gptq"}, "scales", zeros("F16", {2, 64})},
    {"GptqScalesEmpty", {"gptq"}, "scales", zeros("F16", {0, 96})},
    {"GptqCodesAreFloats", {"gptq"}, "qweight", zeros("F32", {8, 96})},
    {"GptqCodesAreAVector", {"gptq"}, "qweight", zeros("I32", {96})},
    {"GptqCodesEmpty", {"gptq"}, "qweight", zeros("I32", {0, 96})},
    {"GptqCodesOfUnevenRows", {"gptq", 3}, "qweight", zeros("I32", {7, 96})},
    {"GptqZerosOfFiveBits", {"gptq"}, "qzeros", zeros("I32", {2, 15})},
    {"GptqZerosOfNoWholeBits", {"gptq"}, "qzeros", zeros("I32", {2, 13})},
    {"GptqZerosOfOtherGroups", {"gptq"}, "qzeros", zeros("I32", {4, 12})},
    {"GptqGroupsTooFew", {"gptq"}, "g_idx", zeros("I32", {63})},
    {"GptqGroupsAreFloats", {"gptq"}, "g_idx", zeros("F32", {64})},
    {"GptqGroupTooLarge", {"gptq"}, "g_idx", starting(zeros("I32", {64}), int32_t(2))},
    {"GptqGroupTooSmall", {"gptq"}, "g_idx", starting(zeros("I32", {64}), int32_t(-3))},
    {"GptqGroupSmallest", {"gptq"}, "g_idx", starting(zeros("I32", {64}), INT32_MIN)},
    {"AwqScalesMissing", {"awq-gemm"}, "scales", {}},
    {"AwqCodesTransposed", {"awq-gemm"}, "qweight", zeros("I32", {12, 64})},
    {"AwqZerosOfOtherGroups", {"awq-gemm"}, "qzeros", zeros("I32", {3, 12})},
    {"AwqScalesOfUnevenOutputs", {"awq-gemm"}, "scales", zeros("F16", {2, 92})},
    {"GemvScalesTooFew", {"awq-gemv"}, "scales", zeros("F16", {96, 1})},
    {"GemvScalesOfOtherOutputs", {"awq-gemv"}, "scales", zeros("F16", {95, 32})},
    {"GemvZerosOfOtherOutputs", {"awq-gemv"}, "qzeros", zeros("I32", {95, 4})},
    {"CompressedShapeMissing", {"compressed"}, "weight_shape", {}},
    {"CompressedShapeIsAMatrix", {"compressed"}, "weight_shape", zeros("I64", {1, 2})},
    {"CompressedShapeOfFloats", {"compressed"}, "weight_shape", zeros("F32", {2})},
    {"CompressedShapeZero", {"compressed"}, "weight_shape", zeros("I64", {2})},
    {"CompressedShapeNegative", {"compressed"}, "weight_shape", starting(zeros("I64", {2}), int64_t(-1))},
    {"CompressedShapeHuge", {"compressed"}, "weight_shape", starting(zeros("I64", {2}), INT64_MAX)},
    {"CompressedCodesOfNoBits", {"compressed"}, "weight_packed", zeros("I32", {96, 5})},
    {"CompressedCodesOfOtherOutputs", {"compressed"}, "weight_packed", zeros("I32", {95, 8})},
    {"CompressedScalesOfOtherOutputs", {"compressed"}, "weight_scale", zeros("F16", {95, 2})},
    {"CompressedScalesOfUnevenGroups", {"compressed"}, "weight_scale", zeros("F16", {96, 3})},
    {"CompressedZerosOfOtherGroups", {"compressed", 4, 32, false}, "weight_zero_point", zeros("I32", {12, 3})},
};

class DamagedPacking : public testing::TestWithParam<Damage> {};
INSTANTIATE_TEST_SUITE_P(, DamagedPacking, testing::ValuesIn(kDamages), [](const auto& p) { return p.param.name; });

TEST_P(DamagedPacking, IsRefusedByName) {
    PackedFolder folder(GetParam().kind);
    ASSERT_NO_THROW(openModel(folder.write()));
    const std::string tensor = kModule + GetParam().tensor;
    ASSERT_TRUE(folder.tensors.contains(tensor));
    folder.tensors.erase(tensor);
    if (GetParam().instead) folder.tensors[tensor] = *GetParam().instead;
    const auto path = folder.write();
    for (const bool inspect : {false, true}) {
        try {
            if (inspect)
                inspectModel(path);
            else
                openModel(path);
            ADD_FAILURE() << "was accepted";
        } catch (const Error& e) {
            EXPECT_EQ(e.kind, ErrorKind::BadFile) << e.what();
            EXPECT_NE(e.detail.find(tensor), std::string::npos) << e.detail;
            EXPECT_NE(e.detail.find(path.filename()), std::string::npos) << e.detail;
            EXPECT_FALSE(e.whatToDo.empty());
        }
    }
}

/// A matrix that is there twice, packed and plain: nobody knows which counts.
TEST(AmbiguousPacking, HasAMatrixTwice) {
    PackedFolder folder({"gptq"});
    folder.tensors[kModule + "weight"] = zeros("F16", {96, 64});
    EXPECT_THROW(openModel(folder.write()), Error);
}

/// What a folder does not say of its tensors must not be guessed.
TEST(AmbiguousPacking, HasAPartNobodyKnows) {
    PackedFolder folder({"gptq"});
    folder.tensors[kModule + "weight_zero_point"] = zeros("I32", {12, 2});
    const ModelInfo info = inspectModel(folder.write());
    EXPECT_FALSE(info.supported);
    EXPECT_THROW(openModel(folder.write()), Error);
}

void readAll(const std::filesystem::path& path) {
    const ModelInfo info = inspectModel(path);
    EXPECT_EQ(info.supported, info.unsupportedReason.empty());
    const auto source = openModel(path);
    std::vector<std::byte> bytes;
    for (const WeightRows& rows : source->tensors()) {
        bytes.resize(rows.bytes());
        rows.copyRows(0, rows.rows, bytes.data());
    }
    planOf(*source);
}

TEST(PackedFuzz, DamagedFoldersEndInAnErrorOrInNumbers) {
    std::mt19937 random(20261125);
    for (const char* tool : {"gptq", "awq-gemm", "awq-gemv", "compressed"}) {
        const PackedFolder folder({tool, 4, 32, false, false, true});
        const std::filesystem::path path = folder.write(), file = path / "model.safetensors";
        std::stringstream read;
        read << std::ifstream(file, std::ios::binary).rdbuf();
        const std::string sound = read.str();
        uint64_t headerSize;
        std::memcpy(&headerSize, sound.data(), 8);
        const std::string header = sound.substr(8, headerSize), data = sound.substr(8 + headerSize);
        int refused = 0;
        constexpr int kRounds = 400;
        for (int round = 0; round < kRounds; ++round) {
            const std::string newHeader = round % 4 ? test::mutated(header, random) : header;
            const std::string newData = round % 4 ? data : test::mutated(data, random).substr(0, data.size());
            const uint64_t size = newHeader.size();
            std::filesystem::remove(file);
            std::ofstream(file, std::ios::binary)
                << std::string(reinterpret_cast<const char*>(&size), 8) << newHeader << newData;
            try {
                readAll(path);
            } catch (const Error& e) {
                EXPECT_FALSE(e.message.empty());
                ++refused;
            }
        }
        EXPECT_GT(refused, kRounds / 4) << tool;
        EXPECT_LT(refused, kRounds) << tool;
    }
}

} // namespace
} // namespace nibble
