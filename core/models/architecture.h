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

enum class QkNorm : uint8_t { None, PerHead, WholeRow }; // RMS norm of queries and keys before rope

/// What every token passes in a layer of experts besides those it chooses.
enum class SharedExpert : uint8_t {
    None,
    Gated,  // one more expert of the same input, dimmed by a number of its own
    Beside, // Gemma 4: a feed-forward part; it and the experts have norms of their own before and behind them
};

/// What a GGUF file calls the norms of a layer, without "blk.N." and ".weight"; null where there is none.
struct LayerNorms {
    const char* beforeAttention = "attn_norm";
    const char* afterAttention = nullptr; // of what attention adds to the hidden state
    const char* beforeFeedForward = "ffn_norm";
    const char* afterFeedForward = nullptr;
};

/// Everything the forward pass needs to know about one layer. Grows with new layer kinds.
struct LayerPlan {
    int32_t nHeads = 0, nKvHeads = 0, keyDim = 0, valueDim = 0;
    int32_t feedForward = 0;  // width; of one expert, where there are some
    int32_t sharedWidth = 0;  // of what every token passes besides its experts
    int32_t window = 0;       // sliding window in tokens, 0 = all
    int32_t rope = -1;        // index into ModelPlan::ropes, -1: no positions in this layer
    int32_t queryRope = -1;   // that of the queries: another one only where attention cools with distance
    float attentionScale = 0; // of q k^T
    float softcap = 0;
    DeltaNetSpec deltaNet; // of a layer that is one instead of attention
    int32_t kvFrom = -1;   // >= 0: this layer has no keys and values of its own but reads those of that earlier layer
};

/// A model's hyperparameters, expanded layer by layer from GGUF keys. Names follow the keys.
struct ModelPlan {
    std::string architecture; // "llama", "qwen2", ...
    int32_t vocabSize = 0, embedding = 0, contextLength = 0;
    float normEps = 0;
    float embeddingScale = 1, logitScale = 1, logitSoftcap = 0;
    float residualScale = 1; // of what attention and feed-forward add to the hidden state
    Activation activation = Activation::Silu;
    QkNorm qkNorm = QkNorm::None;
    bool valueNorm = false;      // values get an RMS norm without weights; where attn_v is missing, of attn_k's output
    bool gatedAttention = false; // attn_q holds a gate behind each head's query, which dims what the head attends to
    int32_t perLayerEmbedding = 0; // width of what each layer adds for the token itself, 0 = none
    LayerNorms norms;
    RouterSpec router; // of every layer; experts 0: feed-forward layers without experts
    SharedExpert shared = SharedExpert::None;
    std::vector<RopeSpec> ropes;
    std::vector<LayerPlan> layers;
};

/// Whether layers have states that cannot be cut back to an earlier position.
bool isRecurrent(const ModelPlan& plan);
/// Why the layers of a model cannot be divided between processor and graphics card, as in "whose layers share keys and
/// values"; null where they can.
const char* onlyOnOneDevice(const ModelPlan& plan);

/// The last layer whose keys and values others need, or it itself: behind it only tokens whose logits are wanted count.
int32_t lastWritingLayer(const ModelPlan& plan);
/// The next layer behind `layer` that needs no more of those before it than the hidden state (no keys and values), or
/// the number of layers.
int32_t nextCut(const ModelPlan& plan, int32_t layer);

class Keys;

constexpr int32_t kNoLayers = 1, kAllLayers = INT32_MAX; // for windowPeriod

/// One row of the table: what the files of an architecture leave unsaid.
struct Architecture {
    const char* name;                                   // GGUF general.architecture
    std::span<const std::string_view> huggingFaceTypes; // config.json model_type
    RopeKind rope = RopeKind::Neox;                     // order of rotary pairs in a GGUF file ...
    RopeKind folderRope = RopeKind::Neox;               // ... and in a Hugging Face folder
    QkNorm qkNorm = QkNorm::None;
    LayerNorms norms = {};
    Activation activation = Activation::Silu;
    int32_t windowPeriod = kNoLayers; // without a pattern, all but every n-th layer see the window only
    float localRopeBase = 0;          // > 0: windowed layers have a rope of their own, by default of this base
    int32_t noRopePeriod = 0;         // > 0: every n-th layer has no positions
    bool yarnTruncates = true;        // the ends of YaRN's ramp are whole dimensions, where a file does not say
    std::span<const std::string_view> understands = {}; // keys that refine() reads and that are refused elsewhere
    /// Adjusts the plan after the common keys were read; null where they say all.
    void (*refine)(const Keys& keys, ModelPlan& plan) = nullptr;

    // How a Hugging Face folder differs from a GGUF file:
    const char* postAttentionLayernorm = "ffn_norm"; // what GGUF calls this norm
    bool fusedExperts = false;                       // all experts of a layer are one tensor, see fused_experts.h
    bool normsLackOne = false;                       // a folder holds norm weights - 1
    const char* folderDefaults = "{}";               // what transformers assumes where config.json lacks a field
};

std::span<const Architecture* const> architectures();
const Architecture* findArchitecture(std::string_view ggufName);
const Architecture* findHuggingFaceType(std::string_view modelType);

/// Reads and checks the hyperparameters. `contextLength` > 0 is the session's context, where it changes the plan (long
/// rope). Throws Error{Unsupported} naming an unknown architecture or feature, Error{BadFile} naming the key.
ModelPlan planOf(const ModelSource& source, int32_t contextLength = 0);

} // namespace nibble
