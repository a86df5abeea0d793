// Writing: what lands in the file, that it is planned exactly, and that nothing is left where it fails.
#include <base/thread_pool.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <models/architecture.h>
#include <models/packed_folder.h>
#include <quantize/memory_model.h>
#include <quantize/quantize.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;
using test::makeModel;
using test::MemoryModel;

class Quantize : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "nibble-quantize-XXXXXX").string();
        ASSERT_TRUE(mkdtemp(pattern.data()));
        folder = pattern;
        output = folder / "out.gguf";
    }
    void TearDown() override { fs::remove_all(folder); }

    QuantizePlan run(const ModelSource& model, const std::string& recipe, int threads = 2,
                     const ProgressFn& progress = {}, std::stop_token stop = {}, bool overwrite = true,
                     bool again = false) const {
        ThreadPool pool(threads);
        const QuantizeJob job = planJob(model, model.metadata(), findRecipe(recipe), again, threads);
        runJob(model, job, {}, output, overwrite, pool, progress, stop);
        return job.plan;
    }
    static std::string bytesOf(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::size_t files() const {
        return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    fs::path folder, output;
};

double relativeError(const WeightRows& original, const GgufTensor& written) {
    std::vector<float> x(std::size_t(original.cols)), y(x.size());
    const Format& f = *findFormat(written.type);
    double error = 0, sum = 0;
    const auto* at = written.data;
    for (int plane = 0; plane < int(original.planes.size()); ++plane)
        for (int64_t r = 0; r < original.rows; ++r, at += f.rowBytes(original.cols)) {
            original.decodeRow(r, x.data(), plane);
            f.decode(at, y.data(), original.cols);
            for (std::size_t i = 0; i < x.size(); ++i) {
                error += (double(x[i]) - y[i]) * (double(x[i]) - y[i]);
                sum += double(x[i]) * x[i];
            }
        }
    return error / sum;
}

TEST_F(Quantize, WritesEveryRecipeAsPlannedDownToTheByte) {
    const MemoryModel model = makeModel({.layers = 3, .width = 288, .feedForward = 256, .tied = false});
    for (const RecipeInfo& recipe : recipes()) {
        const QuantizePlan plan = run(model, recipe.name);
        EXPECT_EQ(fs::file_size(output), plan.fileBytes) << recipe.name;
        const GgufFile file(output);
        ASSERT_EQ(file.tensors().size(), model.weights.size());
        for (std::size_t t = 0; t < model.weights.size(); ++t) {
            const GgufTensor& tensor = file.tensors()[t];
            EXPECT_EQ(tensor.name, model.weights[t].name);
            EXPECT_EQ(findFormat(tensor.type)->name, plan.tensors[t].to);
            EXPECT_EQ(tensor.bytes, plan.tensors[t].bytesAfter);
            const double bits = findFormat(tensor.type)->bitsPerWeight();
            EXPECT_LE(relativeError(model.weights[t], tensor), bits > 16 ? 0 : 1.2 * std::pow(4.0, -(bits - 1.2)))
                << recipe.name << " " << tensor.name;
        }
    }
}

TEST_F(Quantize, KeepsMetadataAndSaysWhereTheFileComesFrom) {
    MemoryModel model = makeModel();
    model.keys.set("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b"});
    model.keys.set("quantize.imatrix.file", std::string("/home/somebody/imatrix.dat"));
    run(model, "Q5_K_M");
    const GgufMetadata metadata = GgufFile(output).metadata();
    EXPECT_EQ(metadata.string("general.name"), "Memory");
    EXPECT_EQ(metadata.strings("tokenizer.ggml.tokens")->size(), 2u);
    EXPECT_EQ(metadata.integer("general.file_type", 0, 100), 17);
    EXPECT_EQ(metadata.integer("general.quantization_version", 0, 100), 2);
    EXPECT_EQ(metadata.string("general.quantized_by")->substr(0, 7), "Nibble ");
    EXPECT_EQ(metadata.string("nibble.recipe"), "Q5_K_M");
    EXPECT_EQ(metadata.string("nibble.source_format"), "BF16");
    EXPECT_EQ(metadata.find("quantize.imatrix.file"), nullptr);
}

