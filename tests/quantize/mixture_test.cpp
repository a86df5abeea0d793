// Choosing formats for a size: predictions against what is measured, and the files that come of it.
#include "sample_text.h"

#include <algorithm>
#include <base/thread_pool.h>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nibble/error.h>
#include <process.h>
#include <quantize/calibrate.h>
#include <quantize/divergence_probe.h>
#include <quantize/mixture.h>
#include <quantize/rounded_source.h>
#include <quantize/rounding_error.h>

namespace nibble {
namespace {

namespace fs = std::filesystem;

const fs::path kModel = fs::path(NIBBLE_SOURCE_DIR) / "resources/demo/tiny.gguf";

class Mixtures : public testing::Test {
protected:
    CalibrationOptions sample() const { return test::sampleIn(folder.path()); }
    QuantizeOptions quantize(const char* name, uint64_t bytes) const {
        QuantizeOptions options;
        options.source = kModel;
        options.output = folder / name;
        options.size.bytes = bytes;
        options.calibration = sample();
        options.threads = 2;
        options.overwrite = true;
        return options;
    }
    uint64_t sizeOf(const char* recipe) const {
        QuantizeOptions options;
        options.source = kModel;
        options.recipe = recipe;
        return planQuantize(options).fileBytes;
    }
    test::TempFolder folder;
    ThreadPool pool{2};
};

std::vector<FormatId> formatsOf(const ModelSource& source) {
    std::vector<FormatId> formats;
    for (const WeightRows& tensor : source.tensors()) formats.push_back(tensor.format);
    return formats;
}

Error errorOf(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorKind::Internal, "");
}

TEST_F(Mixtures, RoundedRowsAreThoseOfTheFile) {
    QuantizeOptions options;
    options.source = kModel;
    options.output = folder / "q4.gguf";
    options.recipe = "Q4_0";
    options.importance = folder / "none"; // so that the estimate from the weights is not used
    const auto source = openModel(kModel);
    const ImportanceMatrix importance = measureImportance(*source, sample(), 2, {}, {});
    writeImportanceMatrix(importance, options.importance, true);
    quantizeModel(options);
    const auto file = openModel(options.output);
    const auto view = roundedSource(*source, formatsOf(*file), &importance);
    for (std::size_t t = 0; t < file->tensors().size(); ++t) {
        const WeightRows &want = file->tensors()[t], &got = view->tensors()[t];
        ASSERT_EQ(got.format, want.format) << want.name;
        std::vector<float> a(std::size_t(want.cols)), b(a);
        for (const int64_t row : {int64_t(0), want.rows / 2, want.rows - 1}) {
            want.decodeRow(row, a.data());
            got.decodeRow(row, b.data());
            EXPECT_EQ(a, b) << want.name << " row " << row;
        }
    }
}

TEST_F(Mixtures, ErrorsAreThoseOfRounding) {
    const auto source = openModel(kModel);
    const WeightRows& tensor = *source->find("blk.0.ffn_down.weight");
    const FormatId formats[] = {tensor.format, FormatId::Q8_0, FormatId::Q4_0};
    std::vector<float> importance(std::size_t(tensor.cols));
    for (std::size_t i = 0; i < importance.size(); ++i) importance[i] = float(i % 7);
    const std::vector<double> errors = roundingErrors(tensor, formats, importance, pool);
    EXPECT_EQ(errors[0], 0);
    std::vector<float> row(importance.size()), decoded(row);
    std::vector<std::byte> bytes(format(FormatId::Q4_0).rowBytes(tensor.cols));
    double error = 0, all = 0;
    ASSERT_LE(tensor.elements(), 1 << 16) << "all rows are looked at";
    for (int64_t r = 0; r < tensor.rows; ++r) {
        tensor.decodeRow(r, row.data());
        format(FormatId::Q4_0).encode(row.data(), bytes.data(), tensor.cols, importance.data());
        format(FormatId::Q4_0).decode(bytes.data(), decoded.data(), tensor.cols);
        for (std::size_t i = 0; i < row.size(); ++i) {
            error += double(importance[i]) * std::pow(double(decoded[i]) - double(row[i]), 2);
            all += double(importance[i]) * std::pow(double(row[i]), 2);
        }
    }
    EXPECT_NEAR(errors[2], error / all, 1e-9);
    EXPECT_LT(errors[1], errors[2] / 50);
}

TEST_F(Mixtures, ProbesSeeOnlyWhatIsRounded) {
    const auto source = openModel(kModel);
    const DivergenceProbe probe(*source, nullptr, sample(), pool, {});
    std::vector<FormatId> formats = formatsOf(*source);
    EXPECT_LT(probe.of(formats), 1e-6);
    double last = 0;
    for (const FormatId to : {FormatId::Q8_0, FormatId::Q4_0}) {
        for (std::size_t t = 0; t < formats.size(); ++t)
            if (source->tensors()[t].name.find("ffn") != std::string::npos && source->tensors()[t].rows > 1)
                formats[t] = to;
        const double divergence = probe.of(formats);
        EXPECT_GT(divergence, 2 * last);
        last = divergence;
    }
    EXPECT_GT(DivergenceProbe::memory(*source, formats, 2), 100'000u);
}

TEST_F(Mixtures, AreNeverLargerThanAskedForAndBetterThanTheRecipe) {
    const uint64_t limit = sizeOf("Q4_K_M");
    const QuantizeReport report = quantizeModel(quantize("mixture.gguf", limit));
    EXPECT_EQ(fs::file_size(report.output), report.plan.fileBytes);
    EXPECT_LE(report.plan.fileBytes, limit);
    EXPECT_GT(report.plan.fileBytes, limit * 9 / 10) << "there is a use for every byte";
    ASSERT_TRUE(report.plan.measuredDivergence);

    QuantizeOptions plain = quantize("recipe.gguf", 0);
    plain.recipe = "Q4_K_M";
    plain.care = Care::Better;
    const auto recipe = openModel(quantizeModel(plain).output), mixture = openModel(report.output);
    const auto source = openModel(kModel);
    const ImportanceMatrix importance = measureImportance(*source, sample(), 2, {}, {});
    const DivergenceProbe probe(*source, &importance, sample(), pool, {});
    const double ours = probe.of(formatsOf(*mixture));
    EXPECT_NEAR(ours, *report.plan.measuredDivergence, 1e-3 * ours);
    EXPECT_LT(ours, 0.95 * probe.of(formatsOf(*recipe)));
    EXPECT_EQ(mixture->metadata().string("nibble.recipe"), "Mixture");
    EXPECT_NEAR(*mixture->metadata().number("nibble.divergence"), ours, 1e-3 * ours);

    // The same again, whatever the threads; and from the file's own formats.
    QuantizeOptions again = quantize("again.gguf", limit);
    again.threads = 1;
    const QuantizeReport second = quantizeModel(again);
    QuantizeOptions like = quantize("like.gguf", 0);
    like.size.asFile = report.output;
    like.calibration = {};
    const QuantizeReport third = quantizeModel(like);
    for (std::size_t t = 0; t < report.plan.tensors.size(); ++t) {
        EXPECT_EQ(second.plan.tensors[t].to, report.plan.tensors[t].to);
        EXPECT_EQ(third.plan.tensors[t].to, report.plan.tensors[t].to);
    }
}

TEST_F(Mixtures, TakeARecipesSizeAndGptq) {
    QuantizeOptions options = quantize("mixture.gguf", 0);
    options.size.ofRecipe = "Q3_K_M";
    options.care = Care::Careful;
    std::vector<std::string> stages;
    const QuantizeReport report = quantizeModel(options, [&](const Progress& progress) {
        if (stages.empty() || stages.back() != progress.stage) stages.push_back(progress.stage);
    });
    EXPECT_LE(fs::file_size(report.output), sizeOf("Q3_K_M"));
    EXPECT_EQ(openModel(report.output)->metadata().string("nibble.method"),
              "AWQ, GPTQ with descent, importance measured");
    for (const char* stage : {"Learning what matters", "Measuring what rounding costs", "Trying formats",
                              "Checking the formats", "Making smaller"})
        EXPECT_NE(std::ranges::find(stages, stage), stages.end()) << stage;
}

TEST_F(Mixtures, SensitivitiesPredictWhatOtherRoundingsCost) {
    const auto source = openModel(kModel);
    const ImportanceMatrix importance = measureImportance(*source, sample(), 2, {}, {});
    const Sensitivities sensitivities = measureSensitivities(*source, &importance, sample(), pool, {}, {});
    const DivergenceProbe probe(*source, &importance, sample(), pool, {});
    for (const FormatId to : {FormatId::Q8_0, FormatId::Q5_0, FormatId::Q4_0}) {
        std::vector<FormatId> formats = formatsOf(*source);
        double predicted = 0;
        for (std::size_t t = 0; t < formats.size(); ++t) {
            const WeightRows& tensor = source->tensors()[t];
            const auto found = sensitivities.find(tensor.name);
            ASSERT_EQ(found != sensitivities.end(), formatsFor(*source, tensor).size() > 1) << tensor.name;
            if (found == sensitivities.end()) continue;
            formats[t] = to;
            predicted += found->second.inputs +
                         found->second.rounding * roundingErrors(tensor, {&to, 1}, importance.of(tensor), pool)[0];
        }
        const double measured = probe.of(formats);
        EXPECT_LT(predicted, 2 * measured) << format(to).name;
        EXPECT_GT(predicted, measured / 2) << format(to).name;
    }
}

TEST_F(Mixtures, SensitivitiesLieInTheImportanceFile) {
    CalibrateOptions options;
    options.source = kModel;
    options.output = folder / "learned.gguf";
    options.calibration = sample();
    options.sensitivities = true;
    options.threads = 2;
    calibrateModel(options);
    const ImportanceMatrix learned = readImportanceMatrix(options.output);
    EXPECT_FALSE(learned.sensitivities.empty());
    for (const auto& [name, cost] : learned.sensitivities) EXPECT_GE(cost.rounding, 0) << name;

    QuantizeOptions use = quantize("a.gguf", sizeOf("Q4_0"));
    use.importance = options.output;
    std::vector<std::string> stages;
    const QuantizeReport report =
        quantizeModel(use, [&](const Progress& progress) { stages.push_back(progress.stage); });
    EXPECT_EQ(std::ranges::find(stages, "Measuring what rounding costs"), stages.end()) << "known already";
    const QuantizeReport fresh = quantizeModel(quantize("b.gguf", sizeOf("Q4_0")));
    for (std::size_t t = 0; t < report.plan.tensors.size(); ++t)
        EXPECT_EQ(report.plan.tensors[t].to, fresh.plan.tensors[t].to);
}

TEST_F(Mixtures, TooSmallASizeNamesTheSmallest) {
    const Error error = errorOf([&] { planQuantize(quantize("a.gguf", 1000)); });
    EXPECT_EQ(error.kind, ErrorKind::BadRequest);
    const std::size_t at = error.whatToDo.find('(');
    ASSERT_NE(at, std::string::npos) << error.whatToDo;
    const uint64_t smallest = std::stoull(error.whatToDo.substr(at + 1));
    EXPECT_NO_THROW(planQuantize(quantize("a.gguf", smallest)));
    EXPECT_EQ(errorOf([&] { planQuantize(quantize("a.gguf", smallest - 1)); }).kind, ErrorKind::BadRequest);
    const QuantizeReport report = quantizeModel(quantize("a.gguf", smallest));
    EXPECT_LE(fs::file_size(report.output), smallest);
}

TEST_F(Mixtures, AreRefusedWhatMakesNoSense) {
    QuantizeOptions two = quantize("a.gguf", 100'000'000);
    two.size.ofRecipe = "Q8_0";
    EXPECT_EQ(errorOf([&] { planQuantize(two); }).kind, ErrorKind::BadRequest);
    QuantizeOptions unknown = quantize("a.gguf", 0);
    unknown.size.ofRecipe = "Q99";
    EXPECT_EQ(errorOf([&] { planQuantize(unknown); }).kind, ErrorKind::BadRequest);
}

TEST_F(Mixtures, StopLeavesNothingBehind) {
    for (const char* stage : {"Learning what matters", "Measuring what rounding costs", "Checking the formats"}) {
        std::stop_source stop;
        const Error error = errorOf([&] {
            quantizeModel(
                quantize("stopped.gguf", sizeOf("Q4_0")),
                [&](const Progress& progress) {
                    if (progress.stage == stage) stop.request_stop();
                },
                stop.get_token());
        });
        EXPECT_EQ(error.kind, ErrorKind::Canceled) << stage;
        EXPECT_FALSE(fs::exists(folder / "stopped.gguf"));
    }
}

} // namespace
} // namespace nibble
