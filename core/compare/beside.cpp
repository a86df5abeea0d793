#include <algorithm>
#include <compare/beside.h>
#include <nibble/error.h>
#include <nibble/estimate.h>

namespace nibble {

bool fitTogether(std::span<const ModelInfo> models, int32_t contextLength, int32_t threads, uint64_t moreBytes,
                 uint64_t availableBytes) {
    uint64_t needed = moreBytes;
    for (const ModelInfo& model : models) {
        EstimateRequest request;
        request.model = model.path;
        request.contextLength = contextLength;
        request.threads = threads;
        request.device.device = "cpu";
        needed += estimateModel(request).totalBytes;
    }
    return judgeFit({needed, availableBytes}, models.front().layers).fit == Fit::Fits;
}

std::unique_ptr<Session> loadBeside(const ModelInfo& model, int32_t contextLength, int32_t threads,
                                    const ProgressFn& progress, const std::stop_token& stop) {
    LoadOptions options;
    options.model = model.path;
    options.contextLength = contextLength;
    options.threads = threads;
    options.device.device = "cpu";
    return Session::load(options, progress, stop);
}

ModelInfo inspectToRun(const std::filesystem::path& model) {
    ModelInfo info = inspectModel(model);
    if (!info.supported) throw Error(ErrorKind::Unsupported, info.unsupportedReason, info.path.string());
    return info;
}

int32_t contextWithin(std::span<const ModelInfo> models, int64_t wanted) {
    for (const ModelInfo& model : models)
        if (model.contextLength > 0) wanted = std::min<int64_t>(wanted, model.contextLength);
    return int32_t(std::min<int64_t>(wanted, INT32_MAX));
}

} // namespace nibble
