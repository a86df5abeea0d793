#include <algorithm>
#include <base/atomic_file.h>
#include <base/clock.h>
#include <base/text.h>
#include <base/thread_pool.h>
#include <nibble/error.h>
#include <nibble/human.h>
#include <numeric>
#include <optional>
#include <quantize/calibrate.h>
#include <quantize/divergence_probe.h>
#include <quantize/export_folder.h>
#include <quantize/feedback_source.h>
#include <quantize/mixture.h>
#include <quantize/quantize.h>
#include <quantize/scale_search.h>
#include <quantize/unfinished_job.h>
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
bool measures(const QuantizeOptions& options) {
    return options.importance.empty() && (options.care != Care::Quick || options.size.measured());
}

void checkRecipe(const QuantizeOptions& options) {
    const SizeTarget& size = options.size;
    if ((size.bytes > 0) + !size.ofRecipe.empty() + !size.asFile.empty() > 1)
        throw Error(ErrorKind::BadRequest, "Only one size can be had at a time.", "",
                    "Give a number of bytes, a recipe or a file.");
    if (!size.finerLayers.empty() && size.asFile.empty())
        throw Error(ErrorKind::BadRequest, "Layers can be made finer than those of a file that is there.", "",
                    "Name it with --formats-of.");
    if (!size.ofRecipe.empty()) findRecipe(size.ofRecipe);
    if (!size.given() && !folderRecipe(options.recipe)) findRecipe(options.recipe);
}

/// Where the options ask for a folder.
std::optional<FolderRecipe> folderOf(const QuantizeOptions& options) {
    return options.size.given() ? std::nullopt : folderRecipe(options.recipe);
}

/// Not for folders unless asked: who reads them does not round inputs.
bool findsScales(const QuantizeOptions& options) {
    return options.scales.value_or(options.care == Care::Careful && !folderOf(options));
}

QuantizeJob mixtureJob(const ModelSource& source, const QuantizeOptions& options, const Mixture& mixture) {
    std::vector<FormatChoice> choices;
    const double all = std::accumulate(mixture.costs.begin(), mixture.costs.end(), 0.0);
    for (std::size_t t = 0; t < mixture.formats.size(); ++t)
        choices.push_back({mixture.formats[t], all > 0 && mixture.costs[t] > 0
                                                   ? format("%.2g %% of the loss", 100 * mixture.costs[t] / all)
                                                   : ""});
    QuantizeJob job = planJob(source, fullMetadata(source), mixtureRecipe(source, mixture.formats), std::move(choices),
                              options.allowRequantize, threadsOf(options.threads));
    job.plan.measuredDivergence = mixture.divergence;
    return job;
}

constexpr uint64_t kMostKeys = 4096; // bytes that describe() may add to a file

/// The bytes that the tensors of the file may take.
uint64_t bytesForTensors(const ModelSource& source, const QuantizeOptions& options) {
    const int threads = threadsOf(options.threads);
    const GgufMetadata metadata = fullMetadata(source);
    const QuantizeJob usual =
        planJob(source, metadata, findRecipe(options.size.ofRecipe.empty() ? "Q8_0" : options.size.ofRecipe),
                options.allowRequantize, threads);
    uint64_t tensors = 0;
    for (std::size_t t = 0; t < usual.choices.size(); ++t)
        tensors += bytesInFile(source.tensors()[t], usual.choices[t].format);
    const uint64_t target = options.size.bytes > 0 ? options.size.bytes : usual.plan.fileBytes;
    const uint64_t keys = usual.plan.fileBytes - tensors + kMostKeys, least = keys + smallestMixture(source);
    if (target < least)
        throw Error(ErrorKind::BadRequest, "This model cannot be made that small.",
                    format("%s (%llu bytes) were asked for", humanBytes(target).c_str(),
                           static_cast<unsigned long long>(target)),
                    format("%s (%llu bytes) is the smallest size there is.", humanBytes(least).c_str(),
                           static_cast<unsigned long long>(least)));
    return target - keys;
}

} // namespace

QuantizeJob plannedJob(const ModelSource& source, const QuantizeOptions& options) {
    if (!options.size.asFile.empty()) {
        Mixture mixture = mixtureOfFile(source, *openModel(options.size.asFile));
        makeFiner(source, options.size.finerLayers, mixture);
        return mixtureJob(source, options, mixture);
    }
    if (options.size.given())
        return mixtureJob(source, options, guessMixture(source, bytesForTensors(source, options)));
    return planJob(source, fullMetadata(source), findRecipe(options.recipe), options.allowRequantize,
                   threadsOf(options.threads));
}

