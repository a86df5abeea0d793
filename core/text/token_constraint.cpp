#include <algorithm>
#include <cassert>
#include <cmath>
#include <nibble/error.h>
#include <text/token_constraint.h>

namespace nibble {

namespace {

constexpr std::size_t kMuch = Automaton::kMostHeld / 8; // some ten megabytes: time to forget what was passed
constexpr std::size_t kMostMasks = 64;

} // namespace

TokenConstraint::TokenConstraint(std::shared_ptr<const Grammar> grammar, const TokenTrie& trie,
                                 const Tokenizer& tokenizer)
    : m_automaton(std::move(grammar)), m_state(m_automaton.start()), m_trie(trie), m_tokenizer(tokenizer) {
    m_logits.reserve(std::size_t(trie.size()));
}

const std::vector<bool>& TokenConstraint::allowed() {
    if (const auto known = m_allowed.find(m_state); known != m_allowed.end()) return known->second;
    if (m_automaton.held() > kMuch) {
        m_state = m_automaton.compact(m_state);
        m_allowed.clear();
    }
    if (m_allowed.size() >= kMostMasks) m_allowed.clear();
    std::vector<bool>& mask = m_allowed[m_state];
    m_trie.findAllowed(m_automaton, m_state, mask);
    if (m_automaton.accepts(m_state))
        for (const int32_t id : m_tokenizer.endOfTurn())
            if (std::size_t(id) < mask.size()) mask[std::size_t(id)] = true;
    return mask;
}

std::span<const float> TokenConstraint::masked(std::span<const float> logits) {
    const std::vector<bool>& mask = allowed();
    assert(logits.size() <= mask.size());
    m_logits.assign(logits.begin(), logits.end());
    bool any = false;
    for (std::size_t id = 0; id < m_logits.size(); ++id) {
        if (!mask[id]) m_logits[id] = -INFINITY;
        any |= m_logits[id] > -INFINITY;
    }
    // The model may give all that is allowed no chance at all; then all of it is equal.
    if (!any)
        for (std::size_t id = 0; id < m_logits.size(); ++id)
            if (mask[id]) {
                m_logits[id] = 0;
                any = true;
            }
    if (!any)
        throw Error(ErrorKind::Unsupported, "This model's vocabulary cannot write what the JSON schema asks for.",
                    "no token can follow", "Use another model or a simpler schema.");
    return m_logits;
}

void TokenConstraint::accept(int32_t token) {
    for (const char c : m_tokenizer.tokenBytes(token)) {
        m_state = m_automaton.step(m_state, uint8_t(c));
        assert(m_state != Automaton::kDead);
    }
}

} // namespace nibble
