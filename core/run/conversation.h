// Making a conversation fit the context.
#pragma once

#include <cstdint>
#include <functional>
#include <nibble/generate.h>
#include <span>
#include <vector>

namespace nibble {

struct FittedConversation {
    std::vector<int32_t> tokens;
    int32_t droppedTurns = 0;
};

using TokensOf = std::function<std::vector<int32_t>(const std::vector<Message>&)>;

/// The conversation's tokens, fewer than `contextLength`. Where they are too many and `dropOldest` is set, the oldest
/// turns (a user's message and all up to the next one; system messages at the start stay) are left out until half of
/// the context is free again, so that the next turns can go on from the KV cache; `droppedBefore` turns are tried first
/// for the same reason. Throws Error{ContextFull} where that is not allowed or the last turn alone is too long.
FittedConversation fitConversation(std::span<const Message> messages, int32_t contextLength, bool dropOldest,
                                   int32_t droppedBefore, const TokensOf& tokensOf);

[[noreturn]] void throwContextFull(std::size_t tokens, int32_t contextLength);

} // namespace nibble
