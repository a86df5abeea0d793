// The table of architectures: one file and one line each. All run through the one forward pass in forward.h.
#pragma once

#include <compute/backend.h>
#include <cstdint>
#include <models/model_source.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

/// Everything the forward pass needs to know about one layer. Grows with new layer kinds.
struct LayerPlan {
    int32_t nHeads = 0, nKvHeads = 0, keyDim = 0, valueDim = 0, feedForward = 0;
    int32_t window = 0;       // sliding window in tokens, 0 = all
    int32_t rope = -1;        // index into ModelPlan::ropes, -1: no positions in this layer
    float attentionScale = 0; // of q k^T
    float softcap = 0;
};

/// A model's hyperparameters, expanded layer by layer from GGUF keys. Names follow the keys.
struct ModelPlan {
    std::string architecture; // "llama", "qwen2", ...
    int32_t vocabSize = 0, embedding = 0, contextLength = 0;
    float normEps = 0;
    float embeddingScale = 1, residualScale = 1, logitScale = 1, logitSoftcap = 0;
    Activation activation = Activation::Silu;
    bool qkNormPerHead = false; // RMS norm of each q and k head before rope
    std::vector<RopeSpec> ropes;
    std::vector<LayerPlan> layers;
};

struct Architecture {
    const char* name;                                   // GGUF general.architecture
    std::span<const std::string_view> huggingFaceTypes; // config.json model_type
    RopeKind rope;                                      // order of rotary pairs in a GGUF file
    bool qkNorm;                                        // attn_q_norm and attn_k_norm are expected
    bool tiedByDefault;                                 // when config.json does not say tie_word_embeddings
    /// Adjusts the plan after the common keys were read; null where the common keys say all.
    void (*refine)(const ModelSource& source, ModelPlan& plan);
};

std::span<const Architecture* const> architectures();
const Architecture* findArchitecture(std::string_view ggufName);
const Architecture* findHuggingFaceType(std::string_view modelType);

/// Reads and checks the hyperparameters. `contextLength` > 0 is the session's context, where it changes the plan (long
/// rope). Throws Error{Unsupported} naming an unknown architecture or feature, Error{BadFile} naming the key.
ModelPlan planOf(const ModelSource& source, int32_t contextLength = 0);

} // namespace nibble
