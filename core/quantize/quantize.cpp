#include <algorithm>
#include <base/atomic_file.h>
#include <base/clock.h>
#include <base/thread_pool.h>
#include <nibble/error.h>
#include <optional>
#include <quantize/calibrate.h>
#include <quantize/feedback_source.h>
#include <quantize/quantize.h>
#include <text/tokenizer.h>

namespace nibble {

namespace {

/// The source's keys and the tokenizer's, which a folder keeps in files of their own.
GgufMetadata fullMetadata(const ModelSource& source) {
    GgufMetadata metadata = source.metadata();
    if (!source.isHuggingFace()) return metadata;
    const WeightRows* embedding = source.find("token_embd.weight");
    if (!embedding)
        throw Error(ErrorKind::BadFile, "The model has no token embedding, so it cannot be written.",
                    source.path().string() + ": no token_embd.weight");
    addTokenizerKeys(source.path(), int32_t(embedding->rows), metadata);
    return metadata;
}

int threadsOf(int32_t threads) { return threads > 0 ? threads : ThreadPool::physicalCores(); }

/// Whether the importance is measured now.
bool measures(const QuantizeOptions& options) { return options.importance.empty() && options.care != Care::Quick; }

QuantizeJob jobOf(const ModelSource& source, const QuantizeOptions& options) {
    if (options.care == Care::Quick && !options.calibration.text.empty())
        throw Error(ErrorKind::BadRequest, "A quick job reads no sample text.", options.calibration.text.string(),
                    "Choose \"better\" or \"careful\" (--care), or leave the text out.");
    QuantizeJob job = planJob(source, fullMetadata(source), findRecipe(options.recipe), options.allowRequantize,
                              threadsOf(options.threads));
    const uint64_t reading =
        measures(options) || options.care == Care::Careful ? calibrationMemory(source, threadsOf(options.threads)) : 0;
    if (options.care == Care::Careful) // reads again while the file is written
        job.plan.peakMemoryBytes += reading + FeedbackSource::memory(source);
    else
        job.plan.peakMemoryBytes = std::max(job.plan.peakMemoryBytes, reading);
    return job;
}

/// What was measured, now or before; none where nobody asked for it.
std::optional<ImportanceMatrix> importanceFor(const ModelSource& source, const QuantizeOptions& options,
                                              const ProgressFn& progress, const std::stop_token& stop) {
    if (!options.importance.empty()) {
        ImportanceMatrix matrix = readImportanceMatrix(options.importance);
        const auto fits = [&](const WeightRows& tensor) { return !matrix.of(tensor).empty(); };
        if (std::ranges::none_of(source.tensors(), fits))
            throw Error(ErrorKind::BadRequest, "This importance matrix was measured on another model.",
                        options.importance.string(), "Measure one on this model: nibble-cli calibrate MODEL.");
        return matrix;
    }
    if (!measures(options)) return std::nullopt;
    return measureImportance(source, options.calibration, threadsOf(options.threads), progress, stop);
}

/// Says in the file how it was made, with the peer's keys and ours.
void describe(const ImportanceMatrix& matrix, bool errorFeedback, GgufMetadata& metadata) {
    metadata.set("nibble.method", std::string(errorFeedback ? "GPTQ" : "round-to-nearest") + ", importance measured");
    metadata.set("quantize.imatrix.dataset", matrix.dataset);
    metadata.set("quantize.imatrix.entries_count", int32_t(matrix.tensors.size()));
    metadata.set("quantize.imatrix.chunks_count", matrix.chunks);
}

void refuseSourceAsOutput(const ModelSource& source, const std::filesystem::path& output) {
    std::error_code missing; // an output that does not exist yet is equivalent to nothing
    if (std::filesystem::equivalent(source.path(), output, missing))
        throw Error(ErrorKind::BadRequest, "The smaller model would replace the one it is made from.", output.string(),
                    "Choose another name for the smaller model.");
}

} // namespace

Care careOf(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kCareNames); ++i)
        if (name == kCareNames[i]) return Care(i);
    throw Error(ErrorKind::BadRequest, "There is no way of making models smaller called " + std::string(name) + ".", "",
                "Choose quick, better or careful.");
}

QuantizePlan planQuantize(const QuantizeOptions& options) {
    findRecipe(options.recipe); // a misspelt recipe should not wait for the model to be opened
    return jobOf(*openModel(options.source), options).plan;
}

QuantizeReport quantizeModel(const QuantizeOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    findRecipe(options.recipe);
    const auto source = openModel(options.source);
    refuseSourceAsOutput(*source, options.output);
    if (!options.overwrite) AtomicFile::refuseExisting(options.output);
    QuantizeJob job = jobOf(*source, options);
    const auto importance = importanceFor(*source, options, progress, stop);
    if (importance) {
        describe(*importance, options.care == Care::Careful, job.metadata);
        job.plan.fileBytes = GgufWriter::fileBytesOf(job.metadata, job.tensors);
    }
    ThreadPool pool(threadsOf(options.threads));
    Learned learned{importance ? &*importance : nullptr, nullptr};
    std::optional<FeedbackSource> feedback;
    if (options.care == Care::Careful) {
        feedback.emplace(*source, options.calibration, pool, progress, stop);
        learned.feedback = &*feedback;
    }
    runJob(*source, job, learned, options.output, options.overwrite, pool, progress, stop);
    return {options.output, std::move(job.plan), secondsSince(start)};
}

CalibrateReport calibrateModel(const CalibrateOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    const auto source = openModel(options.source);
    refuseSourceAsOutput(*source, options.output);
    if (!options.overwrite) AtomicFile::refuseExisting(options.output);
    const ImportanceMatrix matrix =
        measureImportance(*source, options.calibration, threadsOf(options.threads), progress, stop);
    writeImportanceMatrix(matrix, options.output, options.overwrite);
    return {options.output, int64_t(matrix.tensors.size()), matrix.tokens, secondsSince(start)};
}

} // namespace nibble
