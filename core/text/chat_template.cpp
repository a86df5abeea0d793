#include <ctime>
#include <text/chat_template.h>
#include <text/control_marks.h>
#include <text/hf_handles.h>
#include <text/reasoning.h>

namespace nibble {

namespace {

using nlohmann::ordered_json;

/// Now, as a wall clock at this place shows it, in seconds since 1970.
int64_t localNow() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    return int64_t(now) + local.tm_gmtoff;
}

constexpr const char* kChatMl = "{% for message in messages %}"
                                "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
                                "{% endfor %}"
                                "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

} // namespace

struct ChatTemplate::Impl {
    std::string source;
    ordered_json specials;
    HfTemplate compiled;
};

ChatTemplate::ChatTemplate(std::string source, ordered_json specials) {
    HfTemplate compiled(source);
    m_impl.reset(new Impl{std::move(source), std::move(specials), std::move(compiled)});
}
ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;

const std::string& ChatTemplate::source() const { return m_impl->source; }

bool ChatTemplate::knowsReasoning() const {
    for (const char* word : {"<think>", "</think>", "reasoning_content", "[THINK]", "<|channel|>", "enable_thinking"})
        if (source().find(word) != std::string::npos) return true;
    return false;
}

bool ChatTemplate::switchesThinking() const { return source().find("enable_thinking") != std::string::npos; }

std::string ChatTemplate::render(const ordered_json& variables, int64_t today) const {
    ordered_json all = m_impl->specials.is_object() ? m_impl->specials : ordered_json::object();
    all.update(variables);
    return m_impl->compiled.render(all, today < 0 ? localNow() : today);
}

std::vector<int32_t> ChatTemplate::tokens(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                          bool addGenerationPrompt, std::optional<bool> thinking) const {
    const ControlMarks marks(tokenizer);
    ordered_json list = ordered_json::array();
    for (const Message& message : messages) {
        const SplitAnswer parts =
            message.role == "assistant" ? splitReasoning(message.content) : SplitAnswer{{}, message.content};
        ordered_json entry{{"role", marks.mark(message.role)}, {"content", marks.mark(parts.answer)}};
        if (!parts.reasoning.empty()) // one of these is what the template knows
            for (const char* name : {"reasoning_content", "reasoning", "thinking"})
                entry[name] = marks.mark(parts.reasoning);
        list.push_back(std::move(entry));
    }
    ordered_json variables{{"messages", std::move(list)}, {"add_generation_prompt", addGenerationPrompt}};
    if (thinking) variables["enable_thinking"] = *thinking;
    const std::string text = render(variables);
    std::vector<int32_t> ids = marks.encode(text);
    const int32_t bos = tokenizer.bos();
    if (bos < 0) return ids;
    if (tokenizer.addBos() && (ids.empty() || ids[0] != bos)) ids.insert(ids.begin(), bos);
    while (ids.size() > 1 && ids[0] == bos && ids[1] == bos) ids.erase(ids.begin());
    return ids;
}

std::unique_ptr<ChatTemplate> chatMlTemplate() {
    return std::make_unique<ChatTemplate>(kChatMl, ordered_json::object());
}

} // namespace nibble
