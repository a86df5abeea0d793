// What each layer of a smaller model costs, and giving more to those that cost most.
#include "sample_text.h"

#include <algorithm>
#include <files/gguf.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/layer_costs.h>
#include <nibble/quantize.h>
#include <process.h>
#include <quantize/mixture.h>
#include <quantize/recipe.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;

class LayerCosts : public testing::Test {
protected:
    fs::path make(const char* name, const fs::path& like, std::vector<int32_t> finer,
                  const char* recipe = "Q4_0") const {
        QuantizeOptions options;
        options.source = original;
        options.output = folder / name;
        if (like.empty()) options.recipe = recipe;
        options.size.asFile = like;
        options.size.finerLayers = std::move(finer);
        options.threads = 2;
        quantizeModel(options);
        return options.output;
    }
    LayerCostReport measure(const fs::path& smaller) const { return measureLayerCosts({original, smaller, 2}); }

    test::TempFolder folder;
    fs::path original = fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";
};

/// A file of which one layer is in 3 bits and the others in 5 or more: that one costs most by far, and finer formats
/// for it make a file that loses less and is as much larger as was said.
TEST_F(LayerCosts, NameTheLayerThatLosesMost) {
    const fs::path coarse = make("coarse.gguf", {}, {}, "Q3_K_M");
    const auto source = openModel(original);
    int32_t last = 0;
    for (const WeightRows& tensor : source->tensors()) last = std::max(last, int32_t(blockNumber(tensor.name)));
    std::vector<int32_t> others = {kOutsideLayers};
    for (int32_t layer = 0; layer < last; ++layer) others.push_back(layer);
    // Every layer but the last one finer, twice: Q3_K_M becomes 4.5 to 5.5 bits, then more.
    const fs::path step = make("step.gguf", coarse, others), uneven = make("uneven.gguf", step, others);

    const LayerCostReport report = measure(uneven);
    ASSERT_EQ(report.layers.size(), std::size_t(last) + 2);
    EXPECT_EQ(report.layers.front().layer, kOutsideLayers);
    EXPECT_EQ(report.layers.back().layer, last);
    ASSERT_FALSE(report.worthMost.empty());
    EXPECT_EQ(report.worthMost.front(), last) << report.sentence;
    EXPECT_NE(report.sentence.find("layer " + std::to_string(last)), std::string::npos) << report.sentence;
    EXPECT_GT(report.tokens, 100);
    double sum = 0;
    for (const LayerCost& layer : report.layers) {
        EXPECT_GE(layer.divergence, 0);
        EXPECT_GT(layer.bytes, 0u);
        sum += layer.divergence;
    }
    EXPECT_GT(report.divergence, 0.3 * sum);
    EXPECT_LT(report.divergence, 3 * sum);

    const fs::path mended = make("mended.gguf", uneven, {last});
    const auto keys = [](const fs::path& file) { // what is not weights
        uint64_t bytes = fs::file_size(file);
        const GgufFile gguf(file);
        for (const auto& tensor : gguf.tensors()) bytes -= (tensor.bytes + 31) / 32 * 32;
        return bytes;
    };
    EXPECT_EQ(fs::file_size(mended) - keys(mended),
              fs::file_size(uneven) - keys(uneven) + report.layers.back().finerBytes);
    const LayerCostReport after = measure(mended);
    EXPECT_LT(after.layers.back().divergence, 0.7 * report.layers.back().divergence);
    EXPECT_LT(after.divergence, report.divergence);
}

TEST_F(LayerCosts, OfTheOriginalItselfAreNothing) {
    const LayerCostReport report = measure(original);
    for (const LayerCost& layer : report.layers) EXPECT_NEAR(layer.divergence, 0, 1e-6);
    EXPECT_NEAR(report.divergence, 0, 1e-6);
}

TEST_F(LayerCosts, RefuseWhatDoesNotBelongTogether) {
    const fs::path golden = test::goldenDir("models/qwen2");
    if (!golden.empty()) {
        EXPECT_THROW(measureLayerCosts({original, golden, 2}), Error);
    }
    const fs::path file = make("q4.gguf", {}, {});
    EXPECT_THROW(make("x.gguf", file, {99}), Error);
    EXPECT_THROW(make("x.gguf", {}, {0}), Error);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(measureLayerCosts({original, file, 2}, {}, stop.get_token()), Error);
}

/// The next format with a bit more, the newest of equals; the finest stays.
TEST_F(LayerCosts, FinerFormatsHaveABitMore) {
    const auto source = openModel(original);
    for (const WeightRows& tensor : source->tensors()) {
        const std::vector<FormatId> all = formatsFor(*source, tensor);
        EXPECT_EQ(finerFormat(*source, tensor, all.back()), all.back());
        if (all.size() == 1) continue;
        const FormatId finer = finerFormat(*source, tensor, FormatId::Q4_0);
        EXPECT_GE(format(finer).bitsPerWeight(), format(FormatId::Q4_0).bitsPerWeight() + 1);
        EXPECT_LE(format(finer).bitsPerWeight(), format(FormatId::Q4_0).bitsPerWeight() + 1.5);
    }
}

} // namespace
} // namespace nibble
