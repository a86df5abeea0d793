#include <ctime>
#include <text/chat_template.h>
#include <text/control_marks.h>
#include <text/hf_handles.h>

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

std::string ChatTemplate::render(const ordered_json& variables, int64_t today) const {
    ordered_json all = m_impl->specials.is_object() ? m_impl->specials : ordered_json::object();
    all.update(variables);
    return m_impl->compiled.render(all, today < 0 ? localNow() : today);
}

std::vector<int32_t> ChatTemplate::tokens(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                                          bool addGenerationPrompt) const {
    const ControlMarks marks(tokenizer);
    ordered_json list = ordered_json::array();
    for (const Message& message : messages)
        list.push_back({{"role", marks.mark(message.role)}, {"content", marks.mark(message.content)}});
    const std::string text = render({{"messages", list}, {"add_generation_prompt", addGenerationPrompt}});
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
