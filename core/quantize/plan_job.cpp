#include <algorithm>
#include <base/checked.h>
#include <map>
#include <nibble/error.h>
#include <nibble/passport.h>
#include <quantize/chunks.h>
#include <quantize/quantize.h>

namespace nibble {

namespace {

std::vector<int64_t> shapeOf(const WeightRows& tensor) {
    std::vector<int64_t> shape = {tensor.cols};
    if (tensor.dims >= 2) shape.push_back(tensor.rows);
    if (tensor.dims >= 3) shape.push_back(int64_t(tensor.planes.size()));
    return shape;
}

/// The name of the format that most of the source's weights are in.
std::string mainFormat(const ModelSource& source) {
    std::map<FormatId, int64_t> weights;
    for (const WeightRows& tensor : source.tensors()) weights[tensor.format] += tensor.elements();
    const auto most = std::max_element(weights.begin(), weights.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == weights.end() ? "" : format(most->first).name;
}

GgufMetadata outputMetadata(const ModelSource& source, const GgufMetadata& metadata, const Recipe& recipe) {
    GgufMetadata out = metadata;
    if (recipe.asIs) { // whatever says how the weights came about stays true
        if (isQuantized(source)) out.set("general.quantization_version", uint32_t(2));
        return out;
    }
    // They describe how the source was made smaller, if it was.
    for (const char* key :
         {"quantize.imatrix.file", "quantize.imatrix.dataset", "quantize.imatrix.entries_count",
          "quantize.imatrix.chunks_count", "nibble.calibration_sha256", "general.quantization_version"})
        out.remove(key);
    for (const auto& [key, value] : metadata.entries()) // what was measured of the source
        if (key.starts_with(kPassportPrefix)) out.remove(key);
    out.set("general.file_type", recipe.fileType);
    if (format(recipe.base).codeBits != 0) {
        out.set("general.quantization_version", uint32_t(2));
        out.set("general.quantized_by", std::string("Nibble " NIBBLE_VERSION));
    }
    out.set("nibble.version", std::string(NIBBLE_VERSION));
    out.set("nibble.recipe", recipe.info.name);
    out.set("nibble.method", std::string("round-to-nearest"));
    out.set("nibble.source_format", mainFormat(source));
    return out;
}

PlannedTensor planned(const WeightRows& tensor, const FormatChoice& choice) {
    const Format& to = format(choice.format);
    PlannedTensor out{tensor.name, format(tensor.format).name, to.name, shapeOf(tensor), tensor.bytes()};
    out.bytesAfter = checkedMul(to.rowBytes(tensor.cols), uint64_t(tensor.rows) * tensor.planes.size(), tensor.name);
    out.reason = choice.reason;
    return out;
}

} // namespace

QuantizeJob planJob(const ModelSource& source, const GgufMetadata& metadata, const Recipe& recipe, bool allowRequantize,
                    int threads) {
    return planJob(source, metadata, recipe, chooseFormats(source, recipe), allowRequantize, threads);
}

QuantizeJob planJob(const ModelSource& source, const GgufMetadata& metadata, const Recipe& recipe,
                    std::vector<FormatChoice> choices, bool allowRequantize, int threads) {
    if (isQuantized(source) && !allowRequantize && !recipe.asIs)
        throw Error(ErrorKind::BadRequest,
                    "This model was already made smaller; doing it again would lose quality twice.",
                    source.path().string() + ": its weights are in " + mainFormat(source),
                    "Start from the original model, or allow it explicitly (--allow-requantize).");
    QuantizeJob job;
    job.choices = std::move(choices);
    job.metadata = outputMetadata(source, metadata, recipe);
    job.plan.recipe = recipe.info.name;
    uint64_t weightBytes = 0, elements = 0;
    for (std::size_t t = 0; t < job.choices.size(); ++t) {
        const WeightRows& tensor = source.tensors()[t];
        job.plan.tensors.push_back(planned(tensor, job.choices[t]));
        job.tensors.push_back({tensor.name, job.choices[t].format, job.plan.tensors.back().shape});
        weightBytes += job.plan.tensors.back().bytesAfter;
        elements += uint64_t(tensor.elements());
    }
    job.plan.sourceBytes = source.fileBytes();
    job.plan.fileBytes = GgufWriter::fileBytesOf(job.metadata, job.tensors);
    job.plan.peakMemoryBytes = chunkMemory(source, job.choices, threads);
    if (elements > 0) job.plan.bitsPerWeight = 8.0 * double(weightBytes) / double(elements);
    return job;
}

} // namespace nibble
