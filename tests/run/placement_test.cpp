// Sessions on a graphics card, wholly and in part, and what happens where it fails. Mesa's software device stands in
// for a card; without one (or without NIBBLE_VULKAN_SOFTWARE=1) these are skipped.
#include <cmath>
#include <cstdlib>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <nibble/generate.h>
#include <run/placement.h>

namespace nibble {
namespace {

const std::filesystem::path kModel = std::filesystem::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";

LoadOptions loadOptions(const DeviceChoice& device) {
    LoadOptions options;
    options.model = kModel;
    options.contextLength = 128;
    options.device = device;
    return options;
}

std::unique_ptr<Session> load(const DeviceChoice& device) { return Session::load(loadOptions(device)); }

std::string greedy(Session& session, int32_t tokens) {
    GenerateOptions options;
    options.sampling.temperature = 0;
    options.maxTokens = tokens;
    options.ignoreEndOfTurn = true;
    return session.complete("The capital of", options).text;
}

/// The environment variable by which makeBackend() lets calls of a card fail.
struct Fault {
    explicit Fault(const std::string& fault) { setenv("NIBBLE_VULKAN_FAULT", fault.c_str(), 1); }
    ~Fault() { unsetenv("NIBBLE_VULKAN_FAULT"); }
};

struct OnCard : testing::Test {
    void SetUp() override {
        const VulkanDevices all = vulkanDevices();
        if (all.devices.empty() || !all.devices[0].usable) GTEST_SKIP() << "no Vulkan device can be used here";
        layers = load({.device = "cpu"})->info().layers;
        expected = greedy(*load({.device = "cpu"}), 64);
    }
    int32_t layers = 0;
    std::string expected;
};

TEST_F(OnCard, WritesTheSameTextWhollyAndInPart) {
    for (int32_t gpuLayers : {layers, layers - 1, 1}) {
        const auto session = load({.device = "gpu0", .gpuLayers = gpuLayers});
        EXPECT_EQ(session->info().device, "gpu0") << session->info().deviceReason;
        EXPECT_EQ(session->info().gpuLayers, gpuLayers);
        EXPECT_EQ(greedy(*session, 64), expected) << gpuLayers << " of " << layers << " layers";
    }
}

/// Only the logits that decide come back from a card, unless someone asks for all of them.
TEST_F(OnCard, DrawsTheSameFromTheLargestLogitsAsFromAll) {
    const auto draw = [](Session& session, int32_t topK, bool all) {
        GenerateOptions options;
        options.sampling.topK = topK;
        options.sampling.temperature = 1.5f;
        options.sampling.seed = 7;
        options.maxTokens = 40;
        options.ignoreEndOfTurn = true;
        if (all) options.onLogits = [](std::span<const float>) {};
        return session.complete("The capital of", options).tokens;
    };
    for (int32_t gpuLayers : {layers, 1}) {
        const auto session = load({.device = "gpu0", .gpuLayers = gpuLayers});
        for (int32_t topK : {1, 40, 64, 65}) EXPECT_EQ(draw(*session, topK, false), draw(*session, topK, true)) << topK;
    }
    const Fault injected("kernel top_values");
    const auto session = load({.device = "gpu0", .gpuLayers = layers});
    EXPECT_NE(draw(*session, 64, false), draw(*session, 64, true)) << "the kernel is not used";
    EXPECT_EQ(draw(*session, 65, false), draw(*session, 65, true)) << "more than it can sort";
}

/// Sets how long a batch must be to run the processor's layers on the card.
struct StreamFrom {
    explicit StreamFrom(int rows) { setenv("NIBBLE_STREAM_ROWS", std::to_string(rows).c_str(), 1); }
    ~StreamFrom() { unsetenv("NIBBLE_STREAM_ROWS"); }
};

std::vector<float> logitsBehind(Session& session, std::span<const int32_t> tokens) {
    std::vector<float> last;
    session.evaluate(tokens, int32_t(tokens.size()) - 1,
                     [&](int32_t, std::span<const float> row) { last.assign(row.begin(), row.end()); });
    return last;
}

TEST_F(OnCard, StreamsTheProcessorsLayersForLongPrompts) {
    std::vector<int32_t> prompt;
    for (int32_t i = 0; i < 100; ++i) prompt.push_back(1 + i * 7 % 50);
    const auto cpu = load({.device = "cpu"});
    const std::vector<float> reference = logitsBehind(*cpu, prompt);
    for (int rows : {0, 2, 65}) {
        const StreamFrom from(rows);
        const auto session = load({.device = "gpu0", .gpuLayers = 1});
        ASSERT_EQ(session->info().gpuLayers, 1) << session->info().deviceReason;
        EXPECT_EQ(greedy(*session, 64), expected) << rows; // reads on the card, writes on both
        const std::vector<float> got = logitsBehind(*session, prompt);
        double error = 0, power = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
            error += std::pow(double(got[i]) - double(reference[i]), 2);
            power += std::pow(double(reference[i]), 2);
        }
        EXPECT_LT(error / power, 1e-3) << rows; // rounded to 8 bits on both sides, in another order
    }
}

TEST_F(OnCard, GoesOnWhereverTheCardIsLostWhileItStreams) {
    const StreamFrom from(2);
    int failures = 0;
    for (int n = 1; n < 400; n += 7) { // each is a load
        const Fault injected("submission " + std::to_string(n));
        const auto session = load({.device = "gpu0", .gpuLayers = 1});
        const bool loaded = session->info().device == "gpu0";
        ASSERT_EQ(greedy(*session, 8), expected.substr(0, greedy(*session, 8).size())) << n;
        if (session->info().device == "gpu0") break;
        failures += loaded; // while it ran
        EXPECT_NE(session->info().deviceReason.find("failed"), std::string::npos) << session->info().deviceReason;
    }
    EXPECT_GT(failures, 3);
}

TEST_F(OnCard, StopsWhileItStreams) {
    const StreamFrom from(2);
    const auto session = load({.device = "gpu0", .gpuLayers = 1});
    std::stop_source stop;
    stop.request_stop();
    GenerateOptions options;
    options.sampling.temperature = 0;
    EXPECT_EQ(session->complete("The capital of", options, {}, stop.get_token()).finish, Finish::Stopped);
    EXPECT_EQ(greedy(*session, 64), expected) << "leaves no trace";
    EXPECT_EQ(session->info().device, "gpu0");
}

TEST(Streaming, BeginsWhereThePromptPaysForTheCopies) {
    // A layer of 8B in Q4_0 on 8 cores and an RTX 3060 on PCIe 4: 218 million weights.
    const double macs = 218e6, bytes = 123e6, crossing = 4.0 * (32 + 8) * 256;
    const ComputeSpeed card{300e9, 10e12, 10e9}, processor{50e9, 300e9, 0};
    const int32_t rows = rowsWorthStreaming(macs, bytes, crossing, card, processor);
    const auto onCard = [&](int n) { return bytes / 10e9 + n * (macs / 10e12 + crossing / 10e9); };
    const auto onProcessor = [&](int n) { return n * macs / 300e9; };
    EXPECT_GE(onProcessor(rows), onCard(rows));
    EXPECT_LT(onProcessor(rows - 1), onCard(rows - 1));
    EXPECT_EQ(rows, 18);
    EXPECT_EQ(rowsWorthStreaming(macs, bytes, crossing, {300e9, 100e9, 10e9}, processor), 0) << "a slow card";
    EXPECT_EQ(rowsWorthStreaming(macs, bytes, crossing, {300e9, 10e12, 0}, processor), 0) << "not measured";
    EXPECT_EQ(rowsWorthStreaming(macs, bytes, crossing, {300e9, 10e12, 1e6}, processor), 0) << "a slow bus";
}

/// A token reads each weight and the cache once, and hardly anything else.
void expectReadsOnce(Session& session) {
    const Session::Trace t = session.traceToken();
    EXPECT_EQ(t.position, 63);
    EXPECT_GT(t.kvBytes, 0);
    EXPECT_NEAR((t.weightBytes + t.kvBytes) / t.leastBytes, 1, 0.03) << session.info().backend;
}

TEST(Trace, CountsWhatATokenReads) {
    const auto session = load({.device = "cpu"});
    expectReadsOnce(*session);
    const Session::Trace t = session->traceToken();
    EXPECT_GE(t.dispatches, 10 * session->info().layers);
    EXPECT_EQ(t.barriers + t.submissions, 0);
    EXPECT_EQ(greedy(*session, 8), greedy(*load({.device = "cpu"}), 8)) << "leaves no trace";
}

TEST(Trace, CountsTheExpertsThatATokenChooses) {
    LoadOptions options = loadOptions({.device = "cpu"});
    options.model = test::goldenDir("gguf") / "mixtral.gguf";
    expectReadsOnce(*Session::load(options));
}

TEST_F(OnCard, CountsWhatATokenReads) {
    for (int32_t gpuLayers : {layers, 1}) {
        const auto session = load({.device = "gpu0", .gpuLayers = gpuLayers});
        expectReadsOnce(*session);
        const Session::Trace t = session->traceToken();
        EXPECT_GT(t.barriers, 5 * gpuLayers);
        EXPECT_LT(t.barriers, t.dispatches);
        EXPECT_GT(t.submissions, 0);
        if (gpuLayers == layers) {
            EXPECT_LE(t.dispatches, 10 * layers + 3);
        }
    }
}

TEST_F(OnCard, GoesOnOnTheProcessorWhereverTheCardIsLost) {
    const std::string start = greedy(*load({.device = "cpu"}), 12);
    for (const int32_t gpuLayers : {layers, 1})
        for (int n = 0;; ++n) { // whichever submission it is, of reading and writing
            ASSERT_LT(n, 300);
            const std::string fault = "submission " + std::to_string(n);
            const Fault injected(fault);
            const auto session = load({.device = "gpu0", .gpuLayers = gpuLayers});
            ASSERT_EQ(greedy(*session, 12), start) << fault << ", " << gpuLayers << " layers";
            if (session->info().device == "gpu0") { // there are no more
                EXPECT_GE(n, 12) << "each token is a submission of its own";
                break;
            }
            EXPECT_NE(session->info().deviceReason.find("failed"), std::string::npos) << session->info().deviceReason;
            if (n % 8 == 0) {
                EXPECT_EQ(greedy(*session, 64), expected) << "the next answer after " << fault;
            }
        }
}

TEST_F(OnCard, LoadsOnTheProcessorWhereTheCardHasNoMemory) {
    for (const int32_t gpuLayers : {layers, 1})
        for (int n = 0;; ++n) { // whichever allocation it is that fails
            ASSERT_LT(n, 300);
            const Fault injected("allocation " + std::to_string(n));
            const auto session = load({.device = "gpu0", .gpuLayers = gpuLayers});
            EXPECT_EQ(greedy(*session, 64), expected) << n;
            if (session->info().device == "gpu0") { // there are no more
                EXPECT_GE(n, 5);
                break;
            }
        }
}

TEST_F(OnCard, LoadsAndChatsAfterALoadThatWasCanceled) {
    for (const int32_t gpuLayers : {layers, 1}) {
        std::stop_source stop;
        LoadOptions options = loadOptions({.device = "gpu0", .gpuLayers = gpuLayers});
        try {
            Session::load(
                options, [&](const Progress&) { stop.request_stop(); }, stop.get_token());
            ADD_FAILURE() << "loaded in spite of it";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind, ErrorKind::Canceled) << error.what();
        }
        const auto session = Session::load(options);
        EXPECT_EQ(session->info().device, "gpu0") << session->info().deviceReason;
        EXPECT_EQ(greedy(*session, 64), expected) << gpuLayers << " layers";
    }
}

