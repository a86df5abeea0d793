// Channel scales: that a scaled model computes the same, that the search finds what it should, and what it does to
// files and folders.
#include "sample_text.h"

#include <base/thread_pool.h>
#include <cmath>
#include <cstring>
#include <files/gguf.h>
#include <files/json_file.h>
#include <formats/half.h>
#include <golden_dir.h>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <process.h>
#include <quantize/scale_search.h>
#include <random>

namespace nibble {
namespace {

namespace fs = std::filesystem;

const std::vector<int32_t> kTokens = {1, 5, 9, 3, 7, 2, 11, 4, 8, 6};

std::vector<float> logitsOf(const ModelSource& source) {
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool);
    const auto n = int32_t(kTokens.size());
    const ModelOnBackend model = placeModel(*backend, source, n, KvFormat::F32, n, n);
    forward(*backend, model, kTokens, 0, n);
    std::vector<float> all;
    for (int32_t i = 0; i < n; ++i) {
        const auto row = backend->read({model.logits, i, 1});
        all.insert(all.end(), row.begin(), row.begin() + model.plan.vocabSize);
    }
    return all;
}

double normalisedError(const std::vector<float>& a, const std::vector<float>& b) {
    double error = 0, sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        error += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
        sum += double(b[i]) * b[i];
    }
    return error / sum;
}

/// Drawn scales of every input that can have some.
ChannelScales drawnScales(const ModelSource& source) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> power(-2, 2);
    ChannelScales scales;
    for (const ScaledInput& input : scaledInputs(source, planOf(source))) {
        const auto cols = source.tensors()[input.consumers[0]].cols;
        std::vector<float> own(std::size_t(cols / input.repeats)), columns(std::size_t(cols), 0.f);
        for (float& s : own) s = std::exp2(power(random));
        for (int64_t c = 0; c < cols; ++c)
            columns[std::size_t(c)] = own[std::size_t(c / (input.run * input.repeats) * input.run + c % input.run)];
        for (const std::size_t t : input.consumers) scales.columns[source.tensors()[t].name] = columns;
        for (const std::string& producer : input.producers) scales.rows[producer] = own;
    }
    return scales;
}

/// Heads that share values, biases, norms of queries, norms behind layers, windows: whatever scales go through.
TEST(ChannelScales, ChangeNothingThatIsComputed) {
    int tried = 0;
    for (const char* name : {"llama", "llama-bias", "qwen2", "qwen3", "gemma2", "gemma3", "granite", "smollm3", "phi3",
                             "mixtral", "olmo2"}) {
        const fs::path golden = test::goldenDir("models/" + std::string(name));
        if (golden.empty()) continue;
        const auto source = openModel(golden);
        const ChannelScales scales = drawnScales(*source);
        if (scales.columns.empty()) continue; // fused matrices, or norms behind them
        ++tried;
        // The unscaled model in 32 bits, too: other formats of weights are multiplied in another order.
        ChannelScales ones = scales;
        for (ChannelScales::Factors* factors : {&ones.columns, &ones.rows})
            for (auto& [tensor, values] : *factors) std::ranges::fill(values, 1.f);
        EXPECT_LE(normalisedError(logitsOf(*scaledSource(*source, scales)), logitsOf(*scaledSource(*source, ones))),
                  1e-9)
            << name;
    }
    if (tried == 0) GTEST_SKIP() << "no goldens";
    EXPECT_GE(tried, 8);
}

TEST(ChannelScales, MakeInputsSmaller) {
    ChannelScales scales;
    scales.columns["a"] = {2, 4};
    ImportanceMatrix matrix;
    matrix.tensors["a"] = {{8, 32}, {1}};
    matrix.tensors["b"] = {{8, 32}, {1}};
    const ImportanceMatrix scaled = scaledImportance(matrix, scales);
    EXPECT_EQ(scaled.tensors.at("a").sumOfSquares, (std::vector<float>{2, 2}));
    EXPECT_EQ(scaled.tensors.at("b").sumOfSquares, (std::vector<float>{8, 32}));
    std::vector<float> moments = {4, 8, 8, 16};
    scaleMoments(moments, {2, 4});
    EXPECT_EQ(moments, (std::vector<float>{1, 1, 1, 1}));
}

