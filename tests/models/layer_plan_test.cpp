// The layer plan of every golden model, from both containers. NIBBLE_UPDATE_GOLDENS=1 writes what is now.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/layer_plan.h>

namespace nibble {
namespace {

using Json = nlohmann::ordered_json;

/// A line a layer, so that a change is seen at once.
std::string written(Json plan) {
    const Json layers = plan["layers"];
    plan.erase("layers");
    std::string text = plan.dump();
    text.pop_back();
    text += ",\n\"layers\":[";
    for (std::size_t i = 0; i < layers.size(); ++i) text += (i ? ",\n" : "\n") + layers[i].dump();
    return text + "]}\n";
}

class LayerPlanGolden : public testing::TestWithParam<std::string> {};

TEST_P(LayerPlanGolden, IsAsItWas) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const std::filesystem::path golden =
        std::filesystem::path(NIBBLE_SOURCE_DIR) / "tests/goldens/plans" /
        (path.parent_path().filename().string() + "-" + path.stem().string() + ".json");
    const std::string now = written(layerPlan(path));
    if (std::getenv("NIBBLE_UPDATE_GOLDENS")) {
        std::filesystem::create_directories(golden.parent_path());
        std::ofstream(golden) << now;
    }
    std::ifstream in(golden);
    ASSERT_TRUE(in) << golden << " is missing: NIBBLE_UPDATE_GOLDENS=1 writes it";
    EXPECT_EQ(now, std::string(std::istreambuf_iterator<char>(in), {}));
}

INSTANTIATE_TEST_SUITE_P(All, LayerPlanGolden, testing::ValuesIn(test::goldenModels()),
                         [](const auto& test) { return test::testName(test.param); });

TEST(LayerPlan, OfTheFolderIsThatOfTheFileMadeFromIt) {
    for (const std::string name : {"gemma4", "gemma4_moe", "qwen3_5", "qwen3_5_moe", "qwen3_moe_fused"})
        EXPECT_EQ(layerPlan(test::goldenDir("models/" + name)), layerPlan(test::goldenDir("gguf/" + name + ".gguf")));
}

TEST(LayerPlanText, PutsLayersThatAreAlikeOnOneLine) {
    const std::string gemma = layerPlanText(layerPlan(test::goldenDir("gguf/gemma4.gguf")));
    EXPECT_NE(gemma.find("layers 0 to 4: attention, 4 heads of 32, 2 for keys and values, window 8, rope 1"),
              std::string::npos)
        << gemma;
    EXPECT_NE(gemma.find("layers 6 to 10: attention, 4 heads of 32, keys and values of layer 4"), std::string::npos)
        << gemma;
    EXPECT_NE(gemma.find("layer 11: attention, 4 heads of 64, keys and values of layer 5, all text, rope 0"),
              std::string::npos)
        << gemma;
    const std::string qwen = layerPlanText(layerPlan(test::goldenDir("gguf/qwen3_5.gguf")));
    EXPECT_NE(qwen.find("layers 0 to 2: gated delta net, 4 value heads of 16, 2 key heads of 16, 4 taps"),
              std::string::npos)
        << qwen;
    EXPECT_NE(qwen.find("layer 3: attention, 4 heads of 32, 2 for keys and values, all text, rope 0, scores x 0.17"),
              std::string::npos)
        << qwen;
}

} // namespace
} // namespace nibble
