// The one forward pass.
#pragma once

#include <compute/backend.h>
#include <models/architecture.h>
#include <nibble/progress.h>

namespace nibble {

struct LayerWeights {
    WeightId attnNorm, q, k, v, qBias, kBias, vBias, qNorm, kNorm, attnOut, attnOutBias;
    WeightId ffnNorm, gate, up, down, gateBias, upBias, downBias;
    KvId kv;
};

/// A model's weights, caches and buffers on a backend.
struct ModelOnBackend {
    ModelPlan plan;
    int32_t contextLength = 0, maxRows = 0;
    WeightId tokenEmbedding, outputNorm, output, outputBias;
    std::vector<LayerWeights> layers;
    std::vector<RopeId> ropes;
    BufferId x, xNorm, q, k, v, attention, gate, up, logits;
    int32_t maxLogitRows = 0;
};

/// Checks name, format and shape of every tensor (all faults in one Error{BadFile}), hands the weights to the backend and
/// allocates KV for `contextLength` positions, buffers for batches of maxRows tokens, of which the last maxLogitRows get logits.
ModelOnBackend placeModel(Backend& backend, const ModelSource& source, int32_t contextLength, KvFormat kv,
                          int32_t maxRows, int32_t maxLogitRows, const ProgressFn& progress = {}, std::stop_token stop = {});

/// Runs tokens (at most maxRows) at positions pos0...; logits of the last `logitRows` tokens end up in rows 0.. of
/// model.logits (logitRows may be 0). Calls begin and finish.
void forward(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0, int32_t logitRows);

} // namespace nibble
