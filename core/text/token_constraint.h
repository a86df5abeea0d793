// Tokens that a grammar allows next: what it does not allow is given the logit -infinity before sampling.
#pragma once

#include <memory>
#include <span>
#include <text/token_trie.h>
#include <unordered_map>

namespace nibble {

class TokenConstraint {
public:
    /// `trie` and `tokenizer` must outlive it.
    TokenConstraint(std::shared_ptr<const Grammar> grammar, const TokenTrie& trie, const Tokenizer& tokenizer);
    /// A copy of `logits` without what is not allowed; tokens that end a turn are allowed where the text may end.
    /// Throws Error{Unsupported} where the vocabulary has no token that can go on. Valid until the next call.
    std::span<const float> masked(std::span<const float> logits);
    /// The token was written. It has to be one that was allowed.
    void accept(int32_t token);
    /// The text is whole and nothing can follow.
    bool isComplete() const { return m_automaton.isComplete(m_state); }

private:
    const std::vector<bool>& allowed();

    Automaton m_automaton;
    Automaton::State m_state;
    const TokenTrie& m_trie;
    const Tokenizer& m_tokenizer;
    std::unordered_map<Automaton::State, std::vector<bool>> m_allowed; // of the states met most recently
    std::vector<float> m_logits;
};

} // namespace nibble
