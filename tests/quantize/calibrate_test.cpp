// Measuring importance: against sums computed by hand, its file, what it does to a smaller model, and what goes wrong.
#include "sample_text.h"

#include <algorithm>
#include <base/sha256.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <cmath>
#include <files/gguf.h>
#include <fstream>
#include <gtest/gtest.h>
#include <models/forward.h>
#include <nibble/error.h>
#include <process.h>
#include <quantize/calibrate.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;

const fs::path kModel = fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";

class Calibrate : public testing::Test {
protected:
    CalibrationOptions sample() const { return test::sampleIn(folder.path(), 6000, 1500); }
    QuantizeOptions quantize(const char* name, const char* recipe = "Q3_K_M") const {
        QuantizeOptions options;
        options.source = kModel;
        options.output = folder / name;
        options.recipe = recipe;
        options.threads = 2;
        return options;
    }
    test::TempFolder folder;
};

ErrorKind kindOf(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        EXPECT_FALSE(error.message.empty());
        return error.kind;
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::Internal;
}

TEST_F(Calibrate, SumsTheSquaredInputs) {
    const auto source = openModel(kModel);
    const CalibrationOptions options = sample();
    const ImportanceMatrix matrix = measureImportance(*source, options, 2, {}, {});
    EXPECT_EQ(matrix.dataset, "sample.txt");
    EXPECT_GE(matrix.chunks, 3);
    EXPECT_GE(matrix.tokens, options.tokens);

    // The first layer's attention reads the normalised embedding, which is easily computed here.
    const auto tokenizer = tokenizerOf(*source);
    std::vector<int32_t> tokens = tokenizer->encode(calibrationText().substr(0, 6000), true);
    ASSERT_GE(tokens.size(), 1500u);
    tokens.resize(1500);
    if (tokenizer->addBos()) tokens.insert(tokens.end(), std::size_t(matrix.chunks), tokenizer->bos());
    const WeightRows &embedding = *source->find("token_embd.weight"), &norm = *source->find("blk.0.attn_norm.weight");
    const auto cols = std::size_t(embedding.cols);
    const double eps = source->metadata().requireNumber("llama.attention.layer_norm_rms_epsilon");
    std::vector<float> row(cols), weight(cols);
    std::vector<double> sums(cols);
    norm.decodeRow(0, weight.data());
    for (const int32_t token : tokens) {
        embedding.decodeRow(token, row.data());
        double squares = 0;
        for (const float x : row) squares += double(x) * x;
        for (std::size_t i = 0; i < cols; ++i)
            sums[i] += std::pow(row[i] * weight[i], 2) / (squares / double(cols) + eps);
    }
    for (const char* name : {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"}) {
        const ImportanceMatrix::Inputs& in = matrix.tensors.at(name);
        EXPECT_EQ(in.counts, std::vector<float>{float(tokens.size())});
        ASSERT_EQ(in.sumOfSquares.size(), cols);
        for (std::size_t i = 0; i < cols; ++i) EXPECT_NEAR(in.sumOfSquares[i] / sums[i], 1, 1e-3) << name << " " << i;
    }
    for (const WeightRows& tensor : source->tensors())
        if (tensor.name.starts_with("blk.") && tensor.dims == 2) {
            EXPECT_EQ(matrix.of(tensor).size(), std::size_t(tensor.cols)) << tensor.name;
        }
}

TEST_F(Calibrate, LeavesNoInputWithoutWeight) {
    WeightRows tensor;
    tensor.name = "w";
    tensor.cols = 4;
    tensor.rows = 3;
    tensor.planes = {nullptr, nullptr};
    ImportanceMatrix matrix;
    EXPECT_TRUE(matrix.of(tensor).empty()) << "not measured";
    matrix.tensors["w"] = {{0, 2, 4, 6, 0, 0, 0, 0}, {1, 0}};
    const std::vector<float> importance = matrix.of(tensor);
    ASSERT_EQ(importance.size(), 8u);
    EXPECT_NEAR(importance[0], 0.5, 1e-6) << "a token of average inputs is counted in";
    EXPECT_NEAR(importance[3], 1.5, 1e-6);
    EXPECT_NEAR(importance[0] + importance[1] + importance[2] + importance[3], 4, 1e-6);
    EXPECT_EQ(std::vector<float>(importance.begin() + 4, importance.end()), std::vector<float>(4, 1.f)) << "not seen";
    tensor.cols = 5;
    EXPECT_TRUE(matrix.of(tensor).empty()) << "of another model";
}

TEST_F(Calibrate, TheFileKeepsWhatWasMeasured) {
    ImportanceMatrix matrix;
    matrix.dataset = "letters.txt";
    matrix.datasetHash = std::string(64, 'a');
    matrix.chunks = 7;
    matrix.chunkTokens = 512;
    matrix.tensors["blk.0.ffn_down.weight"] = {{1, 2, 3}, {40}};
    matrix.tensors["blk.0.ffn_up_exps.weight"] = {{1, 2, 3, 4}, {5, 6}};
    const fs::path path = folder / "a.imatrix.gguf";
    writeImportanceMatrix(matrix, path, false);
    const ImportanceMatrix read = readImportanceMatrix(path);
    EXPECT_EQ(read.dataset, matrix.dataset);
    EXPECT_EQ(read.datasetHash, matrix.datasetHash);
    EXPECT_EQ(read.chunks, 7);
    EXPECT_EQ(read.chunkTokens, 512);
    ASSERT_EQ(read.tensors.size(), 2u);
    for (const auto& [name, in] : matrix.tensors) {
        EXPECT_EQ(read.tensors.at(name).sumOfSquares, in.sumOfSquares);
        EXPECT_EQ(read.tensors.at(name).counts, in.counts);
    }
    EXPECT_EQ(kindOf([&] { writeImportanceMatrix(matrix, path, false); }), ErrorKind::BadRequest);
}

TEST_F(Calibrate, RefusesFilesThatAreNotSound) {
    const fs::path path = folder / "bad.gguf";
    const auto refused = [&](const char* type, std::vector<GgufWriter::Declaration> tensors, float value) {
        GgufMetadata metadata;
        metadata.set("general.type", std::string(type));
        GgufWriter writer(path, metadata, tensors);
        for (const auto& tensor : tensors) {
            const std::vector<float> values(std::size_t(tensor.shape[0] * tensor.shape[1]), value);
            writer.write(std::as_bytes(std::span(values)));
        }
        writer.commit();
        return kindOf([&] { readImportanceMatrix(path); });
    };
    const FormatId f32 = FormatId::F32;
    EXPECT_EQ(refused("model", {{"a.in_sum2", f32, {4, 1}}, {"a.counts", f32, {1, 1}}}, 1), ErrorKind::BadFile);
    EXPECT_EQ(refused("imatrix", {{"a.in_sum2", f32, {4, 1}}}, 1), ErrorKind::BadFile) << "no counts";
    EXPECT_EQ(refused("imatrix", {{"a.in_sum2", f32, {4, 2}}, {"a.counts", f32, {1, 3}}}, 1), ErrorKind::BadFile);
    EXPECT_EQ(refused("imatrix", {{"a.in_sum2", f32, {4, 1}}, {"a.counts", f32, {1, 1}}}, NAN), ErrorKind::BadFile);
    EXPECT_EQ(refused("imatrix", {{"a.in_sum2", f32, {4, 1}}, {"a.counts", f32, {1, 1}}}, -1), ErrorKind::BadFile);
    EXPECT_EQ(refused("imatrix", {{"b", f32, {4, 1}}}, 1), ErrorKind::BadFile) << "nothing in it";
    EXPECT_EQ(kindOf([&] { readImportanceMatrix(kModel); }), ErrorKind::BadFile);
    EXPECT_EQ(kindOf([&] { readImportanceMatrix(folder / "missing"); }), ErrorKind::NotFound);
}

/// The mean of what the errors of a file's weights cost, by the inputs that were measured.
double costOf(const fs::path& smaller, const ImportanceMatrix& matrix) {
    const auto original = openModel(kModel), made = openModel(smaller);
    double cost = 0;
    for (const WeightRows& tensor : original->tensors()) {
        const std::vector<float> importance = matrix.of(tensor);
        if (importance.empty()) continue;
        std::vector<float> a(std::size_t(tensor.cols)), b(a.size());
        double error = 0, power = 0;
        for (int64_t r = 0; r < tensor.rows; ++r) {
            tensor.decodeRow(r, a.data());
            made->find(tensor.name)->decodeRow(r, b.data());
            for (std::size_t i = 0; i < a.size(); ++i) {
                error += double(importance[i]) * std::pow(double(a[i]) - double(b[i]), 2);
                power += double(importance[i]) * double(a[i]) * double(a[i]);
            }
        }
        cost += error / power;
    }
    return cost;
}

TEST_F(Calibrate, KeepsMoreExactWhatMatters) {
    CalibrateOptions options;
    options.source = kModel;
    options.output = folder / "tiny.imatrix.gguf";
    options.calibration = sample();
    std::vector<std::string> stages;
    const CalibrateReport report = calibrateModel(options, [&](const Progress& p) { stages.push_back(p.stage); });
    EXPECT_GT(report.tensors, 10);
    ASSERT_FALSE(stages.empty());
    const ImportanceMatrix matrix = readImportanceMatrix(options.output);

    const QuantizeOptions plain = quantize("plain.gguf");
    QuantizeOptions careful = quantize("careful.gguf"), measured = quantize("measured.gguf");
    careful.care = Care::Better;
    careful.calibration = sample();
    measured.importance = options.output;
    quantizeModel(plain);
    EXPECT_GE(planQuantize(careful).peakMemoryBytes, planQuantize(plain).peakMemoryBytes);
    const QuantizeReport made = quantizeModel(careful);
    quantizeModel(measured);
    EXPECT_EQ(made.plan.fileBytes, file_size(careful.output));
    EXPECT_EQ(costOf(careful.output, matrix), costOf(measured.output, matrix)) << "measured now or before";
    EXPECT_LT(costOf(careful.output, matrix), costOf(plain.output, matrix));

    const GgufFile file(careful.output);
    EXPECT_EQ(file.metadata().requireString("nibble.method"), "round-to-nearest, importance measured");
    EXPECT_EQ(file.metadata().requireString("quantize.imatrix.dataset"), "sample.txt");
    Sha256 hash;
    hash.add(readTextFile(sample().text, 1 << 20));
    EXPECT_EQ(file.metadata().requireString("nibble.calibration_sha256"), hash.hex());
    EXPECT_EQ(file.metadata().requireInteger("quantize.imatrix.entries_count", 0, 1000), report.tensors);
}

/// Logits of 256 tokens.
std::vector<float> logitsOf(const fs::path& path) {
    const auto source = openModel(path);
    std::vector<int32_t> tokens = tokenizerOf(*source)->encode(calibrationText().substr(0, 6000), true);
    tokens.resize(256);
    ThreadPool pool(2);
    const auto backend = makeCpuBackend(pool);
    const ModelOnBackend model = placeModel(*backend, *source, 256, KvFormat::F16, 256, 256);
    forward(*backend, model, tokens, 0, 256);
    const auto logits = backend->read({model.logits, 0, 256});
    return {logits.begin(), logits.end()};
}

TEST_F(Calibrate, LetsWeightsMakeUpForOthers) {
    const QuantizeOptions plain = quantize("plain.gguf", "Q4_0");
    QuantizeOptions exact = quantize("gptq.gguf", "Q4_0");
    exact.calibration = sample();
    exact.care = Care::Careful;
    quantizeModel(plain);
    const QuantizeReport made = quantizeModel(exact);
    EXPECT_EQ(made.plan.fileBytes, file_size(exact.output));
    EXPECT_EQ(GgufFile(exact.output).metadata().requireString("nibble.method"),
              "GPTQ with descent, importance measured");

    // On the text it has learned from, and through the whole model.
    const auto drift = [&](const fs::path& smaller) {
        const auto original = logitsOf(kModel), rounded = logitsOf(smaller);
        double error = 0, power = 0;
        for (std::size_t i = 0; i < original.size(); ++i) {
            error += std::pow(double(original[i]) - double(rounded[i]), 2);
            power += std::pow(double(original[i]), 2);
        }
        return error / power;
    };
    EXPECT_LT(drift(exact.output), 0.8 * drift(plain.output));
}

TEST_F(Calibrate, SaysWhatIsWrongBeforeItTakesLong) {
    QuantizeOptions options = quantize("out.gguf");
    options.calibration.text = folder / "missing.txt";
    EXPECT_EQ(kindOf([&] { planQuantize(options); }), ErrorKind::BadRequest) << "would not be read";
    options.care = Care::Better;
    options.calibration.text = folder / "missing.txt";
    EXPECT_EQ(kindOf([&] { quantizeModel(options); }), ErrorKind::NotFound);
    std::ofstream(folder / "short.txt") << "Too short.";
    options.calibration.text = folder / "short.txt";
    EXPECT_EQ(kindOf([&] { quantizeModel(options); }), ErrorKind::BadRequest);

    options.calibration = sample();
    std::stop_source stop;
    const auto canceled = [&] {
        quantizeModel(
            options, [&](const Progress&) { stop.request_stop(); }, stop.get_token());
    };
    EXPECT_EQ(kindOf(canceled), ErrorKind::Canceled);
    EXPECT_FALSE(exists(options.output));

    std::ofstream(options.output) << "precious";
    bool began = false;
    EXPECT_EQ(kindOf([&] { quantizeModel(options, [&](const Progress&) { began = true; }); }), ErrorKind::BadRequest);
    EXPECT_FALSE(began) << "found out only after measuring";

    ImportanceMatrix other;
    other.tensors["blk.0.attn_q.weight"] = {{1, 2, 3}, {4}};
    writeImportanceMatrix(other, folder / "other.gguf", false);
    options.importance = folder / "other.gguf";
    options.overwrite = true;
    EXPECT_EQ(kindOf([&] { quantizeModel(options); }), ErrorKind::BadRequest) << "of another model";
}

TEST_F(Calibrate, HasATextOfItsOwn) {
    EXPECT_GT(calibrationText().size(), 5000u);
    const auto source = openModel(kModel);
    const ImportanceMatrix matrix = measureImportance(*source, {.text = {}, .tokens = 600}, 2, {}, {});
    EXPECT_EQ(matrix.dataset, "Nibble's sample text");
    EXPECT_EQ(matrix.chunks, 2);
}

} // namespace
} // namespace nibble
