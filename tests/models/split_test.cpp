// A model on two backends computes what it computes on one, and takes the memory that the dry run says.

#include <base/thread_pool.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>

namespace nibble {
namespace {

constexpr int32_t kContext = 32, kMaxRows = 8, kLogitRows = 2;
const std::filesystem::path kModel = std::filesystem::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";
/// Windows and two ropes; matrices in one; layers without positions; norms behind layers only; recurrent layers and
/// gated experts.
constexpr const char* kGoldens[] = {"gguf/gemma3.gguf", "gguf/phi3.gguf", "gguf/smollm3.gguf", "gguf/olmo2.gguf",
                                    "gguf/qwen3_5_moe.gguf"};

ModelOnBackend place(Backend& backend, const ModelSource& source) {
    return placeModel(backend, source, kContext, KvFormat::F16, kMaxRows, kLogitRows);
}

/// Logits after a prompt of seven tokens, two single ones, and a batch whose logits are taken in two slices.
std::vector<float> conversation(Backend& backend, const ModelSource& source) {
    const ModelOnBackend model = place(backend, source);
    std::vector<float> all;
    const auto keep = [&](int32_t rows) {
        const std::span<const float> values = backend.read({model.logits, 0, rows});
        all.insert(all.end(), values.begin(), values.end());
    };
    const std::vector<int32_t> tokens{5, 9, 17, 33, 65, 3, 12, 40, 41, 42, 43, 44};
    const std::span<const int32_t> span(tokens);
    forward(backend, model, span.first(7), 0, 1);
    keep(1);
    for (int32_t pos : {7, 8}) {
        forward(backend, model, span.subspan(std::size_t(pos), 1), pos, 1);
        keep(1);
    }
    forwardHidden(backend, model, span.subspan(9), 9, 3);
    logitsOfHidden(backend, model, 9, 0, 2);
    keep(2);
    logitsOfHidden(backend, model, 9, 2, 1);
    keep(1);
    return all;
}

void expectTheSameWhereverItIsCut(const std::filesystem::path& path) {
    SCOPED_TRACE(path.filename());
    const auto source = openModel(path);
    const auto layers = int32_t(planOf(*source).layers.size());
    ASSERT_GE(layers, 2);
    ThreadPool pool(2);
    const std::vector<float> expected = conversation(*makeCpuBackend(pool), *source);
    for (int32_t cpuLayers = 0; cpuLayers < layers; ++cpuLayers)
        for (int32_t streamRows : {0, 2}) { // the second way streams all batches but those of one token
            const auto split = makeSplitBackend(makeCpuBackend(pool), makeCpuBackend(pool), cpuLayers, streamRows);
            EXPECT_EQ(conversation(*split, *source), expected)
                << cpuLayers << " of " << layers << " layers, streams " << streamRows;
        }
}

TEST(SplitModel, ComputesTheSameWhereverItIsCut) {
    expectTheSameWhereverItIsCut(kModel);
    for (const char* golden : kGoldens) expectTheSameWhereverItIsCut(test::goldenDir(golden));
}

/// Long batches do no product on the processor, short ones all of those of its layers.
TEST(SplitModel, StreamsLongBatchesOnly) {
    const auto source = openModel(kModel);
    ThreadPool pool(2);
    const auto split = makeSplitBackend(makeCpuBackend(pool), makeCpuBackend(pool), 1, 5);
    const ModelOnBackend model = place(*split, *source);
    const std::vector<int32_t> tokens{5, 9, 17, 33, 65};
    const auto cpuBytes = [&](std::size_t count) { // of weights read
        split->resetWork();
        forward(*split, model, std::span(tokens).first(count), 0, 1);
        return split->work().weightBytes - split->deviceWork().weightBytes;
    };
    const double layer = cpuBytes(4), embedding = cpuBytes(5);
    EXPECT_GT(embedding, 0);
    EXPECT_GT(layer, 10 * embedding);
}

TEST(SplitModel, TakesTheMemoryOfTheDryRun) {
    const auto source = openModel(kModel);
    ThreadPool pool(2);
    const auto real = makeSplitBackend(makeCpuBackend(pool), makeCpuBackend(pool), 1);
    const auto dry = makeSplitBackend(makeDryBackend(bestCpuLevel(), 2), makeDryBackend(bestCpuLevel(), 2), 1);
    place(*real, *source);
    place(*dry, *source);
    EXPECT_EQ(real->memory().total(), dry->memory().total());
    EXPECT_EQ(real->deviceMemory().total(), dry->deviceMemory().total());
    EXPECT_GT(real->deviceMemory().total(), 0u);
    EXPECT_LT(real->deviceMemory().total(), real->memory().total());
}

} // namespace
} // namespace nibble
