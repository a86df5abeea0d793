// estimateModel() lies here because it must see both the recipes and the dry run.
#include <map>
#include <models/model_source.h>
#include <nibble/error.h>
#include <nibble/estimate.h>
#include <nibble/quantize.h>
#include <run/placement.h>

namespace nibble {

Estimate estimateModel(const EstimateRequest& request) {
    const std::unique_ptr<ModelSource> source = openModel(request.model);
    const SessionShape shape = sessionShape(planOf(*source), request.contextLength, request.kvFormat, request.precise);
    const auto estimate = [&](const ModelSource& of, uint64_t fileBytes) {
        if (request.imagined)
            return estimateImagined(of, fileBytes, shape, *request.imagined, request.device.gpuLayers);
        return estimateSource(of, fileBytes, shape,
                              choosePlacement(of, shape, request.device, bestCpuLevel(), request.threads));
    };
    if (request.recipe.empty()) return estimate(*source, source->fileBytes());

    QuantizeOptions options;
    options.source = request.model;
    options.recipe = request.recipe;
    options.allowRequantize = true; // only asked what it would be like
    const QuantizePlan plan = planQuantize(options);
    std::map<std::string, FormatId, std::less<>> formats;
    for (const PlannedTensor& tensor : plan.tensors)
        if (const Format* format = findFormat(tensor.to)) formats[tensor.name] = format->id;
    const auto smaller = withFormats(*source, [&](const WeightRows& tensor) {
        const auto found = formats.find(tensor.name);
        return found == formats.end() ? tensor.format : found->second;
    });
    Estimate result = estimate(*smaller, plan.fileBytes);
    result.bitsPerWeight = plan.bitsPerWeight; // vectors become F32 in the file
    return result;
}

} // namespace nibble