class ScaleSearch : public testing::Test {
protected:
    void SetUp() override {
        source = openModel(fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf");
        text = test::sampleIn(folder.path(), 3000, 400);
    }
    ChannelScales search(const ModelSource& model, FormatId to, const std::stop_token& stop = {},
                         int leastBits = 0) const {
        ThreadPool pool(2);
        const std::vector<const Format*> formats(model.tensors().size(), &format(to));
        return searchScales(model, formats, nullptr, false, leastBits, text, pool, {}, stop);
    }

    test::TempFolder folder;
    std::unique_ptr<ModelSource> source;
    CalibrationOptions text;
};

/// A model that computes what the tiny one does, but with channels of very different sizes: the error of what its
/// matrices put out on the text has to become much smaller.
TEST_F(ScaleSearch, LessensTheErrorOfOutputs) {
    const ChannelScales drawn = drawnScales(*source);
    const auto hard = scaledSource(*source, drawn);
    const ChannelScales scales = search(*hard, FormatId::Q4_0);
    EXPECT_EQ(scales.columns.size(), drawn.columns.size());
    const auto scaled = scaledSource(*hard, scales);
    ThreadPool pool(2);
    MomentSource moments(*hard, text, pool, {}, {});
    const Format& to = format(FormatId::Q4_0);
    double before = 0, after = 0;
    for (std::size_t t = 0; t < hard->tensors().size(); ++t) {
        const WeightRows& tensor = hard->tensors()[t];
        const std::vector<float>* columns = scales.columnsOf(tensor.name);
        const auto h = moments.of(t);
        if (!columns || !h) continue;
        const auto n = std::size_t(tensor.cols);
        const auto error = [&](const WeightRows& rows, int64_t r, bool isScaled) {
            std::vector<float> w(n), q(n);
            std::vector<std::byte> blocks(to.rowBytes(tensor.cols));
            rows.decodeRow(r, w.data());
            to.encode(w.data(), blocks.data(), tensor.cols, nullptr);
            to.decode(blocks.data(), q.data(), tensor.cols);
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) w[i] = (q[i] - w[i]) / (isScaled ? (*columns)[i] : 1);
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j) sum += double(w[i]) * w[j] * double((*h)[i * n + j]);
            return sum;
        };
        double plain = 0, better = 0;
        for (int64_t r = 0; r < tensor.rows; r += 3) {
            const std::vector<float>* rows = scales.rowsOf(tensor.name); // smaller rows have smaller errors
            const double size = rows ? double((*rows)[std::size_t(r)]) : 1;
            plain += error(tensor, r, false);
            better += error(scaled->tensors()[t], r, true) * size * size;
        }
        before += 1;
        after += better / plain;
    }
    EXPECT_LT(after, 0.8 * before);
}

/// Engines round inputs, too, block by block: where some of a block's channels are much larger than the others, scales
/// have to make them alike, as far as the weights do not suffer more.
TEST_F(ScaleSearch, LessensTheErrorOfRoundedInputs) {
    const ChannelScales drawn = drawnScales(*source);
    const auto hard = scaledSource(*source, drawn);
    const ChannelScales scales = search(*hard, FormatId::Q8_0);
    ThreadPool pool(2);
    MomentSource moments(*hard, text, pool, {}, {});
    moments.keepSamples();
    double before = 0, after = 0;
    for (std::size_t t = 0; t < hard->tensors().size(); ++t) {
        const WeightRows& tensor = hard->tensors()[t];
        const std::vector<float>* const columns = scales.columnsOf(tensor.name);
        if (!columns || !moments.of(t)) continue;
        const auto n = std::size_t(tensor.cols);
        const std::vector<float>& inputs = moments.sample();
        ASSERT_EQ(inputs.size() % n, 0u);
        EXPECT_GE(inputs.size() / n, std::size_t(moments.tokens()) / 100);
        std::vector<double> weights(n);
        for (int64_t r = 0; r < tensor.rows; ++r) {
            std::vector<float> w(n);
            tensor.decodeRow(r, w.data());
            for (std::size_t c = 0; c < n; ++c) weights[c] += double(w[c]) * w[c];
        }
        const auto error = [&](auto scaleOf) { // the square of each block's step for all of its weights
            double sum = 0;
            for (std::size_t at = 0; at < inputs.size(); at += 32) {
                double largest = 0, squares = 0;
                for (std::size_t c = at % n; c < at % n + 32; ++c) {
                    const double scale = scaleOf(c);
                    largest = std::max(largest, double(std::fabs(inputs[at / n * n + c])) / scale);
                    squares += weights[c] * scale * scale;
                }
                sum += largest * largest * squares;
            }
            return sum;
        };
        before += 1;
        after += error([&](std::size_t c) { return double((*columns)[c]); }) / error([](std::size_t) { return 1.0; });
    }
    ASSERT_GT(before, 0);
    EXPECT_LT(after, 0.5 * before);
}

