#include <text/reasoning.h>

#include <algorithm>
#include <utility>

namespace nibble {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kLongestHeader = 64;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

bool endsIn(const Tokenizer& tokenizer, std::span<const int32_t> prompt, std::string_view what) {
    const std::string end = tokenizer.decode(prompt.last(std::min<std::size_t>(prompt.size(), 16)), true);
    return trimmed(end).ends_with(what);
}

} // namespace

SplitAnswer splitReasoning(std::string_view text) {
    const std::string_view start = trimmed(text);
    if (!start.starts_with(kThinkBegin)) return {{}, std::string(text)};
    const std::size_t end = start.find(kThinkEnd);
    if (end == std::string_view::npos) return {std::string(trimmed(start.substr(kThinkBegin.size()))), {}};
    return {std::string(trimmed(start.substr(kThinkBegin.size(), end - kThinkBegin.size()))),
            std::string(trimmed(start.substr(end + kThinkEnd.size())))};
}

ReasoningDecoder::ReasoningDecoder(const Tokenizer& tokenizer, std::span<const int32_t> prompt) : m_decoder(tokenizer) {
    const std::pair<std::string_view, Mark> names[] = {{kThinkBegin, Mark::ThinkBegin},
                                                       {kThinkEnd, Mark::ThinkEnd},
                                                       {"[THINK]", Mark::ThinkBegin},
                                                       {"[/THINK]", Mark::ThinkEnd},
                                                       {"<|channel|>", Mark::Channel}};
    bool channels = false;
    for (const auto& [name, mark] : names) {
        const int32_t id = tokenizer.findToken(name);
        // An ordinary word of the vocabulary means nothing.
        if (id < 0 || tokenizer.tokenType(id) == TokenType::Normal) continue;
        m_marks[id] = mark;
        channels |= mark == Mark::Channel;
    }
    if (channels)
        for (const auto& [name, mark] :
             {std::pair("<|start|>", Mark::Start), {"<|message|>", Mark::Message}, {"<|end|>", Mark::End}})
            if (const int32_t id = tokenizer.findToken(name); id >= 0) m_marks[id] = mark;
    if (endsIn(tokenizer, prompt, kThinkBegin) || endsIn(tokenizer, prompt, "[THINK]"))
        m_pending = beginReasoning();
    else if (channels && endsIn(tokenizer, prompt, "<|start|>assistant"))
        m_where = Where::Header;
}

std::string ReasoningDecoder::beginReasoning() {
    if (std::exchange(m_where, Where::Reasoning) == Where::Reasoning) return {};
    return std::string(kThinkBegin);
}

std::string ReasoningDecoder::endReasoning() {
    if (std::exchange(m_where, Where::Answer) != Where::Reasoning) return {};
    m_end.clear();
    return std::string(kThinkEnd);
}

std::string ReasoningDecoder::onMark(Mark mark) {
    switch (mark) {
    case Mark::ThinkBegin:
        return beginReasoning();
    case Mark::ThinkEnd:
        return endReasoning();
    case Mark::Start:
    case Mark::Channel: {
        const std::string ended = endReasoning();
        m_where = Where::Header;
        m_channel.clear();
        return ended;
    }
    case Mark::Message: {
        if (m_where != Where::Header) return {};
        m_where = Where::Answer;
        return trimmed(m_channel).starts_with("analysis") ? beginReasoning() : std::string();
    }
    case Mark::End:
        return endReasoning();
    }
    return {};
}

std::string ReasoningDecoder::push(int32_t token) {
    std::string text = std::exchange(m_pending, {});
    if (const auto mark = m_marks.find(token); mark != m_marks.end()) {
        text += m_decoder.flush();
        return text + onMark(mark->second);
    }
    const std::string piece = m_decoder.push(token);
    if (m_where == Where::Header) {
        m_channel += piece;
        if (m_channel.size() <= kLongestHeader) return text;
        m_where = Where::Answer; // not a header after all
        return text + std::exchange(m_channel, {});
    }
    if (m_where == Where::Reasoning && !piece.empty()) { // some vocabularies have no token for the end
        m_end += piece;
        if (m_end.find(kThinkEnd) != std::string::npos)
            m_where = Where::Answer;
        else if (m_end.size() > kThinkEnd.size())
            m_end.erase(0, m_end.size() - kThinkEnd.size());
    }
    return text + piece;
}

std::string ReasoningDecoder::flush() {
    std::string text = std::exchange(m_pending, {});
    if (m_where == Where::Header) text += std::exchange(m_channel, {});
    return text + m_decoder.flush();
}

} // namespace nibble
