// The memory estimate: a dry run of what Session does.
#pragma once

#include <compute/backend.h>
#include <functional>
#include <models/forward.h>
#include <models/model_source.h>
#include <nibble/estimate.h>

namespace nibble {

/// How a session is laid out. The same for loading and for estimating.
struct SessionShape {
    int32_t contextLength = 0;
    int32_t maxRows = 0, maxLogitRows = 0; // of a batch on the processor
    double macsOfRow = 1;                  // of the largest operation, multiply-adds for each row of the batch
    KvFormat kv = KvFormat::F16;
    InputTerms terms = InputTerms::One;
};

/// `contextLength` 0: min(4096, the model's). Throws Error{BadRequest} for a context the model cannot have or an
/// unknown KV format.
SessionShape sessionShape(const ModelPlan& plan, int32_t contextLength, const std::string& kvFormat,
                          bool precise = false);

struct Placement;
/// Largest batch: cards that hold the whole model take more rows at once, which they read prompts several times faster
/// with.
int32_t rowsOfBatch(const SessionShape& shape, const Placement& placement);

/// The format a tensor would have in another recipe.
using FormatOfTensor = std::function<FormatId(const WeightRows&)>;
/// A view of a model with its matrices in other formats, for estimates only: its bytes must not be read.
std::unique_ptr<ModelSource> withFormats(const ModelSource& source, const FormatOfTensor& formatOf);

/// What a session of `source` takes where `placement` puts it. `fileBytes`: of the file that the source stands for.
/// `available`: bytes of memory that models may take; by default of this computer.
Estimate estimateSource(const ModelSource& source, uint64_t fileBytes, const SessionShape& shape,
                        const Placement& placement, std::optional<uint64_t> available = {});
/// The same on a computer that is not there.
Estimate estimateImagined(const ModelSource& source, uint64_t fileBytes, const SessionShape& shape,
                          const ImaginedComputer& computer, int32_t gpuLayers);

} // namespace nibble