TEST_F(Quantize, ConvertsWithoutQuantizing) {
    const MemoryModel model = makeModel({.layers = 1});
    run(model, "BF16");
    const GgufFile file(output);
    EXPECT_EQ(file.metadata().find("general.quantization_version"), nullptr);
    EXPECT_EQ(file.metadata().integer("general.file_type", 0, 100), 32);
    for (std::size_t t = 0; t < model.weights.size(); ++t) // the same format: the same bytes
        EXPECT_EQ(0, std::memcmp(file.tensors()[t].data, model.weights[t].planes[0], file.tensors()[t].bytes));
    run(model, "F16");
    EXPECT_LT(relativeError(model.weights[0], GgufFile(output).tensors()[0]), 1e-6);
}

/// Folders of GPTQ become GGUF files with the same blocks, without asking: nothing is lost a second time.
TEST_F(Quantize, WritesWhatOthersHaveMadeSmallerAsItIs) {
    for (const test::PackedKind& kind : {test::PackedKind{"gptq", 4},
                                         {"gptq", 8},
                                         {"gptq", 4, 32, false},
                                         {"gptq", 4, 32, true, false, true},
                                         {"awq-gemm", 4, 64},
                                         {"compressed", 4}}) {
        const test::PackedFolder packed(kind);
        const auto source = openModel(packed.write());
        EXPECT_THROW(run(*source, "Q4_K_M"), Error); // also where the weights had to be decoded
        std::string verb;
        run(*source, "as-is", 2, [&](const Progress& p) { verb = p.stage; });
        EXPECT_EQ(verb, "Converting");
        const auto written = openModel(output);
        ASSERT_EQ(written->tensors().size(), source->tensors().size());
        for (std::size_t t = 0; t < written->tensors().size(); ++t) {
            const WeightRows &from = source->tensors()[t], &to = written->tensors()[t];
            EXPECT_EQ(to.name, from.name);
            EXPECT_EQ(to.format, from.format);
            std::vector<std::byte> expected(from.bytes());
            from.copyRows(0, from.rows, expected.data());
            EXPECT_EQ(std::memcmp(to.planes[0], expected.data(), expected.size()), 0) << to.name;
        }
        EXPECT_EQ(written->metadata().string("nibble.imported"), source->metadata().string("nibble.imported"));
        EXPECT_EQ(written->metadata().find("nibble.recipe"), nullptr);
        planOf(*written);
    }
}

TEST_F(Quantize, GivesTheSameFileForAnyNumberOfThreads) {
    const MemoryModel model = makeModel({.layers = 2, .experts = 3});
    run(model, "Q4_K_M", 1);
    const std::string one = bytesOf(output);
    run(model, "Q4_K_M", 5);
    EXPECT_TRUE(one == bytesOf(output));
}

TEST_F(Quantize, PutsRowsInGgufsRotaryOrder) {
    MemoryModel model = makeModel({.layers = 1});
    WeightRows& q = model.weights[2];
    ASSERT_EQ(q.name, "blk.0.attn_q.weight");
    q.ropeHeads = 4;
    run(model, "Q8_0");
    EXPECT_LT(relativeError(q, GgufFile(output).tensors()[2]), 1e-4); // rows read through the same view
    q.ropeHeads = 0;
    EXPECT_GT(relativeError(q, GgufFile(output).tensors()[2]), 1);
}

TEST_F(Quantize, RefusesToDoItTwiceUnlessAsked) {
    MemoryModel model = makeModel({.layers = 1});
    model.add("blk.0.extra.weight", {256, 8}, FormatId::Q4_0);
    try {
        run(model, "Q4_0");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::BadRequest);
    }
    EXPECT_EQ(files(), 0u);
    run(model, "Q4_0", 2, {}, {}, true, true);
    const GgufFile file(output);
    const GgufTensor& copied = file.tensors().back();
    EXPECT_EQ(0, std::memcmp(copied.data, model.weights.back().planes[0], copied.bytes)); // already as wanted: copied
}

TEST_F(Quantize, LeavesNothingWhenStopped) {
    const MemoryModel model = makeModel({.layers = 3, .width = 1024, .feedForward = 2048});
    std::stop_source stop;
    int reports = 0;
    const auto stopSoon = [&](const Progress& progress) {
        EXPECT_GE(progress.fraction, 0);
        EXPECT_LE(progress.fraction, 1);
        ++reports;
        stop.request_stop();
    };
    try {
        run(model, "Q4_0", 2, stopSoon, stop.get_token());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::Canceled);
    }
    EXPECT_EQ(reports, 1);
    EXPECT_EQ(files(), 0u);
}

