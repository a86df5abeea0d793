// Whether a graphics card predicts what the processor does, in every recipe, with all and half of the layers on the
// card. Mesa's software device stands in for a card; without one (or without NIBBLE_VULKAN_SOFTWARE=1) this is skipped.
//
// Products with quantized weights round their inputs to 8 bits. Two correct implementations add up in another order, so
// now and then a value on the border is rounded the other way, and after a few layers they differ by as much as the
// rounding itself: the processor's own instruction sets do. So that difference is the measure for quantized weights;
// only float weights can be held to a fixed limit.
//
// NIBBLE_AGREEMENT_MODELS="a.gguf:b.gguf" measures those files and prints the figures.
#include <algorithm>
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
};

LoadOptions on(const std::filesystem::path& model, const DeviceChoice& device, const char* cpuLevel = "") {
    LoadOptions options;
    options.model = model;
    options.contextLength = kTokens;
    options.device = device;
    options.cpuLevel = cpuLevel;
    return options;
}

Predictions predict(const LoadOptions& options) {
    const auto session = Session::load(options);
    EXPECT_EQ(session->info().device, options.device.device) << session->info().deviceReason;
    Predictions p;
    p.tokens = session->tokenize(sampleText(), true);
    p.tokens.resize(kTokens);
    session->evaluate(p.tokens, 0,
                      [&](int32_t, std::span<const float> row) { p.logits.emplace_back(row.begin(), row.end()); });
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

void expectAgreement(const std::filesystem::path& model, bool floatWeights, bool print) {
    const DeviceChoice cpu{.device = "cpu"};
    const Predictions expected = predict(on(model, cpu));
    const Divergence usual = divergence(expected, predict(on(model, cpu, "scalar")));
    const int32_t layers = Session::load(on(model, cpu))->info().layers;
    for (const int32_t gpuLayers : {layers, layers / 2}) {
        const Divergence d = divergence(expected, predict(on(model, {.device = "gpu0", .gpuLayers = gpuLayers})));
        if (print)
            std::printf("%-24s %2d of %2d layers: mean %.2e most %.2e; scalar processor: mean %.2e most %.2e\n",
                        model.filename().c_str(), gpuLayers, layers, d.mean, d.most, usual.mean, usual.most);
        EXPECT_LE(d.mean, floatWeights ? 1e-4 : std::max(2 * usual.mean, 1e-4))
            << model << ", " << gpuLayers << " layers";
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
        expectAgreement(quantizeModel(options).output, options.recipe == "BF16", false);
    }
}

TEST_F(Agreement, OfTheModelsAskedFor) {
    const char* models = std::getenv("NIBBLE_AGREEMENT_MODELS");
    if (!models) GTEST_SKIP() << "NIBBLE_AGREEMENT_MODELS names none";
    std::istringstream list(models);
    for (std::string model; std::getline(list, model, ':');) expectAgreement(model, model.ends_with("BF16.gguf"), true);
}

} // namespace
} // namespace nibble
