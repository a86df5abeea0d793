// The forward pass against logits that transformers computed, from both containers, on every CPU level and on Vulkan.

#include "fake_source.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <compute/vulkan/vulkan.h>
#include <fstream>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <nlohmann/json.hpp>

namespace nibble {
namespace {

/// Logits of the reference: all of them, or those of a few positions.
struct Golden {
    std::vector<int32_t> ids;
    std::map<int32_t, std::vector<float>> logits; // by position
    std::vector<int32_t> argmax;                  // may be empty
};

Golden folderGolden(const std::filesystem::path& folder) {
    const nlohmann::json json = nlohmann::json::parse(std::ifstream(folder / "golden.json"));
    Golden golden{json.at("ids"), {}, {}};
    const std::size_t vocab = json.at("shape").at(1);
    std::ifstream in(folder / "logits.f32", std::ios::binary);
    for (std::size_t i = 0; i < golden.ids.size(); ++i) {
        std::vector<float>& row = golden.logits[int32_t(i)];
        row.resize(vocab);
        in.read(reinterpret_cast<char*>(row.data()), std::streamsize(vocab * sizeof(float)));
    }
    EXPECT_TRUE(in.good()) << folder;
    return golden;
}

Golden fileGolden(const std::filesystem::path& file) {
    const nlohmann::json json = nlohmann::json::parse(std::ifstream(file));
    Golden golden{json.at("ids"), {}, json.at("argmax")};
    golden.logits[16] = json.at("logits_16").get<std::vector<float>>();
    golden.logits[int32_t(golden.ids.size()) - 1] = json.at("last_logits").get<std::vector<float>>();
    return golden;
}

Golden goldenOf(const std::filesystem::path& path) {
    if (!is_directory(path)) return fileGolden(std::filesystem::path(path).replace_extension(".json"));
    return exists(path / "ref.json") ? fileGolden(path / "ref.json") : folderGolden(path);
}

/// Runs a model in batches of `batch` tokens; logits (ids.size(), vocab).
std::vector<std::vector<float>> logitsOn(Backend& backend, const ModelSource& source, const std::vector<int32_t>& ids,
                                         int32_t batch, KvFormat kv) {
    const ModelOnBackend model = placeModel(backend, source, 64, kv, batch, batch);
    std::vector<std::vector<float>> all;
    for (std::size_t pos = 0; pos < ids.size(); pos += std::size_t(batch)) {
        const std::size_t n = std::min(std::size_t(batch), ids.size() - pos);
        forward(backend, model, std::span(ids).subspan(pos, n), int32_t(pos), int32_t(n));
        for (std::size_t i = 0; i < n; ++i) {
            const std::span<const float> row = backend.read({model.logits, int32_t(i), 1});
            all.emplace_back(row.begin(), row.end());
        }
    }
    return all;
}

std::vector<std::vector<float>> logitsOf(const ModelSource& source, const std::vector<int32_t>& ids, CpuLevel level,
                                         int32_t batch, int threads = 2, KvFormat kv = KvFormat::F32) {
    ThreadPool pool(threads);
    return logitsOn(*makeCpuBackend(pool, level), source, ids, batch, kv);
}

struct TopTwo {
    int32_t best = 0;
    float gap = 0;
};
TopTwo topTwo(const std::vector<float>& row) {
    const auto best = std::ranges::max_element(row);
    float second = -INFINITY;
    for (auto i = row.begin(); i != row.end(); ++i)
        if (i != best) second = std::max(second, *i);
    return {int32_t(best - row.begin()), *best - second};
}

/// Normalised mean squared error of the logits.
double errorOf(const Golden& golden, const std::vector<std::vector<float>>& ours) {
    double error = 0, power = 0;
    for (const auto& [pos, reference] : golden.logits) {
        const std::vector<float>& row = ours[std::size_t(pos)];
        EXPECT_EQ(row.size(), reference.size());
        for (std::size_t i = 0; i < std::min(row.size(), reference.size()); ++i) {
            error += std::pow(double(row[i]) - double(reference[i]), 2);
            power += std::pow(double(reference[i]), 2);
        }
    }
    return error / power;
}

void expectTheSameWords(const Golden& golden, const std::vector<std::vector<float>>& ours) {
    for (const auto& [pos, reference] : golden.logits) {
        const TopTwo top = topTwo(reference);
        if (top.gap > 1e-3f) {
            EXPECT_EQ(topTwo(ours[std::size_t(pos)]).best, top.best) << "position " << pos;
        }
    }
    for (std::size_t i = 0; i < golden.argmax.size(); ++i) {
        const TopTwo top = topTwo(ours[i]);
        if (top.gap > 1e-3f) {
            EXPECT_EQ(top.best, golden.argmax[i]) << "position " << i;
        }
    }
}

/// What rounding keys and values to f16 may cost, on any device. Gemma 4 does not scale its scores down, so rounded
/// keys weigh more.
double boundOfHalfCache(const ModelSource& source) { return planOf(source).valueNorm ? 4e-5 : 4e-6; }

class GoldenModel : public testing::TestWithParam<std::string> {};

TEST_P(GoldenModel, AgreesWithTransformersOnEveryLevel) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const Golden golden = goldenOf(path);
    const auto source = openModel(path);
    ASSERT_EQ(source->isHuggingFace(), is_directory(path));
    for (CpuLevel level : kCpuLevels) {
        if (!cpuSupports(level)) continue;
        SCOPED_TRACE(cpuLevelName(level));
        const auto batch = int32_t(golden.ids.size());
        const auto exact = logitsOf(*source, golden.ids, level, batch);
        EXPECT_LE(errorOf(golden, exact), 1e-9);
        expectTheSameWords(golden, exact);
        const auto usual = logitsOf(*source, golden.ids, level, batch, 2, KvFormat::F16); // rounds keys and values
        EXPECT_LE(errorOf(golden, usual), boundOfHalfCache(*source));
    }
}

TEST_P(GoldenModel, AgreesWithTransformersOnVulkan) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const Golden golden = goldenOf(path);
    const auto source = openModel(path);
    ThreadPool pool(2);
    try {
        // All at once, in parts, token by token; the usual cache rounds keys and values.
        for (const auto& [batch, kv, bound] : {std::tuple{40, KvFormat::F32, 1e-9},
                                               {7, KvFormat::F32, 1e-9},
                                               {1, KvFormat::F16, boundOfHalfCache(*source)}}) {
            const auto ours = logitsOn(*makeVulkanBackend(pool), *source, golden.ids, batch, kv);
            EXPECT_LE(errorOf(golden, ours), bound) << "batches of " << batch;
            if (kv == KvFormat::F32) expectTheSameWords(golden, ours);
        }
    } catch (const Error& error) {
        if (error.kind != ErrorKind::NotFound) throw;
        GTEST_SKIP() << error.what();
    }
}

