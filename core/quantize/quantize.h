// Making a model smaller, from an opened source: what the public functions of nibble/quantize.h do after openModel().
#pragma once

#include <files/gguf.h>
#include <models/model_source.h>
#include <nibble/quantize.h>
#include <quantize/recipe.h>
#include <vector>

namespace nibble {

/// Everything that is decided before the first weight is read.
struct QuantizeJob {
    std::vector<FormatChoice> choices;            // one for each of the source's tensors
    std::vector<GgufWriter::Declaration> tensors; // of the output, in the source's order
    GgufMetadata metadata;                        // of the output
    QuantizePlan plan;
};

/// `metadata`: the source's, with the tokenizer's keys. Throws Error{BadRequest} for a quantized source without
/// `allowRequantize`. `threads`: of the pool that will run it, for the memory figure.
QuantizeJob planJob(const ModelSource& source, const GgufMetadata& metadata, const Recipe& recipe, bool allowRequantize,
                    int threads);

/// The same with the choices already made.
QuantizeJob planJob(const ModelSource& source, const GgufMetadata& metadata, const Recipe& recipe,
                    std::vector<FormatChoice> choices, bool allowRequantize, int threads);

/// What the options ask for at most, before anything is measured.
QuantizeJob plannedJob(const ModelSource& source, const QuantizeOptions& options);

class ThreadPool;
struct ImportanceMatrix;
class FeedbackSource;
/// What was learned from a text; either may be null.
struct Learned {
    const ImportanceMatrix* importance = nullptr;
    FeedbackSource* feedback = nullptr;
};
/// "AWQ, GPTQ, importance measured": how weights came about, for those who read a file or folder.
std::string methodName(bool scaled, const Learned& learned);

class UnfinishedJob;
/// Writes the job's file, and returns the number of tensors that were finished before. Nothing remains of it where
/// this throws, except what `unfinished` keeps. Without one nothing can be continued.
std::size_t runJob(const ModelSource& source, const QuantizeJob& job, const Learned& learned,
                   const std::filesystem::path& output, bool overwrite, ThreadPool& pool, const ProgressFn& progress,
                   std::stop_token stop, UnfinishedJob* unfinished = nullptr);

} // namespace nibble
