// The answers of several models to the same prompts.
#pragma once

#include <compare/answers.h>
#include <nibble/compare.h>
#include <nibble/inspect.h>
#include <span>

namespace nibble {

class Asking {
public:
    /// The models, the original first, must outlive this. A seed of 0 is drawn here, once for all of them.
    Asking(std::span<const ModelInfo> models, std::vector<std::string> prompts, GenerateOptions generate);

    std::size_t count() const { return m_prompts.size(); }
    const std::string& prompt(std::size_t prompt) const { return m_prompts[prompt]; }
    /// Tokens of context that every prompt and its answer get along with; 0 without prompts.
    int64_t contextNeeded() const;

    /// Lets a model answer a prompt: with its chat template where all have one. `onText` hears of each piece of it.
    void answer(Session& session, std::size_t model, std::size_t prompt, const std::function<void()>& onText,
                const std::stop_token& stop);
    /// The original's answer and that of another model, once both are there.
    AnswerPair pair(std::size_t model, std::size_t prompt) const;

private:
    struct Written { // by a model to a prompt
        std::string text;
        std::vector<int32_t> promptTokens, tokens;
        double speed = 0; // tokens per second; 0: too short to say
    };

    std::span<const ModelInfo> m_models;
    std::vector<std::string> m_prompts;
    GenerateOptions m_generate;
    bool m_useTemplate = true;
    std::vector<std::vector<Written>> m_written; // by model, then prompt
    std::vector<Chances> m_chances;              // of the original, by prompt
};

} // namespace nibble
