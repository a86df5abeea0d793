// Long texts in models whose layers see only a window: what such a layer may forget, it has no room for, and nothing
// else is lost.
#include <base/thread_pool.h>
#include <cmath>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>

namespace nibble {
namespace {

constexpr int32_t kContext = 4096, kBatch = 64;

struct LongRun {
    std::vector<float> logits; // of the last token
    uint64_t kvBytes = 0;
};

/// 4096 tokens in batches of kBatch. Caches of windowed layers have room for `maxRows` tokens besides the window.
LongRun runLong(const ModelSource& source, int32_t maxRows) {
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool);
    const ModelOnBackend model = placeModel(*backend, source, kContext, KvFormat::F32, maxRows, 1);
    std::vector<int32_t> tokens(kBatch);
    for (int32_t pos = 0; pos < kContext; pos += kBatch) {
        for (int32_t i = 0; i < kBatch; ++i) tokens[std::size_t(i)] = (pos + i) * 37 % model.plan.vocabSize;
        forward(*backend, model, tokens, pos, 1);
    }
    const std::span<const float> row = backend->read({model.logits, 0, 1});
    return {{row.begin(), row.end()}, backend->memory().kv};
}

class Windows : public testing::TestWithParam<const char*> {};

TEST_P(Windows, KeepOnlyWhatTheyNeedOfALongText) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const auto source = openModel(path);
    const ModelPlan plan = planOf(*source, kContext);
    uint64_t expected = 0;
    for (const LayerPlan& layer : plan.layers) {
        const int32_t positions = layer.window > 0 ? layer.window + kBatch : kContext;
        expected += uint64_t(positions) * uint64_t(layer.nKvHeads) * uint64_t(layer.keyDim + layer.valueDim) * 4;
    }
    const LongRun small = runLong(*source, kBatch), full = runLong(*source, kContext);
    EXPECT_NEAR(double(small.kvBytes), double(expected), 256.0 * double(plan.layers.size())); // caches are aligned
    EXPECT_LT(small.kvBytes, full.kvBytes);
    ASSERT_EQ(small.logits.size(), full.logits.size());
    double error = 0, power = 0;
    for (std::size_t i = 0; i < full.logits.size(); ++i) {
        error += std::pow(double(small.logits[i]) - full.logits[i], 2);
        power += std::pow(double(full.logits[i]), 2);
    }
    EXPECT_LE(error / power, 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Models, Windows,
                         testing::Values("gguf/gemma2.gguf", "gguf/gemma3.gguf", "gguf/olmo3.gguf",
                                         "models/mistral-swa"),
                         [](const auto& test) { return test::testName(test.param); });

} // namespace
} // namespace nibble
