#include <run/session_impl.h>

#include <base/clock.h>
#include <nibble/error.h>
#include <run/conversation.h>
#include <run/stop_scope.h>
#include <run/stop_strings.h>
#include <text/json_schema.h>
#include <text/reasoning.h>
#include <text/sampler.h>
#include <text/token_constraint.h>

namespace nibble {
namespace {

/// Text on its way out: whole characters, up to a stop string.
class TextStream {
public:
    TextStream(const Tokenizer& tokenizer, std::span<const int32_t> prompt, const GenerateOptions& options,
               std::string& text, const std::function<void(std::string_view)>& onText)
        : m_decoder(tokenizer, prompt), m_stops(options.stopStrings), m_text(text), m_onText(onText) {}

    /// False once a stop string appeared.
    bool push(int32_t token) {
        show(m_stops.push(m_decoder.push(token)));
        return !m_stops.found();
    }
    /// The answer is being written, not what the model thinks first.
    bool inAnswer() const { return m_decoder.inAnswer(); }
    bool finish() {
        show(m_stops.push(m_decoder.flush()));
        if (!m_stops.found()) show(m_stops.flush());
        return !m_stops.found();
    }

private:
    void show(const std::string& piece) {
        if (piece.empty()) return;
        m_text += piece;
        if (m_onText) m_onText(piece);
    }

    ReasoningDecoder m_decoder;
    StopStrings m_stops;
    std::string& m_text;
    const std::function<void(std::string_view)>& m_onText;
};

/// Writes token after token behind `tokens` until something ends it. Nothing here grows: the vectors are reserved.
/// `top`: the largest logits, as many, are all that the sampler gets; 0: it gets all of them.
Finish decode(Session::Impl& impl, std::vector<int32_t>& tokens, std::size_t limit, const GenerateOptions& options,
              Sampler& sampler, int32_t top, TokenConstraint* constraint, TextStream& stream,
              std::vector<int32_t>& written, const std::stop_token& stop) {
    for (;;) {
        if (options.onLogits) options.onLogits(impl.logits(0));
        const bool constrains = constraint && stream.inAnswer();
        const auto logits = [&] { return constrains ? constraint->masked(impl.logits(0)) : impl.logits(0); };
        const int32_t token =
            top > 0 ? sampler.sampleLargest(impl.largestLogits(top)) : sampler.sample(logits(), tokens);
        if ((constraint || !options.ignoreEndOfTurn) && impl.tokenizer->isEndOfTurn(token)) return Finish::EndOfTurn;
        tokens.push_back(token);
        written.push_back(token);
        if (constrains) constraint->accept(token);
        if (!stream.push(token)) return Finish::StopString;
        if (constrains && constraint->isComplete()) return Finish::EndOfTurn;
        if (options.maxTokens > 0 && written.size() == std::size_t(options.maxTokens)) return Finish::MaxTokens;
        if (tokens.size() == limit) return Finish::ContextFull;
        throwIfStopped(stop);
        impl.step({&token, 1}, 1, top);
    }
}

} // namespace

Generated Session::Impl::generate(std::vector<int32_t> tokens, const GenerateOptions& options,
                                  const std::function<void(std::string_view)>& onText, const std::stop_token& stop) {
    const auto limit = std::size_t(model.contextLength);
    Generated result;
    result.contextLength = model.contextLength;
    result.promptTokens = int32_t(tokens.size());
    result.reusedTokens = reusable(tokens);
    tokens.reserve(limit);
    result.tokens.reserve(limit - tokens.size());

    std::vector<int32_t> breakers;
    if (options.sampling.dryMultiplier > 0) breakers = tokensWithAny(*tokenizer, options.sampling.dryBreakers);
    Sampler sampler(options.sampling, usableVocab, breakers);
    result.seed = sampler.seed();
    std::optional<TokenConstraint> constraint;
    if (!options.jsonSchema.empty()) {
        if (!tokenTrie) tokenTrie = std::make_unique<TokenTrie>(*tokenizer, usableVocab);
        constraint.emplace(grammarOfJsonSchema(options.jsonSchema), *tokenTrie, *tokenizer);
    }
    const bool needsAll = constraint || options.onLogits;
    const int32_t top = needsAll ? 0 : topOnCard(sampler.decisive());
    TextStream stream(*tokenizer, tokens, options, result.text, onText);
    const StopScope scope(*this, stop);
    Clock::time_point start = Clock::now();
    double* seconds = &result.prefillSeconds;
    try {
        prefill(tokens, result.reusedTokens, top);
        checkFiles();
        result.prefillSeconds = secondsSince(start);
        start = Clock::now();
        seconds = &result.decodeSeconds;
        result.finish = decode(*this, tokens, limit, options, sampler, top, constraint ? &*constraint : nullptr, stream,
                               result.tokens, stop);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::Canceled) throw;
        result.finish = Finish::Stopped; // what was written is kept
    }
    *seconds = secondsSince(start);
    checkFiles();
    if (!stream.finish()) result.finish = Finish::StopString;
    result.contextUsed = int32_t(tokens.size());
    return result;
}

Generated Session::complete(std::string_view prompt, const GenerateOptions& options,
                            const std::function<void(std::string_view)>& onText, std::stop_token stop) {
    std::vector<int32_t> tokens = tokenize(prompt, true);
    if (tokens.empty()) throw Error(ErrorKind::BadRequest, "There is no text to continue.");
    if (tokens.size() >= std::size_t(m_impl->model.contextLength))
        throwContextFull(tokens.size(), m_impl->model.contextLength);
    return m_impl->generate(std::move(tokens), options, onText, stop);
}

Generated Session::chat(std::span<const Message> messages, const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, std::stop_token stop, bool allowChatMl) {
    Impl& impl = *m_impl;
    if (messages.empty()) throw Error(ErrorKind::BadRequest, "There is no message to answer.");
    if (!impl.chatTemplate && !allowChatMl)
        throw Error(ErrorKind::Unsupported, "This model does not say how a conversation is written down for it.",
                    impl.templateProblem.empty() ? "no chat template" : impl.templateProblem,
                    "It can continue text; or chat with it anyway in the usual form (ChatML).");
    if (!impl.chatTemplate && !impl.chatMl) impl.chatMl = chatMlTemplate();
    const ChatTemplate& chatTemplate = impl.chatTemplate ? *impl.chatTemplate : *impl.chatMl;

    const auto tokensOf = [&](const std::vector<Message>& kept) {
        return chatTemplate.tokens(*impl.tokenizer, kept, true, options.thinking);
    };
    FittedConversation fitted =
        fitConversation(messages, impl.model.contextLength, options.dropOldestTurns, impl.droppedTurns, tokensOf);
    impl.droppedTurns = fitted.droppedTurns;
    Generated result = impl.generate(std::move(fitted.tokens), options, onText, stop);
    result.droppedTurns = fitted.droppedTurns;
    return result;
}

} // namespace nibble
