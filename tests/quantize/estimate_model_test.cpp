#include <golden_dir.h>
#include <gtest/gtest.h>
#include <nibble/estimate.h>
#include <nibble/quantize.h>
#include <unistd.h>

namespace nibble {
namespace {

/// What is promised before a model is made smaller is what the smaller file then takes, on disk and in memory.
TEST(EstimateModel, UnderARecipeEqualsThatOfTheFileItMakes) {
    const std::filesystem::path original = test::goldenDir("models/llama");
    if (original.empty()) GTEST_SKIP() << "the golden models/llama is not here";
    const auto file = std::filesystem::temp_directory_path() / (std::to_string(getpid()) + "_estimate.gguf");
    for (const RecipeInfo& recipe : recipes()) {
        QuantizeOptions options;
        options.source = original;
        options.output = file;
        options.recipe = recipe.name;
        options.overwrite = true;
        quantizeModel(options);
        const Estimate promised = estimateModel({.model = original, .recipe = recipe.name, .threads = 2});
        const Estimate made = estimateModel({.model = file, .threads = 2});
        EXPECT_EQ(promised.fileBytes, std::filesystem::file_size(file)) << recipe.name;
        EXPECT_EQ(promised.fileBytes, made.fileBytes) << recipe.name;
        EXPECT_EQ(promised.weightBytes, made.weightBytes) << recipe.name;
        EXPECT_EQ(promised.totalBytes, made.totalBytes) << recipe.name;
        EXPECT_DOUBLE_EQ(promised.bitsPerWeight, made.bitsPerWeight) << recipe.name;
    }
    std::filesystem::remove(file);
}

} // namespace
} // namespace nibble
