#include <base/thread_pool.h>
#include <gtest/gtest.h>
#include <models/fake_source.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <run/placement.h>

namespace nibble {
namespace {

using test::FakeSource;

/// A model of one layer whose matrices are all of one format; widths are multiples of every block.
FakeSource sourceIn(FormatId id) {
    FakeSource s = test::tinySource("llama", true);
    s.keys.set("llama.block_count", uint32_t(1));
    s.keys.set("llama.embedding_length", uint32_t(256));
    s.keys.set("llama.feed_forward_length", uint32_t(512));
    s.keys.set("llama.attention.head_count", uint32_t(4));
    s.keys.set("llama.context_length", uint32_t(8192));
    const auto matrix = [&](const std::string& name, int64_t cols, int64_t rows) {
        auto data = std::make_shared<std::vector<std::byte>>(format(id).rowBytes(cols) * uint64_t(rows));
        WeightRows w{.name = name, .format = id, .cols = cols, .rows = rows, .planes = {data->data()}, .owner = data};
        s.weights.push_back(std::move(w));
    };
    s.weights.clear();
    matrix("token_embd.weight", 256, 300);
    s.tensor("blk.0.attn_norm.weight", 256);
    matrix("blk.0.attn_q.weight", 256, 256);
    matrix("blk.0.attn_k.weight", 256, 128);
    matrix("blk.0.attn_v.weight", 256, 128);
    s.tensor("blk.0.attn_v.bias", 128);
    matrix("blk.0.attn_output.weight", 256, 256);
    s.tensor("blk.0.ffn_norm.weight", 256);
    matrix("blk.0.ffn_gate.weight", 256, 512);
    matrix("blk.0.ffn_up.weight", 256, 512);
    matrix("blk.0.ffn_down.weight", 512, 256);
    s.tensor("output_norm.weight", 256);
    return s;
}

/// The promise behind every "it fits": what the dry run adds up is what the real backend allocates, to the byte.
TEST(Estimate, EqualsWhatIsAllocatedForEveryFormatAndLevel) {
    for (const Format* weights : formats()) {
        const FakeSource source = sourceIn(weights->id);
        for (const char* kv : {"f16", "q8_0"}) {
            const bool precise = std::string_view(kv) == "q8_0";
            const SessionShape shape = sessionShape(planOf(source), 1000, kv, precise);
            for (CpuLevel level : kCpuLevels) {
                if (!cpuSupports(level)) continue;
                SCOPED_TRACE(std::string(weights->name) + ", " + kv + ", " + cpuLevelName(level));
                const Estimate estimate = estimateSource(source, 1, shape, {.level = level, .threads = 3, .layers = 1});
                ThreadPool pool(3);
                const auto backend = makeCpuBackend(pool, level, shape.terms);
                placeModel(*backend, source, shape.contextLength, shape.kv, shape.maxRows, shape.maxLogitRows);
                const MemoryUse memory = backend->memory();
                EXPECT_EQ(estimate.weightBytes, memory.weights + memory.mappedWeights);
                EXPECT_EQ(estimate.kvBytes, memory.kv);
                EXPECT_EQ(estimate.activationBytes, memory.activations);
                EXPECT_EQ(estimate.scratchBytes, memory.scratch);
                EXPECT_EQ(estimate.totalBytes, memory.total());
                EXPECT_GT(estimate.kvBytes, 0u);
                EXPECT_GT(estimate.decodeMacsPerToken, 0);
                EXPECT_GT(estimate.decodeBytesPerToken, 0);
            }
        }
    }
}

TEST(Estimate, OfPreciseInputsHasTheirMemory) {
    const FakeSource source = sourceIn(FormatId::Q4_0);
    const auto scratch = [&](bool precise) {
        const SessionShape shape = sessionShape(planOf(source), 1000, "f16", precise);
        return estimateSource(source, 1, shape, {.threads = 3, .layers = 1}).scratchBytes;
    };
    const uint64_t codes = uint64_t(sessionShape(planOf(source), 1000, "f16").maxRows) * 512; // of the widest input
    EXPECT_GE(scratch(true), scratch(false) + codes);
}

TEST(Estimate, OfOtherFormatsEqualsThatOfAModelInThem) {
    const FakeSource original = sourceIn(FormatId::F32);
    for (const Format* format : formats()) {
        const FakeSource smaller = sourceIn(format->id);
        const auto view = withFormats(original, [&](const WeightRows&) { return format->id; });
        const SessionShape shape = sessionShape(planOf(original), 0, "f16");
        const Estimate expected =
            estimateSource(smaller, 7, shape, {.level = bestCpuLevel(), .threads = 2, .layers = 1});
        const Estimate got = estimateSource(*view, 7, shape, {.level = bestCpuLevel(), .threads = 2, .layers = 1});
        EXPECT_EQ(got.totalBytes, expected.totalBytes) << format->name;
        EXPECT_EQ(got.fileBytes, 7u);
        EXPECT_DOUBLE_EQ(got.bitsPerWeight, expected.bitsPerWeight) << format->name;
    }
}

TEST(Estimate, ChoosesAndChecksTheContext) {
    const ModelPlan plan = planOf(sourceIn(FormatId::F16));
    EXPECT_EQ(sessionShape(plan, 0, "f16").contextLength, 4096);
    EXPECT_EQ(sessionShape(plan, 8192, "f16").contextLength, 8192);
    EXPECT_EQ(sessionShape(plan, 100, "f16").maxRows, 100);
    EXPECT_EQ(sessionShape(plan, 0, "q8_0").kv, KvFormat::Q8_0);
    for (int32_t wrong : {-1, 8193}) EXPECT_THROW(sessionShape(plan, wrong, "f16"), Error);
    EXPECT_THROW(sessionShape(plan, 0, "q4_0"), Error);
}

TEST(Estimate, BatchesAreAsLargeAsAFastCardWithAllLayersTakes) {
    SessionShape shape;
    shape.contextLength = 4096;
    shape.maxRows = 64;
    shape.macsOfRow = 1e8;
    Placement placement = {.layers = 4, .gpuLayers = 4};
    EXPECT_EQ(rowsOfBatch(shape, placement), 64) << "its speed is not known";
    placement.gpuMacsPerSecond = 1e13;
    EXPECT_EQ(rowsOfBatch(shape, placement), 512);
    placement.gpuMacsPerSecond = 4e11;
    EXPECT_EQ(rowsOfBatch(shape, placement), 192) << "50 ms";
    shape.contextLength = 100;
    EXPECT_EQ(rowsOfBatch(shape, placement), 100);
    shape.contextLength = 4096;
    placement.gpuLayers = 3;
    EXPECT_EQ(rowsOfBatch(shape, placement), 64) << "the processor has to answer when it is asked to stop";
}

/// The shape of Llama 3 70B in Q4_K_M's formats, near enough; nothing of it is read.
FakeSource seventyBillion() {
    constexpr int64_t kLayers = 80, kEmbedding = 8192, kFeedForward = 28672, kKeys = 1024, kVocab = 128256;
    FakeSource s = test::tinySource("llama", true);
    s.keys.set("llama.block_count", uint32_t(kLayers));
    s.keys.set("llama.embedding_length", uint32_t(kEmbedding));
    s.keys.set("llama.feed_forward_length", uint32_t(kFeedForward));
    s.keys.set("llama.attention.head_count", uint32_t(64));
    s.keys.set("llama.attention.head_count_kv", uint32_t(8));
    s.keys.set("llama.context_length", uint32_t(8192));
    s.weights.clear();
    const auto matrix = [&](const std::string& name, FormatId id, int64_t cols, int64_t rows) {
        alignas(64) static const std::byte kNowhere[64] = {};
        s.weights.push_back({.name = name, .format = id, .cols = cols, .rows = rows, .planes = {kNowhere}});
    };
    matrix("token_embd.weight", FormatId::Q4_K, kEmbedding, kVocab);
    for (int i = 0; i < kLayers; ++i) {
        const std::string layer = "blk." + std::to_string(i) + ".";
        s.tensor(layer + "attn_norm.weight", kEmbedding);
        matrix(layer + "attn_q.weight", FormatId::Q4_K, kEmbedding, kEmbedding);
        matrix(layer + "attn_k.weight", FormatId::Q4_K, kEmbedding, kKeys);
        matrix(layer + "attn_v.weight", FormatId::Q6_K, kEmbedding, kKeys);
        matrix(layer + "attn_output.weight", FormatId::Q4_K, kEmbedding, kEmbedding);
        s.tensor(layer + "ffn_norm.weight", kEmbedding);
        matrix(layer + "ffn_gate.weight", FormatId::Q4_K, kEmbedding, kFeedForward);
        matrix(layer + "ffn_up.weight", FormatId::Q4_K, kEmbedding, kFeedForward);
        matrix(layer + "ffn_down.weight", i % 2 ? FormatId::Q6_K : FormatId::Q4_K, kFeedForward, kEmbedding);
    }
    s.tensor("output_norm.weight", kEmbedding);
    matrix("output.weight", FormatId::Q6_K, kEmbedding, kVocab);
    return s;
}

/// The question people ask before they buy a card.
TEST(Estimate, AnswersWhetherSeventyBillionWeightsRunOn24GB) {
    const FakeSource source = seventyBillion();
    const SessionShape shape = sessionShape(planOf(source), 4096, "f16");
    const ImaginedComputer computer{24000000000, 64000000000, 936e9, 60e9};
    const Estimate estimate = estimateImagined(source, 1, shape, computer, -1);
    EXPECT_EQ(estimate.verdict.fit, Fit::FitsPartly) << estimate.verdict.sentence;
    EXPECT_GT(estimate.verdict.layersOnGpu, 30);
    EXPECT_LT(estimate.verdict.layersOnGpu, 45);
    EXPECT_LT(estimate.gpuBytes, 21600000000u) << "a tenth of the card is the desktop's";
    EXPECT_GT(estimate.gpuBytes, 20000000000u) << "one layer more would not fit";
    EXPECT_GT(estimate.totalBytes, 42000000000u);
    EXPECT_LT(estimate.totalBytes, 46000000000u);
    // Every token reads what lies here and there once.
    const double expected = 1 / (estimate.gpuBytes / 936e9 + double(estimate.totalBytes - estimate.gpuBytes) / 60e9);
    EXPECT_NEAR(estimate.forecast.tokensPerSecond, expected, 0.1 * expected) << estimate.forecast.formula;
    EXPECT_EQ(estimateImagined(source, 1, shape, {24000000000, 32000000000}, -1).verdict.fit, Fit::FitsPartly)
        << "as a whole it is larger than the memory, but the card takes half";
    EXPECT_EQ(estimateImagined(source, 1, shape, {0, 32000000000}, -1).verdict.fit, Fit::DoesNotFit);
    EXPECT_EQ(estimateImagined(source, 1, shape, computer, 0).gpuBytes, 0u);
    EXPECT_EQ(estimateImagined(source, 1, shape, {24000000000, 64000000000}, -1).forecast.tokensPerSecond, 0)
        << "nothing is said where the speeds are not known";
    std::printf("%s\n%s\n", estimate.verdict.sentence.c_str(), estimate.forecast.formula.c_str());
}

TEST(JudgeFit, SaysInPlainWordsWhetherItFits) {
    constexpr uint64_t kGB = 1000000000;
    FitVerdict verdict = judgeFit({2 * kGB, 10 * kGB}, 32);
    EXPECT_EQ(verdict.fit, Fit::Fits);
    EXPECT_FALSE(verdict.tight);
    EXPECT_EQ(verdict.spareBytes, int64_t(8 * kGB));
    EXPECT_EQ(verdict.layers, 32);
    EXPECT_EQ(verdict.sentence, "Fits, with 8.0 GB to spare");

    EXPECT_TRUE(judgeFit({1500000000, 2 * kGB}, 1).tight); // less than 512 MiB are left
    EXPECT_TRUE(judgeFit({37 * kGB, 40 * kGB}, 1).tight);  // less than a tenth is left
    EXPECT_FALSE(judgeFit({36 * kGB, 40 * kGB}, 1).tight); // a tenth exactly
    EXPECT_EQ(judgeFit({kGB, kGB}, 1).fit, Fit::Fits);

    verdict = judgeFit({3 * kGB, kGB}, 32);
    EXPECT_EQ(verdict.fit, Fit::DoesNotFit);
    EXPECT_EQ(verdict.spareBytes, -int64_t(2 * kGB));
    EXPECT_NE(verdict.sentence.find("2.0 GB of memory are missing"), std::string::npos) << verdict.sentence;
    EXPECT_EQ(judgeFit({UINT64_MAX, 0}, 1).spareBytes, -INT64_MAX);
}

TEST(JudgeFit, NamesTheMemoryThatIsShort) {
    constexpr uint64_t kGB = 1000000000;
    FitVerdict verdict = judgeFit({kGB, 10 * kGB}, 32, {6 * kGB, 8 * kGB}, 32);
    EXPECT_EQ(verdict.fit, Fit::Fits);
    EXPECT_EQ(verdict.layersOnGpu, 32);
    EXPECT_EQ(verdict.spareBytes, int64_t(2 * kGB));
    EXPECT_EQ(verdict.sentence, "Fits on the graphics card, with 2.0 GB to spare");

    verdict = judgeFit({4 * kGB, 10 * kGB}, 32, {7 * kGB, 8 * kGB}, 20);
    EXPECT_EQ(verdict.fit, Fit::FitsPartly);
    EXPECT_EQ(verdict.sentence, "Fits, 20 of 32 layers on the graphics card, with 1.0 GB to spare");

    verdict = judgeFit({4 * kGB, 10 * kGB}, 32, {9 * kGB, 8 * kGB}, 32);
    EXPECT_EQ(verdict.fit, Fit::DoesNotFit);
    EXPECT_EQ(verdict.sentence, "Does not fit: 1.0 GB of the graphics card's memory are missing");
    verdict = judgeFit({12 * kGB, 10 * kGB}, 32, {7 * kGB, 8 * kGB}, 20);
    EXPECT_EQ(verdict.sentence, "Does not fit: 2.0 GB of memory are missing");
}

} // namespace
} // namespace nibble
