// Models that think before they answer: what they write first is set apart as "<think>...</think>" at the start of the
// text, whatever marks the model itself has for it, and is taken out of the history again.
#pragma once

#include <string>
#include <string_view>
#include <text/tokenizer.h>
#include <unordered_map>

namespace nibble {

inline constexpr std::string_view kThinkBegin = "<think>", kThinkEnd = "</think>";

struct SplitAnswer {
    std::string reasoning, answer; // without white space around
};
/// Of a text that begins with "<think>"; without an end all of it is reasoning. Others are all answer, unchanged.
SplitAnswer splitReasoning(std::string_view text);

/// A StreamDecoder that turns a model's marks into "<think>" and "</think>": [THINK] (Magistral), and the channels of
/// gpt-oss (harmony: "<|channel|>analysis<|message|>...<|end|>", of which "final" is the answer).
class ReasoningDecoder {
public:
    /// `prompt`: what the model goes on from; where it ends inside of reasoning, or before a channel, the text does not
    /// begin with the answer.
    ReasoningDecoder(const Tokenizer& tokenizer, std::span<const int32_t> prompt);
    std::string push(int32_t token);
    std::string flush();
    /// What is written now is the answer, not the reasoning or a mark around it.
    bool inAnswer() const { return m_where == Where::Answer; }

private:
    enum class Where : uint8_t { Answer, Reasoning, Header };
    enum class Mark : uint8_t { ThinkBegin, ThinkEnd, Start, Channel, Message, End };
    std::string onMark(Mark mark);
    std::string beginReasoning();
    std::string endReasoning();

    StreamDecoder m_decoder;
    std::unordered_map<int32_t, Mark> m_marks;
    Where m_where = Where::Answer;
    std::string m_pending; // goes before the next text
    std::string m_channel; // its name, as far as it has come
    std::string m_end;     // the last characters, where "</think>" is no token
};

} // namespace nibble
