// Models whose states cannot be cut back: a session says the same whatever it was asked before.
#include <cstdlib>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <nibble/generate.h>
#include <run/placement.h>

namespace nibble {
namespace {

/// Layers on the card: all, one of them, none. (Mesa's software device stands in for a card.)
class Recurrent : public testing::TestWithParam<int32_t> {
protected:
    void SetUp() override {
        path = test::goldenDir("gguf/qwen3_5.gguf");
        if (path.empty()) GTEST_SKIP() << "the golden qwen3_5 is not here";
        const VulkanDevices all = vulkanDevices();
        if (GetParam() > 0 && (all.devices.empty() || !all.devices[0].usable))
            GTEST_SKIP() << "no Vulkan device can be used here";
    }
    std::unique_ptr<Session> load() const {
        LoadOptions options;
        options.model = path;
        options.contextLength = 256;
        options.threads = 2;
        options.device = {.device = GetParam() > 0 ? "gpu0" : "cpu", .gpuLayers = GetParam()};
        auto session = Session::load(options);
        if (!std::getenv("NIBBLE_VULKAN_FAULT")) {
            EXPECT_EQ(session->info().device, options.device.device) << session->info().deviceReason;
        }
        return session;
    }
    static GenerateOptions greedy(int32_t maxTokens = 12) {
        GenerateOptions options;
        options.sampling.temperature = 0;
        options.maxTokens = maxTokens;
        options.ignoreEndOfTurn = true;
        return options;
    }
    void expectAsCold(Session& session, const std::string& prompt, int32_t reused) {
        const Generated warm = session.complete(prompt, greedy());
        EXPECT_EQ(warm.tokens, load()->complete(prompt, greedy()).tokens) << prompt;
        EXPECT_EQ(warm.reusedTokens, reused) << prompt;
    }
    std::filesystem::path path;
    const std::string start = "The quick brown fox jumps over the lazy dog and 12 more foxes, then it sleeps";
};

TEST_P(Recurrent, ReusesAllThatWasComputedOrWhatWasSetAsideOrNothing) {
    const auto session = load();
    const Generated first = session->complete(start, greedy());
    EXPECT_EQ(first.reusedTokens, 0);
    ASSERT_GT(first.promptTokens, 40);
    const int32_t aside = first.promptTokens - 32;
    expectAsCold(*session, start, aside);                            // another answer to the same
    expectAsCold(*session, start.substr(0, 60) + " no more", aside); // another end
    expectAsCold(*session, "Something else", 0);                     // nothing in common
    expectAsCold(*session, start.substr(0, 4) + start, 0);           // too little in common
}

TEST_P(Recurrent, GoesOnBehindAllThatWasComputed) {
    const auto session = load();
    const Generated first = session->complete(start, greedy(1)); // the token itself is not computed
    expectAsCold(*session, start + " again", first.promptTokens);
}

TEST_P(Recurrent, StartsAnewAfterItWasStopped) {
    const auto session = load();
    session->complete(start, greedy());
    std::stop_source stop;
    int shown = 0;
    session->complete(
        start, greedy(100), [&](std::string_view) { ++shown > 3 ? (void)stop.request_stop() : (void)0; },
        stop.get_token());
    EXPECT_GT(shown, 3);
    const Generated warm = session->complete(start, greedy());
    EXPECT_EQ(warm.tokens, load()->complete(start, greedy()).tokens);
}

TEST_P(Recurrent, JudgesContinuationsIndependently) {
    const auto session = load();
    const std::vector<int32_t> prompt = session->tokenize(start, true);
    const std::vector<std::vector<int32_t>> both{{10, 20, 30}, {40, 50, 60}}, second{both[1]};
    EXPECT_NEAR(session->logLikelihoods(prompt, both)[1], session->logLikelihoods(prompt, second)[0], 1e-6);
}

/// Whichever submission fails, also those that set the states aside or bring them back.
TEST_P(Recurrent, GoesOnOnTheProcessorWhereverTheCardIsLost) {
    if (GetParam() == 0) GTEST_SKIP() << "no card";
    const GenerateOptions few = greedy(3);
    const Generated first = load()->complete(start, few), second = load()->complete(start + " no", few);
    for (int n = 0;; ++n) {
        ASSERT_LT(n, 300);
        setenv("NIBBLE_VULKAN_FAULT", ("submission " + std::to_string(n)).c_str(), 1);
        const auto session = load();
        EXPECT_EQ(session->complete(start, few).tokens, first.tokens) << n;
        EXPECT_EQ(session->complete(start + " no", few).tokens, second.tokens) << n;
        unsetenv("NIBBLE_VULKAN_FAULT");
        if (session->info().device == "gpu0") { // there are no more
            EXPECT_GE(n, 5);
            break;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Devices, Recurrent, testing::Values(0, 1, 1000), [](const auto& test) {
    return test.param == 0 ? "Processor" : test.param == 1 ? "Both" : "Card";
});

} // namespace
} // namespace nibble
