// What is predicted before anything is made, against what is measured afterwards.
#include <cstdlib>
#include <filesystem>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/compare.h>
#include <nibble/quantize.h>
#include <quantize/preview.h>
#include <unistd.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;

bool holds(const Predicted& range, double value) { return range.low <= value && value <= range.high; }

TEST(Preview, HoldsForATinyModel) {
    const fs::path golden = test::goldenDir("models/llama");
    if (golden.empty()) GTEST_SKIP() << "the golden models are not here";
    const Preview preview = previewModel({.source = golden, .threads = 2});
    ASSERT_EQ(preview.stops.size(), 5u);
    EXPECT_EQ(preview.roundedShare, 1);
    EXPECT_GT(preview.tokens, 500);
    double before = 0;
    for (const StopPreview& stop : preview.stops) {
        EXPECT_GT(stop.divergence.expected, before) << "fewer bits lose more";
        before = stop.divergence.expected;
        EXPECT_EQ(stop.fileBytes, planQuantize({.source = golden, .recipe = stop.recipe}).fileBytes);
        for (const Predicted& range :
             {stop.divergence, stop.agreement, stop.seconds[0], stop.seconds[1], stop.seconds[2]}) {
            EXPECT_TRUE(holds(range, range.expected)) << stop.recipe;
            EXPECT_LT(range.low, range.high) << stop.recipe;
        }
        EXPECT_LT(stop.seconds[0].expected, stop.seconds[1].expected);
        EXPECT_LT(stop.seconds[1].expected, stop.seconds[2].expected);
        EXPECT_LE(stop.agreement.high, 1);
        EXPECT_GE(stop.agreement.low, 0);
    }

    const fs::path made = fs::temp_directory_path() / ("nibble-preview-" + std::to_string(getpid()) + ".gguf");
    for (const std::size_t s : {0u, 3u}) {
        const StopPreview& stop = preview.stops[s];
        quantizeModel({.source = golden, .output = made, .recipe = stop.recipe, .threads = 2, .overwrite = true});
        EXPECT_EQ(fs::file_size(made), stop.fileBytes);
        CompareOptions options;
        options.original = golden;
        options.smaller = made;
        options.chunks = 2;
        options.speed = false;
        options.threads = 2;
        const CompareReport report = compareModels(options);
        EXPECT_TRUE(holds(stop.divergence, report.meanDivergence.value)) << stop.recipe;
        EXPECT_TRUE(holds(stop.agreement, report.wordAgreement.value)) << stop.recipe;
    }
    fs::remove(made);
}

TEST(Preview, FewerRowsAndSampledLayersWidenTheRange) {
    const ProbeResult exact{0.04, 0.001, 0.9, 4000}, rough{0.04, 0.01, 0.9, 100};
    const Predicted all = divergenceRange(exact, 1), few = divergenceRange(rough, 1),
                    part = divergenceRange(exact, 0.25);
    EXPECT_LT(few.low, all.low);
    EXPECT_GT(few.high, all.high);
    EXPECT_DOUBLE_EQ(part.expected, 0.16) << "the layers that were left out cost as much";
    EXPECT_GT(part.high / part.expected, all.high / all.expected);
    const Predicted words = agreementRange(exact, all), wordsOfPart = agreementRange(exact, part);
    EXPECT_DOUBLE_EQ(words.expected, 0.9);
    EXPECT_NEAR(wordsOfPart.expected, 0.8, 1e-9) << "twice the square root";
    EXPECT_LT(agreementRange(rough, few).low, words.low);
}

TEST(Preview, RecommendsTheSmallestThatIsCloseAndFits) {
    const auto stop = [](double divergence, double agreement, bool fits) {
        StopPreview one;
        one.divergence.expected = divergence;
        one.agreement.expected = agreement;
        one.fits = fits;
        return one;
    };
    EXPECT_EQ(recommendedStop({stop(0.003, 0.98, true), stop(0.03, 0.92, true), stop(0.09, 0.87, true)}), 1);
    EXPECT_EQ(recommendedStop({stop(0.003, 0.98, false), stop(0.03, 0.92, false), stop(0.09, 0.87, true)}), 2);
    EXPECT_EQ(recommendedStop({stop(0.08, 0.87, true), stop(0.3, 0.7, true)}), 0) << "none is close";
    EXPECT_EQ(recommendedStop({stop(0.003, 0.98, false)}), -1);
}

} // namespace
} // namespace nibble
