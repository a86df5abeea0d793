// The one forward pass.
#pragma once

#include <compute/backend.h>
#include <models/architecture.h>
#include <nibble/progress.h>

namespace nibble {

/// What a delta net has instead of queries, keys and values.
struct DeltaNetOnBackend {
    WeightId qkv, outputGate, alpha, beta, outputNorm;
    DeltaNetWeights weights;
    StateId state;
    BufferId qkvRows;             // (maxRows, channels)
    BufferId outputGateRows;      // as attended
    BufferId alphaRows, betaRows; // (maxRows, nValueHeads)
};

/// Wdown (activation(Wgate h) * Wup h), of one feed-forward part or of all experts.
struct FeedForwardOnBackend {
    WeightId gate, up, down, gateBias, upBias, downBias;
    BufferId gateRows, upRows; // (maxRows, width); experts: a row a slot
};

/// Handles of one layer on a backend. Layers of the same widths share their buffers.
struct LayerOnBackend {
    WeightId attnNorm, q, k, v, qBias, kBias, vBias, qNorm, kNorm, attnOut, attnOutBias, afterAttnNorm;
    WeightId sinks, queryGate;
    WeightId ffnNorm, afterFfnNorm;
    FeedForwardOnBackend ffn; // the experts, where there are some
    WeightId router, routerBias;
    FeedForwardOnBackend shared; // what every token passes besides the experts it chooses; then one of
    WeightId sharedGate;         // ... what dims it: (1, embedding)
    WeightId routerNorm, expertScales, beforeExpertsNorm, afterExpertsNorm, afterSharedNorm; // ... Gemma 4's
    WeightId inputGate, inputProjection, afterInputNorm; // of the token's embedding for this layer
    float outputScale = 1;                               // of the hidden state behind the layer
    KvId kv;                                             // of the layer that kvFrom names, where that is another one
    BufferId qRows;                                      // (maxRows, nHeads * keyDim)
    BufferId kRows, vRows;                               // (maxRows, nKvHeads * keyDim), (maxRows, nKvHeads * valueDim)
    BufferId attended;                                   // (maxRows, nHeads * valueDim)
    BufferId queryGateRows;                              // as attended
    DeltaNetOnBackend net; // of a layer that is one: then of the above only the norms, attnOut and attended count
};

/// A model's weights, caches and buffers on a backend.
struct ModelOnBackend {
    ModelPlan plan;
    int32_t contextLength = 0, maxRows = 0, maxLogitRows = 0;
    WeightId tokenEmbedding, outputNorm, output, outputBias;
    WeightId perLayerTable, perLayerProjection, perLayerNorm; // of models with an embedding for every layer, as are
    BufferId perLayerTokens, perLayer;                        // (maxRows, layers * perLayerEmbedding)
    BufferId inputGateRows, inputRows;                        // (maxRows, perLayerEmbedding)
    std::vector<LayerOnBackend> layers;
    std::vector<RopeId> ropes;
    RouterId router;       // of a model with experts, as are
    BufferId routerLogits; // (maxRows, experts)
    BufferId expertRows;   // (maxRows * used, embedding)
    BufferId mixedRows;    // (maxRows, embedding): their sum, where it is normed
    BufferId dimRows;      // (maxRows, 1)
    BufferId x, xNorm;     // (maxRows, embedding)
    BufferId logits;       // (maxLogitRows, vocabSize)
    BufferId top;          // (topRows(vocabSize), 2 * kMostTopValues): of topValues()
};

/// Checks name, format and shape of every tensor (all faults in one Error{BadFile}), hands the weights to the backend
/// and allocates KV for `contextLength` positions, buffers for batches of maxRows tokens, of which the last
/// maxLogitRows get logits.
ModelOnBackend placeModel(Backend& backend, const ModelSource& source, int32_t contextLength, KvFormat kv,
                          int32_t maxRows, int32_t maxLogitRows, const ProgressFn& progress = {},
                          std::stop_token stop = {});

/// Positions that a layer's KV cache has room for: the context, or a sliding window and one batch.
int32_t kvCapacity(const LayerPlan& layer, int32_t contextLength, int32_t maxRows);

/// The largest `count` of the logits of the first `tokens` tokens; 0: not wanted.
struct TopLogits {
    int32_t count = 0, tokens = 0;
};

/// Runs tokens (at most maxRows) at positions pos0...; logits of the last `logitRows` tokens end up in rows 0.. of
/// model.logits (0 .. maxLogitRows), the largest ones of row 0 in row 0 of model.top. Calls begin and finish.
void forward(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
             int32_t logitRows, TopLogits top = {});

/// The same in two steps, for logits of more rows than the buffer holds: the hidden states of the last `wanted` tokens,
/// ...
void forwardHidden(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t pos0,
                   int32_t wanted);
/// ... then logits of `rows` (at most maxLogitRows) tokens of that batch, from its token `row0` on.
void logitsOfHidden(Backend& backend, const ModelOnBackend& model, int32_t pos0, int32_t row0, int32_t rows);

/// Layers [first, end) alone, for a text of at most maxRows tokens: in front of another layer than the first,
/// the hidden states of all its tokens have been written to model.x, where those behind the last one end up.
/// `first` has to be where the plan can be cut (nextCut()).
void forwardLayers(Backend& backend, const ModelOnBackend& model, std::span<const int32_t> tokens, int32_t first,
                   int32_t end);

} // namespace nibble
