// Chat templates: minijinja (core/text/hf) set up to render exactly what Hugging Face's environment renders, within
// limits (256 KiB source, fuel, recursion, 16 MiB output, 40 MiB of memory, 1.5 s): a template is untrusted input.
#pragma once

#include <cstdint>
#include <files/gguf.h>
#include <filesystem>
#include <memory>
#include <nibble/generate.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <text/tokenizer.h>
#include <vector>

namespace nibble {

class ChatTemplate {
public:
    /// Compiles. `specials`: {"bos_token": "...", "eos_token": ...} as strings. Throws Error{BadFile} with the line.
    ChatTemplate(std::string source, nlohmann::ordered_json specials);
    ~ChatTemplate();
    ChatTemplate(ChatTemplate&&) noexcept;

    /// Renders exactly as transformers does. `variables` are merged into the context (messages, tools,
    /// add_generation_prompt, enable_thinking, ...). `today`: seconds since 1970 for strftime_now (UTC), or < 0 for the
    /// clock. Throws Error{BadRequest} with the template's own message where it rejects the conversation.
    std::string render(const nlohmann::ordered_json& variables, int64_t today = -1) const;

    /// Renders and tokenizes a conversation so that control tokens typed by a user stay plain text (notes/models 3.4):
    /// they are marked before rendering and do not act. Without them the result is that of encode(render(),
    /// parseControl = true). BOS is put in front where the model wants it and the template has none, and never doubled.
    /// What an assistant thought first ("<think>...</think>") is no part of `content`; templates that want it find it
    /// as `reasoning_content`. `thinking`: the template's switch `enable_thinking`; absent, the template decides.
    std::vector<int32_t> tokens(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                bool addGenerationPrompt, std::optional<bool> thinking = {}) const;
    const std::string& source() const;
    /// The template speaks of reasoning, so the model may think before it answers.
    bool knowsReasoning() const;
    /// It has the switch `enable_thinking`.
    bool switchesThinking() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The model's template, or null where it has none (a base model).
std::unique_ptr<ChatTemplate> chatTemplateFromGguf(const GgufMetadata& metadata);
/// From chat_template.jinja, additional_chat_templates/, tokenizer_config.json (string or list), chat_template.json.
std::unique_ptr<ChatTemplate> chatTemplateFromFolder(const std::filesystem::path& folder);
/// A plain ChatML template, offered (never silently used) where a model's own is missing or broken.
std::unique_ptr<ChatTemplate> chatMlTemplate();

} // namespace nibble