namespace {

void checkText(const QuantizeOptions& options) {
    if (options.care == Care::Quick && !findsScales(options) && !options.calibration.text.empty() &&
        !options.size.measured())
        throw Error(ErrorKind::BadRequest, "A quick job reads no sample text.", options.calibration.text.string(),
                    "Choose \"better\" or \"careful\" (--care), or leave the text out.");
}

/// What reading a text takes beside writing.
void addReading(const ModelSource& source, const QuantizeOptions& options, QuantizePlan& plan) {
    const CalibrationOptions& text = options.calibration;
    const int32_t threads = threadsOf(options.threads);
    if (options.care == Care::Careful) // reads while the file is written
        plan.peakMemoryBytes += FeedbackSource::memory(source, text, threads);
    else if (findsScales(options))
        plan.peakMemoryBytes = std::max(plan.peakMemoryBytes, MomentSource::memory(source, text, threads));
    else if (measures(options))
        plan.peakMemoryBytes = std::max(plan.peakMemoryBytes, layerReaderMemory(source, text, threads));
}

/// Of the program itself, the vocabulary and what the allocator keeps: 27 MB were seen beside the buffers of a job.
constexpr uint64_t kProgramBytes = 40'000'000;

QuantizeJob jobOf(const ModelSource& source, const QuantizeOptions& options) {
    checkText(options);
    QuantizeJob job = plannedJob(source, options);
    addReading(source, options, job.plan);
    if (options.size.measured()) { // the model of that size is read, too
        std::vector<FormatId> formats;
        for (const FormatChoice& choice : job.choices) formats.push_back(choice.format);
        const uint64_t probing = DivergenceProbe::memory(source, formats, threadsOf(options.threads));
        job.plan.peakMemoryBytes = std::max(job.plan.peakMemoryBytes, probing);
    }
    job.plan.peakMemoryBytes += kProgramBytes;
    return job;
}

/// What was measured, now or before; none where nobody asked for it.
std::optional<ImportanceMatrix> importanceFor(const ModelSource& source, const QuantizeOptions& options,
                                              const UnfinishedJob* unfinished, const ProgressFn& progress,
                                              const std::stop_token& stop) {
    if (!options.importance.empty()) {
        ImportanceMatrix matrix = readImportanceMatrix(options.importance);
        const auto fits = [&](const WeightRows& tensor) { return !matrix.of(tensor).empty(); };
        if (std::ranges::none_of(source.tensors(), fits))
            throw Error(ErrorKind::BadRequest, "This importance matrix was measured on another model.",
                        options.importance.string(), "Measure one on this model: nibble-cli calibrate MODEL.");
        return matrix;
    }
    if (!measures(options)) return std::nullopt;
    if (unfinished)
        if (auto kept = unfinished->importance()) return kept;
    ImportanceMatrix matrix =
        measureImportance(source, options.calibration, threadsOf(options.threads), progress, stop);
    return unfinished ? unfinished->keepImportance(matrix) : std::move(matrix);
}

/// The formats that suit the size; what they are found by is added to `importance`.
Mixture mixtureFor(const ModelSource& source, const QuantizeOptions& options, const UnfinishedJob* unfinished,
                   ImportanceMatrix& importance, ThreadPool& pool, const ProgressFn& progress,
                   const std::stop_token& stop) {
    if (unfinished)
        if (auto kept = unfinished->mixture(source)) return std::move(*kept);
    if (importance.sensitivities.empty()) {
        importance.sensitivities = measureSensitivities(source, &importance, options.calibration, pool, progress, stop);
        if (unfinished && options.importance.empty()) importance = unfinished->keepImportance(importance);
    }
    Mixture mixture = findMixture(source, importance, importance.sensitivities, bytesForTensors(source, options),
                                  options.calibration, pool, progress, stop);
    if (unfinished) unfinished->keepMixture(mixture);
    return mixture;
}

/// Says in the file how it was made, with the peer's keys and ours.
void describe(const QuantizeOptions& options, bool scaled, const Learned& learned, QuantizeJob& job) {
    if (!scaled && !learned.importance && !learned.feedback) return;
    job.metadata.set("nibble.method", methodName(scaled, learned));
    if (const ImportanceMatrix* matrix = learned.importance) {
        job.metadata.set("quantize.imatrix.dataset", printable(matrix->dataset, 1000)); // within kMostKeys
        job.metadata.set("quantize.imatrix.entries_count", int32_t(matrix->tensors.size()));
        job.metadata.set("quantize.imatrix.chunks_count", matrix->chunks);
    }
    const std::string hash =
        scaled || learned.feedback ? calibrationTextOf(options.calibration).hash() : learned.importance->datasetHash;
    if (!hash.empty()) job.metadata.set("nibble.calibration_sha256", hash);
    job.plan.fileBytes = GgufWriter::fileBytesOf(job.metadata, job.tensors);
}

/// The progress of a job that reads now and then while it writes: one bar, that of the writing.
class OneBar {
public:
    explicit OneBar(const ProgressFn& progress) : m_progress(progress) {}
    ProgressFn writing() {
        return [this](const Progress& progress) { show(m_last = progress); };
    }
    ProgressFn reading() {
        return [this](const Progress& progress) {
            m_last.item = progress.item;
            show(m_last);
        };
    }

private:
    void show(const Progress& progress) const {
        if (m_progress) m_progress(progress);
    }

