#include <base/thread_pool.h>
#include <chrono>
#include <nibble/error.h>
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

int threadsOf(const QuantizeOptions& options) {
    return options.threads > 0 ? options.threads : ThreadPool::physicalCores();
}

QuantizeJob jobOf(const ModelSource& source, const QuantizeOptions& options) {
    return planJob(source, fullMetadata(source), findRecipe(options.recipe), options.allowRequantize,
                   threadsOf(options));
}

void refuseSourceAsOutput(const ModelSource& source, const std::filesystem::path& output) {
    std::error_code missing; // an output that does not exist yet is equivalent to nothing
    if (std::filesystem::equivalent(source.path(), output, missing))
        throw Error(ErrorKind::BadRequest, "The smaller model would replace the one it is made from.", output.string(),
                    "Choose another name for the smaller model.");
}

} // namespace

QuantizePlan planQuantize(const QuantizeOptions& options) {
    findRecipe(options.recipe); // a misspelt recipe should not wait for the model to be opened
    return jobOf(*openModel(options.source), options).plan;
}

QuantizeReport quantizeModel(const QuantizeOptions& options, const ProgressFn& progress, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    findRecipe(options.recipe);
    const auto source = openModel(options.source);
    refuseSourceAsOutput(*source, options.output);
    QuantizeJob job = jobOf(*source, options);
    ThreadPool pool(threadsOf(options));
    runJob(*source, job, options.output, options.overwrite, pool, progress, stop);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return {options.output, std::move(job.plan), seconds.count()};
}

} // namespace nibble