TEST(Placement, IsTheProcessorUnlessACardIsAskedFor) {
    const auto source = openModel(kModel);
    const SessionShape shape = sessionShape(planOf(*source), 128, "f16");
    for (const DeviceChoice& choice :
         {DeviceChoice{}, {.device = "cpu"}, {.device = "gpu0", .gpuLayers = 0}, {.device = "gpu77"}}) {
        const Placement placement = choosePlacement(*source, shape, choice, bestCpuLevel(), 2);
        EXPECT_TRUE(placement.onlyCpu()) << choice.device;
        EXPECT_EQ(placement.device, "cpu");
    }
    EXPECT_FALSE(choosePlacement(*source, shape, {.device = "gpu77"}, bestCpuLevel(), 2).reason.empty());
    for (const char* wrong : {"gpu", "gpux", "card", "gpu-1", "gpu1x"})
        EXPECT_THROW(choosePlacement(*source, shape, {.device = wrong}, bestCpuLevel(), 2), Error) << wrong;
}

TEST(Placement, OfAModelWithExpertsIsTheCard) {
    const auto path = test::goldenDir("gguf/mixtral.gguf");
    if (path.empty()) GTEST_SKIP() << "the golden mixtral is not here";
    const auto source = openModel(path);
    const SessionShape shape = sessionShape(planOf(*source), 128, "f16");
    const Estimate estimate =
        estimateImagined(*source, 0, shape, {.cardBytes = uint64_t(24) << 30, .memoryBytes = uint64_t(8) << 30}, -1);
    EXPECT_NE(estimate.device, "cpu");
    EXPECT_GT(estimate.gpuBytes, 0u);
}