    const ProgressFn& m_progress;
    Progress m_last{"Making smaller", {}};
};

/// Where nobody asks for scales, GPTQ is better off alone in fewer bits: SmolLM2 loses 9 % more with them at the size
/// of Q4_K_M (as llama.cpp reads it), 6 % less at that of Q5_K_M, half in Q8_0.
constexpr int kFewestScaledBits = 5;

/// What is learned from a text about rounding into known formats, and kept for as long as weights are rounded.
class Study {
public:
    Study(const ModelSource& source, const QuantizeOptions& options, std::span<const Format* const> formats,
          std::optional<ImportanceMatrix> importance, ThreadPool& pool, const ProgressFn& progress,
          const std::stop_token& stop)
        : m_importance(std::move(importance)), m_bar(progress) {
        if (findsScales(options)) {
            const int leastBits = options.scales ? 0 : kFewestScaledBits;
            m_scales = searchScales(source, formats, importanceOrNull(), options.care == Care::Careful, leastBits,
                                    options.calibration, pool, progress, stop);
            m_scaled = scaledSource(source, m_scales);
            if (m_importance) m_importance = scaledImportance(*m_importance, m_scales);
        }
        if (options.care == Care::Careful)
            m_feedback.emplace(source, &m_scales, options.calibration, pool, m_bar.reading(), stop);
    }
    Study(const Study&) = delete;
    Study& operator=(const Study&) = delete;

    const ChannelScales& scales() const { return m_scales; }
    Learned learned() { return {importanceOrNull(), m_feedback ? &*m_feedback : nullptr}; }
    /// For the writing.
    ProgressFn progress() { return m_bar.writing(); }
    /// The weights that are rounded.
    const ModelSource& weights(const ModelSource& source) const { return m_scaled ? *m_scaled : source; }

private:
    const ImportanceMatrix* importanceOrNull() const { return m_importance ? &*m_importance : nullptr; }

