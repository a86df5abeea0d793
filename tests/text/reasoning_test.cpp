// Models that think first: their marks become "<think>", and what they thought leaves the history.

#include "made_vocabulary.h"

#include <gtest/gtest.h>
#include <text/chat_template.h>
#include <text/reasoning.h>

namespace nibble {
namespace {

using nlohmann::ordered_json;

/// The vocabulary with more tokens of a type at its end.
std::unique_ptr<Tokenizer> with(const std::vector<std::string>& more, TokenType type) {
    GgufMetadata m = test::byteLevelVocabulary();
    std::vector<std::string> tokens = *m.strings("tokenizer.ggml.tokens");
    std::vector<int32_t> types(tokens.size(), 1);
    for (std::size_t id = 263; id < 266; ++id) types[id] = 3;
    types[266] = 4;
    for (const std::string& token : more) {
        tokens.push_back(token);
        types.push_back(int32_t(type));
    }
    m.set("tokenizer.ggml.tokens", tokens);
    m.set("tokenizer.ggml.token_type", types);
    return tokenizerFromGguf(m);
}

/// What is shown of the tokens of `written`, which go on from `prompt`; `answer` gets what counts as the answer.
std::string shown(const Tokenizer& tokenizer, const std::string& prompt, const std::string& written,
                  std::string* answer = nullptr) {
    ReasoningDecoder decoder(tokenizer, tokenizer.encode(prompt, true));
    std::string all;
    for (const int32_t token : tokenizer.encode(written, true)) {
        const bool counts = decoder.inAnswer();
        const std::string text = decoder.push(token);
        if (answer && counts) *answer += text;
        all += text;
    }
    return all + decoder.flush();
}

TEST(Reasoning, SplitsWhatStandsInFront) {
    const auto parts = [](std::string_view text) {
        const SplitAnswer split = splitReasoning(text);
        return split.reasoning + "|" + split.answer;
    };
    EXPECT_EQ(parts("Hello\n"), "|Hello\n");
    EXPECT_EQ(parts("<think>\nwell\n</think>\n\nHello"), "well|Hello");
    EXPECT_EQ(parts("  <think></think>Hello"), "|Hello");
    EXPECT_EQ(parts("<think>cut off"), "cut off|");
    EXPECT_EQ(parts("I say <think> and </think>"), "|I say <think> and </think>"); // not in front
    EXPECT_EQ(parts(""), "|");
}

TEST(Reasoning, TagsAreShownEvenWhereTheyAreControlTokens) {
    const auto user = with({"</think>"}, TokenType::UserDefined);
    EXPECT_EQ(shown(*user, "hello", "<think>hell</think>hello"), "<think>hell</think>hello");
    const auto control = with({"[THINK]", "[/THINK]"}, TokenType::Control);
    EXPECT_EQ(shown(*control, "hello", "[THINK]hell[/THINK]hello"), "<think>hell</think>hello");
    const auto plain = with({}, TokenType::Control); // no token for the end
    std::string answer;
    EXPECT_EQ(shown(*plain, "hello<think>", "hell</think>hello", &answer), "<think>hell</think>hello");
    EXPECT_EQ(answer, "hello");
}

TEST(Reasoning, APromptThatBeginsItIsShown) {
    const auto tokenizer = with({"</think>"}, TokenType::UserDefined);
    std::string answer;
    EXPECT_EQ(shown(*tokenizer, "<|im_start|>hello<think>\n", "hell</think>hello", &answer),
              "<think>hell</think>hello");
    EXPECT_EQ(answer, "hello");
    // The switch of Qwen3 writes an empty one, after which comes the answer.
    answer.clear();
    EXPECT_EQ(shown(*tokenizer, "<think>\n\n</think>\n\n", "hello", &answer), "hello");
    EXPECT_EQ(answer, "hello");
}

TEST(Reasoning, ChannelsOfGptOss) {
    const auto tokenizer = with({"<|start|>", "<|channel|>", "<|message|>", "<|end|>"}, TokenType::Control);
    std::string answer;
    EXPECT_EQ(shown(*tokenizer, "<|start|>assistant",
                    "<|channel|>analysis<|message|>hell<|end|><|start|>assistant<|channel|>final<|message|>hello",
                    &answer),
              "<think>hell</think>hello");
    EXPECT_EQ(answer, "hello");
    EXPECT_EQ(shown(*tokenizer, "<|start|>assistant", "<|channel|>final<|message|>hello"), "hello");
    EXPECT_EQ(shown(*tokenizer, "<|start|>assistant", "<|channel|>analysis<|message|>hell"), "<think>hell");
    // A model that leaves out its header is not lost.
    EXPECT_EQ(shown(*tokenizer, "<|start|>assistant", "hello"), "hello");
    const std::string longText(300, 'x');
    EXPECT_EQ(shown(*tokenizer, "<|start|>assistant", longText), longText);
}

TEST(Reasoning, LeavesTheHistoryAsTheTemplateWants) {
    const auto tokenizer = with({"</think>"}, TokenType::UserDefined);
    const std::vector<Message> messages{
        {"user", "hello"}, {"assistant", "<think>\nhell\n</think>\n\nend"}, {"user", "im"}};
    const auto rendered = [&](const char* source, std::optional<bool> thinking = {}) {
        return tokenizer->decode(
            ChatTemplate(source, ordered_json::object()).tokens(*tokenizer, messages, true, thinking), true);
    };
    EXPECT_EQ(rendered("{% for m in messages %}[{{ m.content }}]{% endfor %}"), "<s>[hello][end][im]");
    EXPECT_EQ(rendered("{% for m in messages %}[{% if m.reasoning_content %}({{ m.reasoning_content }}){% endif %}{{ "
                       "m.content }}]{% endfor %}"),
              "<s>[hello][(hell)end][im]");
    const char* switched = "{% if enable_thinking is defined and not enable_thinking %}off{% else %}on{% endif %}";
    EXPECT_EQ(rendered(switched), "<s>on");
    EXPECT_EQ(rendered(switched, false), "<s>off");
    EXPECT_TRUE(ChatTemplate(switched, ordered_json::object()).switchesThinking());
    EXPECT_TRUE(ChatTemplate(switched, ordered_json::object()).knowsReasoning());
    EXPECT_FALSE(chatMlTemplate()->knowsReasoning());
}

TEST(ChatTemplate, NamedOnes) {
    GgufMetadata m = test::byteLevelVocabulary();
    EXPECT_FALSE(chatTemplateFromGguf(m));
    m.set("tokenizer.chat_template.tool_use", std::string("tools"));
    EXPECT_EQ(chatTemplateFromGguf(m)->source(), "tools");
    m.set("tokenizer.chat_template.default", std::string("usual"));
    EXPECT_EQ(chatTemplateFromGguf(m)->source(), "usual");
    m.set("tokenizer.chat_template", std::string("first"));
    EXPECT_EQ(chatTemplateFromGguf(m)->source(), "first");
}

TEST(ChatTemplate, ToolsAndDocumentsAreNoneWhereThereAreNone) {
    const ChatTemplate chat(
        "{{ tools is none }} {{ documents is none }}{% if tools %}{{ tools[0].function.name }}{% endif %}",
        ordered_json::object());
    EXPECT_EQ(chat.render(ordered_json::object(), 0), "True True");
    EXPECT_EQ(chat.render({{"tools", {{{"function", {{"name", "f"}}}}}}}, 0), "False Truef");
}

} // namespace
} // namespace nibble