TEST(Placement, OnACardThatCannotAddressAPieceIsTheProcessorAndSaysWhy) {
    const auto path = test::goldenDir("gguf/mixtral.gguf");
    if (path.empty()) GTEST_SKIP() << "the golden mixtral is not here";
    const auto source = openModel(path);
    VulkanDevice card;
    card.name = "Card";
    card.usable = true;
    card.memoryBytes = card.availableBytes = uint64_t(24) << 30;
    card.limits.maxRange = 4096;
    const SessionShape shape = sessionShape(planOf(*source), 128, "f16");
    for (int32_t gpuLayers : {-1, 2}) {
        const Placement placement = placeOnCard(*source, shape, card, gpuLayers, bestCpuLevel(), 2);
        EXPECT_TRUE(placement.onlyCpu()) << gpuLayers;
        EXPECT_NE(placement.reason.find("Card cannot run this model"), std::string::npos) << placement.reason;
    }
}

TEST(Placement, OfAModelThatCannotBeDividedIsWhollyOnTheCardOrNotAtAll) {
    const auto path = test::goldenDir("gguf/gemma4.gguf");
    if (path.empty()) GTEST_SKIP() << "the golden gemma4 is not here";
    const auto source = openModel(path);
    VulkanDevice card;
    card.name = "Card";
    card.usable = true;
    card.memoryBytes = card.availableBytes = uint64_t(24) << 30;
    const SessionShape shape = sessionShape(planOf(*source), 128, "f16");
    const Placement whole = placeOnCard(*source, shape, card, -1, bestCpuLevel(), 2);
    EXPECT_TRUE(whole.onlyGpu()) << whole.reason;
    card.availableBytes = 0;
    for (int32_t gpuLayers : {-1, 2}) { // no room; a part was asked for
        const Placement placement = placeOnCard(*source, shape, card, gpuLayers, bestCpuLevel(), 2);
        EXPECT_TRUE(placement.onlyCpu()) << gpuLayers;
        EXPECT_NE(placement.reason.find("which has an embedding for every layer, so the processor does the work."),
                  std::string::npos)
            << placement.reason;
    }
}

TEST(Placement, KeepsATenthOfACardForTheDesktop) {
    constexpr uint64_t kGB = 1000000000;
    VulkanDevice device;
    device.memoryBytes = 24 * kGB;
    device.availableBytes = 23 * kGB;
    EXPECT_EQ(gpuBudget(device), 23 * kGB - 24 * kGB / 10);
    device.memoryBytes = device.availableBytes = kGB;
    EXPECT_EQ(gpuBudget(device), kGB - (512ull << 20));
    device.availableBytes = 1000;
    EXPECT_EQ(gpuBudget(device), 0u);
}

} // namespace
} // namespace nibble
