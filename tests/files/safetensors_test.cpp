#include "gguf_bytes.h"

#include <files/json_file.h>
#include <files/safetensors.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>

namespace nibble {
namespace {

using test::safetensorsBytes;
using test::writeBytes;

TEST(SafeTensors, ReadsASingleFile) {
    const test::TempFolder folder;
    writeBytes(
        folder / "model.safetensors",
        safetensorsBytes(
            R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},)"
            R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"F32","shape":[0,7],"data_offsets":[16,16]}})",
            16));
    const SafeTensors weights(folder.path());
    ASSERT_EQ(weights.tensors().size(), 3u);
    EXPECT_EQ(weights.tensors()[0].name, "a");
    const SafeTensor* b = weights.find("b");
    ASSERT_NE(b, nullptr);
    EXPECT_EQ(b->dtype, "BF16");
    EXPECT_EQ(b->shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(b->bytes, 12u);
    EXPECT_EQ(b->data - weights.find("a")->data, 4);
    EXPECT_EQ(weights.find("c"), nullptr);
    EXPECT_EQ(weights.fileBytes(), std::filesystem::file_size(folder / "model.safetensors"));
    weights.check();
}

TEST(SafeTensors, ReadsShards) {
    const test::TempFolder folder;
    writeBytes(folder / "one.safetensors",
               safetensorsBytes(R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4));
    writeBytes(folder / "two.safetensors",
               safetensorsBytes(R"({"b":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8));
    writeBytes(folder / "model.safetensors.index.json",
               R"({"metadata":{"total_size":12},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}})");
    const SafeTensors weights(folder.path());
    EXPECT_EQ(weights.tensors().size(), 2u);
    EXPECT_EQ(weights.find("b")->bytes, 8u);
}

TEST(Json, KeepsTheLimitOfDepth) {
    const auto nested = [](int n) { return std::string(std::size_t(n), '[') + std::string(std::size_t(n), ']'); };
    EXPECT_NO_THROW(parseJson(nested(kMaxJsonDepth), "x.json"));
    EXPECT_THROW(parseJson(nested(kMaxJsonDepth + 1), "x.json"), Error);
    EXPECT_THROW(parseJson(std::string(5'000'000, '['), "x.json"), Error);
}

TEST(Json, RefusesANameTwiceOnlyInOneObject) {
    EXPECT_NO_THROW(parseJson(R"({"a":{"b":1},"c":{"b":2,"a":[{"a":1},{"a":2}]}})", "x.json"));
    EXPECT_THROW(parseJson(R"({"a":{"b":1},"a":2})", "x.json"), Error);
    EXPECT_THROW(parseJson(R"({"c":{"b":1,"b":1}})", "x.json"), Error);
}

} // namespace
} // namespace nibble
