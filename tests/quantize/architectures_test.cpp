// Every architecture survives being made smaller: the file that Nibble writes of it opens, runs, takes the memory that
// was estimated and still says nearly what the original says.
#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/quantize.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <process.h>

namespace nibble {
namespace {

constexpr int32_t kContext = 64;

std::vector<int32_t> tokensOf(const std::filesystem::path& golden) {
    std::filesystem::path json = golden / "golden.json";
    if (!is_directory(golden))
        json = std::filesystem::path(golden).replace_extension(".json");
    else if (exists(golden / "ref.json"))
        json = golden / "ref.json";
    return nlohmann::json::parse(std::ifstream(json)).at("ids");
}

/// Logits of all tokens, one after the other. Holds that the dry run adds up what is allocated.
std::vector<float> logitsOf(const std::filesystem::path& path, const std::vector<int32_t>& ids) {
    const auto source = openModel(path);
    const auto n = int32_t(ids.size());
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool), dry = makeDryBackend(bestCpuLevel(), 2);
    const ModelOnBackend model = placeModel(*backend, *source, kContext, KvFormat::F32, n, n);
    placeModel(*dry, *source, kContext, KvFormat::F32, n, n);
    EXPECT_EQ(dry->memory().weights, backend->memory().weights);
    EXPECT_EQ(dry->memory().total(), backend->memory().total());
    forward(*backend, model, ids, 0, n);
    std::vector<float> all;
    for (int32_t i = 0; i < n; ++i) {
        const std::span<const float> row = backend->read({model.logits, i, 1});
        all.insert(all.end(), row.begin(), row.end());
    }
    return all;
}

/// Mean KL divergence from the predictions of `a` to those of `b`, in nats a token.
double divergence(const std::vector<float>& a, const std::vector<float>& b, std::size_t rows) {
    const std::size_t n = a.size() / rows;
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        const float *x = a.data() + r * n, *y = b.data() + r * n;
        double totalX = 0, totalY = 0;
        for (std::size_t i = 0; i < n; ++i) {
            totalX += std::exp(double(x[i]));
            totalY += std::exp(double(y[i]));
        }
        for (std::size_t i = 0; i < n; ++i)
            sum += std::exp(double(x[i])) / totalX * (double(x[i]) - y[i] + std::log(totalY / totalX));
    }
    return sum / double(rows);
}

class Architectures : public testing::TestWithParam<std::string> {};

TEST_P(Architectures, CanBeMadeSmallerAndRun) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const std::vector<int32_t> ids = tokensOf(path);
    const std::vector<float> original = logitsOf(path, ids);
    const double power = std::inner_product(original.begin(), original.end(), original.begin(), 0.0);
    // Relative to the size of the logits, where unrelated ones would make 1. Random weights have no good directions
    // that survive rounding, so four bits cost them much more than a real model.
    const ModelPlan plan = planOf(*openModel(path));
    const double limit = isRecurrent(plan) || plan.valueNorm ? 0.5 : 0.3;
    double bf16 = 1e-4, q8 = 0.01;
    if (plan.router.experts > 0) { // rounding makes a token choose another expert, and a small error becomes large
        bf16 *= 4;
        q8 *= 4;
    }
    if (limit > 0.3) { // norms and unscaled scores enlarge errors: llama.cpp's own files lie as far from the original
        bf16 = 0.02;
        q8 = 0.1;
    }
    for (const auto& [recipe, bound] : {std::pair("BF16", bf16), {"Q8_0", q8}, {"Q4_K_M", limit}, {"Q4_0", limit}}) {
        SCOPED_TRACE(recipe);
        const test::TempFolder folder;
        const std::filesystem::path output = folder / "smaller.gguf";
        QuantizeOptions options{.source = path, .output = output, .recipe = recipe, .threads = 2};
        const QuantizeReport report = quantizeModel(options);
        EXPECT_EQ(file_size(output), report.plan.fileBytes);
        const std::vector<float> smaller = logitsOf(output, ids);
        ASSERT_EQ(smaller.size(), original.size());
        const double kl = divergence(original, smaller, ids.size());
        EXPECT_LE(kl, bound * power / double(original.size()));
    }
}

INSTANTIATE_TEST_SUITE_P(All, Architectures, testing::ValuesIn(test::goldenModels()),
                         [](const auto& test) { return test::testName(test.param); });

} // namespace
} // namespace nibble
