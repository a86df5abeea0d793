// Whether a graphics card predicts what the processor does, in every recipe, with all and half of the layers on the
// card. Mesa's software device stands in for a card; without one (or without NIBBLE_VULKAN_SOFTWARE=1) this is skipped.
//
// Products with quantized weights round their inputs to 8 bits. Two correct implementations add up in another order, so
// now and then a value on the border is rounded the other way, and after a few layers they differ by as much as the
// rounding itself: the processor's own instruction sets do. So that difference is the measure for quantized weights;
// float weights, and quantized ones where inputs are rounded to 16 bits (LoadOptions::precise), are held to a fixed
// limit, and write the same text.
//
// NIBBLE_AGREEMENT_MODELS="a.gguf:b.gguf" measures those files and prints the figures.
#include <algorithm>
#include <base/text.h>
#include <compare/divergence.h>
#include <compare/sample_text.h>
#include <compute/backend.h>
#include <compute/vulkan/vulkan.h>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nibble/generate.h>
#include <nibble/quantize.h>
#include <process.h>
#include <sstream>

namespace nibble {
namespace {

using Rows = std::vector<std::vector<float>>;
constexpr int32_t kTokens = 128;

struct Predictions {
    std::vector<int32_t> tokens;
    Rows logits;
    std::vector<int32_t> written; // greedily behind the first of them
};

constexpr double kSame = 1e-4;   // mean KL divergence, nats per token
constexpr int32_t kWritten = 64; // tokens
enum class Inputs { Usual, Precise };

LoadOptions on(const std::filesystem::path& model, Inputs inputs, const DeviceChoice& device,
               const char* cpuLevel = "") {
    LoadOptions options;
    options.model = model;
    options.contextLength = kTokens;
    options.device = device;
    options.cpuLevel = cpuLevel;
    options.precise = inputs == Inputs::Precise;
    return options;
}

Predictions predict(const LoadOptions& options, bool write) {
    const auto session = Session::load(options);
    EXPECT_EQ(session->info().device, options.device.device) << session->info().deviceReason;
    Predictions p;
    p.tokens = session->tokenize(sampleText(), true);
    p.tokens.resize(kTokens);
    session->evaluate(p.tokens, 0,
                      [&](int32_t, std::span<const float> row) { p.logits.emplace_back(row.begin(), row.end()); });
    if (!write) return p;
    GenerateOptions greedy;
    greedy.sampling.temperature = 0;
    greedy.maxTokens = kWritten;
    greedy.ignoreEndOfTurn = true;
    p.written = session->complete(session->detokenize(std::span(p.tokens).first(16)), greedy).tokens;
    EXPECT_EQ(p.written.size(), std::size_t(kWritten));
    return p;
}

struct Divergence {
    double mean = 0, most = 0;
};

Divergence divergence(const Predictions& a, const Predictions& b) {
    Divergence d;
    const std::size_t n = a.tokens.size() - 1; // the last token has no successor
    for (std::size_t i = 0; i < n; ++i) {
        const double here = scoreRows(a.logits[i], b.logits[i], a.tokens[i + 1]).divergence;
        d.mean += here / double(n);
        d.most = std::max(d.most, here);
    }
    return d;
}

/// How many of the tokens that both write are the same, from the start.
int32_t sameWritten(const Predictions& a, const Predictions& b) {
    const auto [end, _] = std::ranges::mismatch(a.written, b.written);
    return int32_t(end - a.written.begin());
}

/// With usual inputs to twice what the processor differs from itself, else to kSame and word for word.
void expectAgreement(const std::filesystem::path& model, Inputs inputs, bool floatWeights, bool print) {
    const DeviceChoice cpu{.device = "cpu"};
    const bool same = floatWeights || inputs == Inputs::Precise;
    const Predictions expected = predict(on(model, inputs, cpu), same);
    double limit = kSame;
    if (!same) limit = std::max(2 * divergence(expected, predict(on(model, inputs, cpu, "scalar"), false)).mean, limit);
    const int32_t layers = Session::load(on(model, inputs, cpu))->info().layers;
    for (const int32_t gpuLayers : {layers, layers / 2}) {
        const LoadOptions card = on(model, inputs, {.device = "gpu0", .gpuLayers = gpuLayers});
        const Predictions other = predict(card, same);
        const Divergence d = divergence(expected, other);
        if (print)
            std::printf("%-14s %-8s %2d of %2d layers: mean %.2e most %.2e; at most %.2e, %2d of %zu tokens alike\n",
                        model.filename().c_str(), inputs == Inputs::Precise ? "precise" : "usual", gpuLayers, layers,
                        d.mean, d.most, limit, sameWritten(expected, other), expected.written.size());
        EXPECT_LE(d.mean, limit) << model << ", " << gpuLayers << " layers";
        EXPECT_EQ(expected.written, other.written) << model << ", " << gpuLayers << " layers";
    }
}

struct Agreement : testing::Test {
    void SetUp() override {
        const VulkanDevices all = vulkanDevices();
        if (all.devices.empty() || !all.devices[0].usable) GTEST_SKIP() << "no Vulkan device can be used here";
    }
};

TEST_F(Agreement, OfCardAndProcessorInEveryRecipe) {
    const test::TempFolder folder;
    for (const char* recipe :
         {"BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q4_1", "IQ4_XS", "Q3_K_M", "Q2_K"}) {
        QuantizeOptions options;
        options.source = std::filesystem::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";
        options.output = folder / (std::string(recipe) + ".gguf");
        options.recipe = recipe;
        const std::filesystem::path model = quantizeModel(options).output;
        const bool floatWeights = options.recipe == "BF16";
        if (!floatWeights) expectAgreement(model, Inputs::Precise, floatWeights, false);
        // Which says little of quantized weights beside the former: one of them will do.
        if (floatWeights || options.recipe == "Q4_K_M") expectAgreement(model, Inputs::Usual, floatWeights, false);
    }
}

TEST_F(Agreement, OfTheModelsAskedFor) {
    const char* models = std::getenv("NIBBLE_AGREEMENT_MODELS");
    if (!models) GTEST_SKIP() << "NIBBLE_AGREEMENT_MODELS names none";
    for (const Inputs inputs : {Inputs::Precise, Inputs::Usual}) { // the latter takes minutes a model
        std::istringstream list(models);
        for (std::string model; std::getline(list, model, ':');)
            expectAgreement(model, inputs, model.ends_with("BF16.gguf"), true);
    }
}

} // namespace
} // namespace nibble