/// With an exact cache: f16 turns a difference in the last bit into one of a thousandth.
TEST_P(GoldenModel, GivesTheSameLogitsForEverySizeOfBatch) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const Golden golden = goldenOf(path);
    const auto source = openModel(path);
    const auto whole = logitsOf(*source, golden.ids, bestCpuLevel(), 40);
    for (int32_t batch : {1, 7, 16}) {
        const auto parts = logitsOf(*source, golden.ids, bestCpuLevel(), batch, batch == 7 ? 1 : 3);
        float worst = 0, largest = 0;
        for (std::size_t i = 0; i < whole.size(); ++i)
            for (std::size_t j = 0; j < whole[i].size(); ++j) {
                worst = std::max(worst, std::abs(whole[i][j] - parts[i][j]));
                largest = std::max(largest, std::abs(whole[i][j]));
            }
        EXPECT_LE(worst, 3e-5f * largest) << "batches of " << batch;
    }
}

/// The same operations, so the same bits. Where layers share keys and values, some can only be passed together.
TEST_P(GoldenModel, LayerByLayerGivesTheSameHiddenStates) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const std::vector<int32_t> ids = goldenOf(path).ids;
    const auto n = int32_t(ids.size());
    const auto source = openModel(path);
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool);
    const ModelOnBackend model = placeModel(*backend, *source, n, KvFormat::F16, n, 1);
    const View hidden{model.x, 0, n};
    const auto states = [&] {
        const std::span<const float> values = backend->read(hidden);
        return std::vector<float>(values.begin(), values.end());
    };
    forwardHidden(*backend, model, ids, 0, n);
    const std::vector<float> whole = states();

    std::vector<float> kept;
    const auto layers = int32_t(model.plan.layers.size());
    for (int32_t layer = 0, next = 0; layer < layers; layer = next) {
        next = nextCut(model.plan, layer);
        if (layer > 0) backend->write(hidden, kept);
        forwardLayers(*backend, model, ids, layer, next);
        kept = states();
        backend->write(hidden, std::vector<float>(kept.size(), 0.5f)); // another text comes between
        forwardLayers(*backend, model, ids, layer, next);
    }
    EXPECT_EQ(kept, whole);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenModel, testing::ValuesIn(test::goldenModels()),
                         [](const auto& test) { return test::testName(test.param); });

/// The same model with all weights as F32, so that nothing of what goes into a product is rounded.
test::FakeSource decoded(const ModelSource& source) {
    test::FakeSource result;
    result.keys = source.metadata();
    for (const WeightRows& rows : source.tensors()) {
        std::vector<float> values(std::size_t(rows.elements()));
        for (int64_t r = 0; r < rows.rows; ++r) rows.decodeRow(r, values.data() + r * rows.cols);
        result.tensor(rows.name, rows.cols, rows.rows, std::move(values));
    }
    return result;
}

/// Folders that GPTQModel has made smaller, against the logits of its own dequantized weights.
class PackedGolden : public testing::TestWithParam<const char*> {};

TEST_P(PackedGolden, AgreesWithGptqModelOnEveryLevel) {
    const std::filesystem::path path = test::goldenDir(GetParam());
    if (path.empty()) GTEST_SKIP() << "the golden " << GetParam() << " is not here";
    const Golden golden = folderGolden(path);
    const auto source = openModel(path);
    const auto n = int32_t(golden.ids.size());
    const auto exact = logitsOf(decoded(*source), golden.ids, bestCpuLevel(), n);
    EXPECT_LE(errorOf(golden, exact), 1e-5);
    expectTheSameWords(golden, exact);
    for (CpuLevel level : kCpuLevels) {
        if (!cpuSupports(level)) continue;
        // Products with blocks round what goes into them to 8 bits, which these random weights make much of.
        EXPECT_LE(errorOf(golden, logitsOf(*source, golden.ids, level, n)), 2e-3) << cpuLevelName(level);
    }
}

INSTANTIATE_TEST_SUITE_P(Folders, PackedGolden,
                         testing::Values("models/gptq-sym", "models/gptq-asym", "models/gptq-g128", "models/gptq-act",
                                         "models/gptq-w8", "models/awq-gemm"));

} // namespace
} // namespace nibble