    std::optional<ImportanceMatrix> m_importance;
    OneBar m_bar;
    ChannelScales m_scales;
    std::unique_ptr<ModelSource> m_scaled;
    std::optional<FeedbackSource> m_feedback;
};

FolderExport folderJob(const ModelSource& source, const QuantizeOptions& options, const FolderRecipe& recipe) {
    checkText(options);
    FolderExport work(source, recipe, findsScales(options), threadsOf(options.threads));
    addReading(source, options, work.plan);
    work.plan.peakMemoryBytes += kProgramBytes;
    return work;
}

/// Measures what is to be measured and writes the file. Completes the job. The tensors that were finished before.
std::size_t quantizeSource(const ModelSource& source, const QuantizeOptions& options, QuantizeJob& job,
                           UnfinishedJob* unfinished, const ProgressFn& progress, const std::stop_token& stop) {
    auto importance = importanceFor(source, options, unfinished, progress, stop);
    ThreadPool pool(threadsOf(options.threads));
    if (options.size.measured()) {
        const uint64_t memory = job.plan.peakMemoryBytes;
        job = mixtureJob(source, options, mixtureFor(source, options, unfinished, *importance, pool, progress, stop));
        job.plan.peakMemoryBytes = memory;
        job.metadata.set("nibble.divergence", float(*job.plan.measuredDivergence));
    }
    std::vector<const Format*> formats;
    for (const FormatChoice& choice : job.choices) formats.push_back(&format(choice.format));
    Study study(source, options, formats, std::move(importance), pool, progress, stop);
    describe(options, !study.scales().columns.empty(), study.learned(), job);
    return runJob(study.weights(source), job, study.learned(), options.output, options.overwrite, pool,
                  study.progress(), stop, unfinished);
}

/// The same for a folder.
QuantizeReport quantizeToFolder(const ModelSource& source, const QuantizeOptions& options, const FolderRecipe& recipe,
                                const ProgressFn& progress, const std::stop_token& stop) {
    const auto start = Clock::now();
    AtomicFile::refuseExisting(options.output);
    FolderExport work = folderJob(source, options, recipe);
    const auto unfinished = UnfinishedJob::open(options.output, identityOf(source, options));
    if (!unfinished)
        throw Error(ErrorKind::Io, "The folder cannot be written there.", printable(options.output.string(), 1000),
                    "Choose another place with --output.");
    auto importance = importanceFor(source, options, unfinished.get(), progress, stop);
    ThreadPool pool(threadsOf(options.threads));
    Study study(source, options, work.formats(), std::move(importance), pool, progress, stop);
    work.write(study.weights(source), study.scales(), study.learned(), unfinished->emptyFolder(), pool,
               study.progress(), stop);
    throwIfStopped(stop);
    unfinished->commitFolder(options.output);
    return {options.output, std::move(work.plan), secondsSince(start), 0};
}

void refuseSourceAsOutput(const ModelSource& source, const std::filesystem::path& output) {
    std::error_code missing; // an output that does not exist yet is equivalent to nothing
    if (std::filesystem::equivalent(source.path(), output, missing))
        throw Error(ErrorKind::BadRequest, "The smaller model would replace the one it is made from.", output.string(),
                    "Choose another name for the smaller model.");
}

} // namespace

std::string methodName(bool scaled, const Learned& learned) {
    return std::string(scaled ? "AWQ, " : "") + (learned.feedback ? "GPTQ with descent" : "round-to-nearest") +
           (learned.importance ? ", importance measured" : "");
}

Care careOf(std::string_view name) {
    for (std::size_t i = 0; i < std::size(kCareNames); ++i)
        if (name == kCareNames[i]) return Care(i);
    throw Error(ErrorKind::BadRequest, "There is no way of making models smaller called " + std::string(name) + ".", "",
                "Choose quick, better or careful.");
}

QuantizePlan planQuantize(const QuantizeOptions& options) {
    checkRecipe(options); // a misspelt recipe should not wait for the model to be opened
    const auto source = openModel(options.source);
    if (const auto folder = folderOf(options)) return folderJob(*source, options, *folder).plan;
    return jobOf(*source, options).plan;
}

int32_t finishedTensors(const QuantizeOptions& options) {
    return finishedTensorsOf(options.output, identityOf(*openModel(options.source), options));
}

QuantizeReport quantizeModel(const QuantizeOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    checkRecipe(options);
    const auto source = openModel(options.source);
    refuseSourceAsOutput(*source, options.output);
    if (const auto folder = folderOf(options)) return quantizeToFolder(*source, options, *folder, progress, stop);
    if (!options.overwrite) AtomicFile::refuseExisting(options.output);
    QuantizeJob job = jobOf(*source, options);
    const auto unfinished = UnfinishedJob::open(options.output, identityOf(*source, options));
    try {
        const std::size_t before = quantizeSource(*source, options, job, unfinished.get(), progress, stop);
        return {options.output, std::move(job.plan), secondsSince(start), int32_t(before)};
    } catch (const Error& error) {
        if (unfinished && error.kind == ErrorKind::Canceled && options.keepWhenStopped && options.keepWhenStopped())
            unfinished->keep();
        throw;
    }
}

CalibrateReport calibrateModel(const CalibrateOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = Clock::now();
    const auto source = openModel(options.source);
    refuseSourceAsOutput(*source, options.output);
    if (!options.overwrite) AtomicFile::refuseExisting(options.output);
    ImportanceMatrix matrix =
        measureImportance(*source, options.calibration, threadsOf(options.threads), progress, stop);
    if (options.sensitivities) {
        ThreadPool pool(threadsOf(options.threads));
        matrix.sensitivities = measureSensitivities(*source, &matrix, options.calibration, pool, progress, stop);
    }
    writeImportanceMatrix(matrix, options.output, options.overwrite);
    return {options.output, int64_t(matrix.tensors.size()), matrix.tokens, secondsSince(start)};
}

} // namespace nibble
