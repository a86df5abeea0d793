#include <run/conversation.h>

#include <algorithm>
#include <base/text.h>
#include <nibble/error.h>

namespace nibble {
namespace {

/// Where the turns begin that may be dropped: indices of user messages behind the leading system messages.
std::vector<std::size_t> turnStarts(std::span<const Message> messages, std::size_t first) {
    std::vector<std::size_t> starts;
    for (std::size_t i = first; i < messages.size(); ++i)
        if (messages[i].role == "user" || starts.empty()) starts.push_back(i);
    return starts;
}

} // namespace

void throwContextFull(std::size_t tokens, int32_t contextLength) {
    throw Error(
        ErrorKind::ContextFull, "The conversation is too long for the model's memory.",
        nibble::format("%zu tokens, and the context holds %d", tokens, contextLength),
        "Start a new conversation, let the oldest messages be forgotten, or load the model with a longer context.");
}

FittedConversation fitConversation(std::span<const Message> messages, int32_t contextLength, bool dropOldest,
                                   int32_t droppedBefore, const TokensOf& tokensOf) {
    const auto context = std::size_t(contextLength);
    FittedConversation fitted{tokensOf({messages.begin(), messages.end()}), 0};
    if (fitted.tokens.size() < context) return fitted;
    if (!dropOldest) throwContextFull(fitted.tokens.size(), contextLength);

    const auto isSystem = [](const Message& m) { return m.role == "system"; };
    const std::size_t head = std::size_t(std::ranges::find_if_not(messages, isSystem) - messages.begin());
    const std::vector<std::size_t> starts = turnStarts(messages, head);
    const auto without = [&](int32_t turns) {
        std::vector<Message> kept(messages.begin(), messages.begin() + std::ptrdiff_t(head));
        kept.insert(kept.end(), messages.begin() + std::ptrdiff_t(starts[std::size_t(turns)]), messages.end());
        return FittedConversation{tokensOf(kept), turns};
    };
    if (droppedBefore > 0 && std::size_t(droppedBefore) < starts.size()) {
        fitted = without(droppedBefore);
        if (fitted.tokens.size() < context) return fitted;
    }
    while (fitted.tokens.size() > context / 2 && std::size_t(fitted.droppedTurns) + 1 < starts.size())
        fitted = without(fitted.droppedTurns + 1);
    if (fitted.tokens.size() >= context) throwContextFull(fitted.tokens.size(), contextLength);
    return fitted;
}

} // namespace nibble