TEST_F(ScaleSearch, LeavesFloatsAndFewerBitsAlone) {
    EXPECT_TRUE(search(*source, FormatId::BF16).columns.empty());
    EXPECT_TRUE(search(*source, FormatId::Q4_0, {}, 5).columns.empty());
    EXPECT_FALSE(search(*source, FormatId::Q4_0, {}, 4).columns.empty());
}

TEST_F(ScaleSearch, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(search(*source, FormatId::Q4_0, stop.get_token()), Error);
}

/// Files with scales have the same size and format, say how they were made, and differ.
TEST_F(ScaleSearch, ComposesWithEveryCare) {
    for (const Care care : {Care::Quick, Care::Careful}) {
        QuantizeOptions options;
        options.source = source->path();
        options.output = folder / "plain.gguf";
        options.recipe = "Q4_0";
        options.threads = 2;
        options.overwrite = true;
        options.care = care;
        if (care != Care::Quick) options.calibration = text;
        options.scales = false;
        quantizeModel(options);
        options.output = folder / "awq.gguf";
        options.scales = true;
        options.calibration = text;
        const QuantizeReport report = quantizeModel(options);
        const GgufFile plain(folder / "plain.gguf"), scaled(options.output);
        EXPECT_EQ(fs::file_size(options.output), report.plan.fileBytes);
        EXPECT_TRUE(scaled.metadata().string("nibble.method")->starts_with("AWQ, "));
        ASSERT_EQ(scaled.tensors().size(), plain.tensors().size());
        bool differs = false;
        for (std::size_t t = 0; t < plain.tensors().size(); ++t) {
            EXPECT_EQ(scaled.tensors()[t].type, plain.tensors()[t].type);
            differs = differs ||
                      std::memcmp(scaled.tensors()[t].data, plain.tensors()[t].data, plain.tensors()[t].bytes) != 0;
        }
        EXPECT_TRUE(differs);
        // Still the same model: its predictions are near the original's.
        EXPECT_LT(normalisedError(logitsOf(*openModel(options.output)), logitsOf(*source)), 0.2);
    }
}

/// A folder of scaled weights is read as the model that it was made from.
TEST_F(ScaleSearch, FoldersTakeUpScales) {
    for (const char* name : {"llama-bias", "gemma2"}) {
        const fs::path golden = test::goldenDir("models/" + std::string(name));
        if (golden.empty()) GTEST_SKIP() << "no goldens";
        QuantizeOptions options;
        options.source = golden;
        options.output = folder / name;
        options.recipe = "gptq-4bit-32";
        options.threads = 2;
        options.scales = true;
        options.calibration = text;
        quantizeModel(options);
        const nlohmann::json config = readJsonObject(options.output / "quantize_config.json", 1 << 20);
        EXPECT_EQ(config["meta"]["method"], "AWQ, round-to-nearest");
        const auto original = openModel(golden), written = openModel(options.output);
        int changed = 0;
        for (const WeightRows& tensor : original->tensors()) {
            if (tensor.dims != 1 || !tensor.name.starts_with("blk.")) continue;
            std::vector<float> a(std::size_t(tensor.cols)), b(a.size());
            tensor.decodeRow(0, a.data());
            written->find(tensor.name)->decodeRow(0, b.data());
            changed += a != b;
        }
        EXPECT_GT(changed, 0) << name;
        EXPECT_LT(normalisedError(logitsOf(*written), logitsOf(*original)), 0.2) << name;
    }
}

} // namespace
} // namespace nibble