TEST_F(Quantize, LeavesNothingWhenTheSourceChanges) {
    MemoryModel model = makeModel({.layers = 1});
    model.changed = true;
    EXPECT_THROW(run(model, "Q8_0"), Error);
    EXPECT_EQ(files(), 0u);
}

TEST_F(Quantize, DoesNotReplaceAFileUnlessAsked) {
    std::ofstream(output) << "precious";
    EXPECT_THROW(run(makeModel({.layers = 1}), "Q8_0", 2, {}, {}, false), Error);
    EXPECT_EQ(bytesOf(output), "precious");
    EXPECT_EQ(files(), 1u);
}

TEST_F(Quantize, ReportsProgressToTheEnd) {
    std::vector<Progress> seen;
    run(makeModel(), "Q4_K_M", 2, [&](const Progress& progress) { seen.push_back(progress); });
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back().fraction, 1);
    EXPECT_EQ(seen.back().stage, "Making smaller");
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i].fraction, seen[i - 1].fraction);
}

TEST_F(Quantize, PlansMemoryThatDoesNotGrowWithTheModel) {
    const auto planned = [](int64_t rows) {
        MemoryModel model;
        WeightRows& w = model.add("w.weight", {256, 1});
        w.rows = rows; // only planned, never read
        return planJob(model, model.keys, findRecipe("Q8_0"), false, 2).plan.peakMemoryBytes;
    };
    EXPECT_EQ(planned(1'000'000), planned(100'000'000));
    EXPECT_LT(planned(100'000'000), 20'000'000u);
}

TEST_F(Quantize, HandlesChunksThatEndInsideATensor) {
    // 8 MiB of output a chunk: the first tensor spans several, and the second begins in the middle of one.
    MemoryModel model;
    model.keys.set("general.architecture", std::string("llama"));
    model.add("a.weight", {1024, 9000, 2});
    model.add("b.weight", {64, 1});
    model.add("c.weight", {4096, 2000});
    const QuantizePlan plan = run(model, "Q8_0", 3);
    EXPECT_EQ(fs::file_size(output), plan.fileBytes);
    const GgufFile file(output);
    for (std::size_t t = 0; t < 3; ++t) EXPECT_LT(relativeError(model.weights[t], file.tensors()[t]), 5e-5);
}

TEST_F(Quantize, OpensInPythonGgufWithEqualWeights) {
    const char* python = std::getenv("NIBBLE_PYTHON"); // an interpreter that has gguf
    const std::string interpreter = python ? python : "python3";
    if (std::system((interpreter + " -c 'import gguf' >/dev/null 2>&1").c_str()) != 0)
        GTEST_SKIP() << "no python3 with the package gguf (set NIBBLE_PYTHON)";
    const fs::path script = fs::path(NIBBLE_SOURCE_DIR) / "tests" / "quantize" / "gguf_dump.py";
    for (const char* recipe : {"Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K", "Q4_1"}) {
        run(makeModel({.layers = 2, .width = 288, .feedForward = 256}), recipe);
        const fs::path dump = folder / "dump.f32";
        ASSERT_EQ(0, std::system(
                         (interpreter + " '" + script.string() + "' '" + output.string() + "' '" + dump.string() + "'")
                             .c_str()));
        std::ifstream in(dump, std::ios::binary);
        const GgufFile file(output);
        for (const GgufTensor& tensor : file.tensors()) {
            const Format& f = *findFormat(tensor.type);
            std::vector<float> ours(tensor.bytes / f.blockBytes * f.blockSize), theirs(ours.size());
            f.decode(tensor.data, ours.data(), int64_t(ours.size()));
            in.read(reinterpret_cast<char*>(theirs.data()), std::streamsize(theirs.size() * sizeof(float)));
            ASSERT_TRUE(in.good()) << tensor.name;
            for (std::size_t i = 0; i < ours.size(); ++i) ASSERT_EQ(ours[i], theirs[i]) << recipe << " " << tensor.name;
        }
        EXPECT_EQ(in.peek(), std::ifstream::traits_type::eof());
    }
}

} // namespace
} // namespace nibble
