// Loading a model and letting it write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nibble/devices.h>
#include <nibble/progress.h>
#include <nibble/sampling.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nibble {

struct LoadOptions {
    std::filesystem::path model;
    int32_t contextLength = 0;    // tokens; 0: min(4096, the model's)
    std::string kvFormat = "f16"; // "f16" or "q8_0"
    int32_t threads = 0;          // 0: one per physical core
    DeviceChoice device;          // automatic
    /// Inputs of products with quantized weights are rounded to 16 bits, not 8: slower, and nearer to what the weights
    /// say; then processor and graphics cards agree in all but the last digits.
    bool precise = false;
    std::string cpuLevel;      // "", "scalar", "avx2", "avxvnni", "avx512", "neon": for tests and comparisons
    bool ignoreMemory = false; // load although judgeFit() says it does not fit
};

struct Message {
    /// "system", "user", "assistant". What a model thought before its answer stands in front of it as
    /// "<think>...</think>"; it is given back as the model's template wants it, which usually is not at all.
    std::string role, content;
};

struct GenerateOptions {
    Sampling sampling;
    int32_t maxTokens = 1024; // 0: until the model ends or the context is full
    std::vector<std::string> stopStrings;
    bool dropOldestTurns =
        false; // where the conversation is too long: drop the oldest turns instead of Error{ContextFull}
    /// Whether the model thinks first, where its template has that switch (Info::canSwitchThinking); absent: as the
    /// template has it.
    std::optional<bool> thinking;
    /// A JSON schema (its text) that the answer follows, behind what the model thinks first; text/json_schema.h says
    /// what of it can be asked for. An answer that is cut off by maxTokens or the context is not whole.
    std::string jsonSchema;
    bool ignoreEndOfTurn = false; // for measuring
    /// Sees the logits (vocabulary) that each token is drawn from, before sampling changes anything.
    std::function<void(std::span<const float> logits)> onLogits;
};

enum class Finish { EndOfTurn, StopString, MaxTokens, ContextFull, Stopped };

struct Generated {
    std::string text; // with what the model thought first as "<think>...</think>" in front
    std::vector<int32_t> tokens;
    Finish finish = Finish::EndOfTurn;
    int32_t promptTokens = 0, reusedTokens = 0, contextUsed = 0, contextLength = 0, droppedTurns = 0;
    double prefillSeconds = 0, decodeSeconds = 0;
    /// Repeats the text when given in SamplingOptions, with one limit: reused tokens (reusedTokens) were computed in
    /// other steps than read anew, which rounds differently, and a draw on the edge can fall the other way.
    uint64_t seed = 0;
};

/// A model in memory with one conversation's KV cache. Use from one thread at a time.
class Session {
public:
    /// Throws Error{NoMemory} with what is missing where judgeFit() says no.
    static std::unique_ptr<Session> load(const LoadOptions& options, const ProgressFn& progress = {},
                                         std::stop_token stop = {});
    ~Session();

    struct Info {
        std::string name, backend, cpuLevel;
        std::string device, deviceReason; // id of what it runs on; why not (all) on a graphics card, or ""
        int32_t layers = 0, gpuLayers = 0;
        int32_t contextLength = 0, vocabSize = 0;
        uint64_t memoryBytes = 0; // allocated and mapped, as MemoryUse::total()
        bool hasChatTemplate = false;
        bool thinks = false, canSwitchThinking = false; // before it answers; see GenerateOptions::thinking
        double loadSeconds = 0;
    };
    const Info& info() const;
    /// The model's own sampling settings (generation_config.json or general.sampling.*), those that its makers
    /// recommend for its kind where it has none, our defaults for the rest. `thinking` as in GenerateOptions: some
    /// kinds want other settings without.
    Sampling suggestedSampling(std::optional<bool> thinking = {}) const;

    /// Answers the conversation's last message. Only what the KV cache lacks is computed. `onText` gets whole UTF-8
    /// characters. A model without a chat template: Error{Unsupported} unless `allowChatMl`.
    Generated chat(std::span<const Message> messages, const GenerateOptions& options,
                   const std::function<void(std::string_view)>& onText = {}, std::stop_token stop = {},
                   bool allowChatMl = false);
    /// Continues plain text.
    Generated complete(std::string_view prompt, const GenerateOptions& options,
                       const std::function<void(std::string_view)>& onText = {}, std::stop_token stop = {});

    // --- For measuring.
    std::vector<int32_t> tokenize(std::string_view text, bool addBos) const;
    std::string detokenize(std::span<const int32_t> tokens) const;
    /// BOS where the model wants one at the start of plain text, else -1.
    int32_t bosToken() const;
    /// Forgets the cache, runs tokens from position 0 and calls back with rows of logits (vocabSize each) of positions
    /// >= firstLogit.
    using OnLogits = std::function<void(int32_t position, std::span<const float> logits)>;
    void evaluate(std::span<const int32_t> tokens, int32_t firstLogit, const OnLogits& onLogits,
                  std::stop_token stop = {});
    /// ln of the probability of each continuation after `prompt` (1 token or more), which is read only once. A
    /// continuation has at least one token. Forgets the cache.
    std::vector<double> logLikelihoods(std::span<const int32_t> prompt,
                                       std::span<const std::vector<int32_t>> continuations, std::stop_token stop = {});
    /// Prefill and decode speed in tokens per second: the best of `repeats` runs of nPrompt and nDecode tokens.
    struct Speed {
        double prefill = 0, decode = 0;
    };
    Speed measureSpeed(int32_t nPrompt, int32_t nDecode, int32_t repeats, std::stop_token stop = {});
    /// What writing one token takes in the middle of the context.
    struct Trace {
        int32_t position = 0;
        int64_t dispatches = 0;                // operations; on a graphics card: kernels
        int64_t barriers = 0, submissions = 0; // on a graphics card
        double weightBytes = 0, kvBytes = 0;   // read, and of the KV cache written, too
        /// The least there is to read: every weight of the model's file once (of a separate embedding one row, of a
        /// layer's experts as many as a token chooses), and the keys and values so far.
        double leastBytes = 0;
    };
    Trace traceToken(std::stop_token stop = {});

    struct Impl;

private:
    explicit Session(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace nibble
