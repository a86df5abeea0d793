#pragma once

#include <base/thread_pool.h>
#include <compute/backend.h>
#include <models/forward.h>
#include <models/model_source.h>
#include <nibble/generate.h>
#include <run/placement.h>
#include <text/chat_template.h>
#include <text/sampler.h>
#include <text/token_trie.h>
#include <text/tokenizer.h>

namespace nibble {

struct Session::Impl {
    explicit Impl(int threads) : pool(threads) {}

    ThreadPool pool;
    std::unique_ptr<ModelSource> source;
    std::unique_ptr<Tokenizer> tokenizer;
    std::unique_ptr<ChatTemplate> chatTemplate, chatMl; // null: none; not needed so far
    std::unique_ptr<TokenTrie> tokenTrie;               // null: not needed so far
    std::string templateProblem;                        // why the model's own is not used
    SessionShape shape;
    Placement placement;
    std::unique_ptr<Backend> backend; // uses the pool
    ModelOnBackend model;
    std::stop_token stopped; // of the call under way
    Info info;
    std::array<Sampler::Candidate, kMostTopValues> largest{}; // of largestLogits()
    int32_t usableVocab = 0;     // rows of logits that stand for tokens; the rest is padding
    std::vector<int32_t> cached; // tokens whose keys and values lie in the cache, by position
    int32_t written = 0;         // positions ever written since the cache was last empty
    // Of a model with recurrent layers, whose states cannot be cut back to any earlier position:
    int32_t stateAt = 0; // the states are those behind so many of the cached tokens; -1: of nothing that makes sense
    int32_t keptAt = 0;  // the same of the states set aside (Backend::keepStates()); 0: none
    int32_t droppedTurns = 0; // of the last conversation that was too long

    /// Makes the backend and puts the model on it. Where the graphics card fails: on the processor, with the reason.
    void place(bool checkMemory, const ProgressFn& progress, const std::stop_token& stopLoading);
    void describePlacement();
    /// run(); where the graphics card fails in it: the model moves to the processor, the cache is computed again, then
    /// run() once more.
    void survivingDevice(const std::function<void()>& run);
    /// Tokens of `prompt` that need not be computed again. The last one always is: its logits are needed. With
    /// recurrent layers all that was computed, or up to the states set aside, or none.
    int32_t reusable(std::span<const int32_t> prompt) const;
    /// Runs tokens[from...] in batches after cutting the cache to `from` tokens; logits of the last one are in row 0,
    /// the `top` largest of them in largestLogits(). Throws Error{Canceled}; the cache then holds what was complete.
    void prefill(std::span<const int32_t> tokens, int32_t from, int32_t top = 0);
    /// Goes back to the states behind the first `from` of the cached tokens.
    void rewindStates(int32_t from);
    /// Runs one batch at the end of the cache; goes on on the processor where the graphics card fails.
    void step(std::span<const int32_t> tokens, int32_t logitRows, int32_t top = 0);
    /// Runs tokens at positions from... over what the KV cache holds before them, past the record of what is cached;
    /// calls back with the logits of positions >= firstLogit.
    void readAt(int32_t from, std::span<const int32_t> tokens, int32_t firstLogit, const OnLogits& onLogits);
    /// Throws Error{ContextFull} where n tokens do not fit.
    void checkLength(int32_t n) const;
    void clearCache();
    /// Throws where a token has no row in the embedding: tokenizer and weights come from files that need not agree.
    void checkTokens(std::span<const int32_t> tokens) const;
    /// Logits of a row after a step, without the vocabulary's padding.
    std::span<const float> logits(int32_t row) const;
    /// How many of the largest logits a sampler that needs `decisive` should ask for: none where a card cannot sort out
    /// so many, or the processor has them all anyway.
    int32_t topOnCard(int32_t decisive) const;
    /// The `top` largest logits of row 0 after a step that was asked for them. Valid until the next call.
    std::span<const Sampler::Candidate> largestLogits(int32_t top);
    /// Throws where a file that is still in use changed.
    void checkFiles() const;

    /// Answers `prompt` (1 .. contextLength - 1 tokens).
    Generated generate(std::vector<int32_t> prompt, const GenerateOptions& options,
                       const std::function<void(std::string_view)>& onText, const std::stop_token& stop);
};

/// The model's sampling settings from general.sampling.* and its kind; values that make no sense count as absent.
Sampling samplingOf(const GgufMetadata& metadata, std::optional<bool> thinking = {});

} // namespace nibble
