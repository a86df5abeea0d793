// A vocabulary as a tree of bytes, laid out depth first, so that an automaton walks through all tokens with one step
// for each start that several of them share.
#pragma once

#include <cstdint>
#include <text/grammar.h>
#include <text/tokenizer.h>
#include <vector>

namespace nibble {

class TokenTrie {
public:
    /// Tokens 0 ... size - 1. Those without bytes (control tokens) and those that end a turn are not in it.
    TokenTrie(const Tokenizer& tokenizer, int32_t size);
    int32_t size() const { return m_size; }
    /// Sets allowed[id] for every token whose bytes the automaton can read from `state`; clears all others.
    void findAllowed(Automaton& automaton, Automaton::State state, std::vector<bool>& allowed) const;

private:
    struct Node {
        uint32_t end;   // index behind the last node below this one
        uint32_t first; // its tokens: m_tokens[first] ... up to the next node's first
        uint16_t depth; // bytes before this one
        uint8_t byte;
    };
    int32_t m_size;
    std::vector<Node> m_nodes; // and one behind the last
    std::vector<int32_t> m_tokens;
    std::size_t m_longest = 0;
};

} // namespace nibble
