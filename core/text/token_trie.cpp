#include <algorithm>
#include <text/token_trie.h>

namespace nibble {

TokenTrie::TokenTrie(const Tokenizer& tokenizer, int32_t size) : m_size(size) {
    std::vector<std::pair<std::string, int32_t>> texts;
    for (int32_t id = 0; id < size; ++id) {
        std::string bytes = tokenizer.isEndOfTurn(id) ? std::string() : tokenizer.tokenBytes(id);
        if (!bytes.empty() && bytes.size() <= UINT16_MAX) texts.emplace_back(std::move(bytes), id);
    }
    std::sort(texts.begin(), texts.end());
    std::vector<uint32_t> path; // nodes that the last token's bytes lead through
    const auto leave = [&](std::size_t depth) {
        while (path.size() > depth) {
            m_nodes[path.back()].end = uint32_t(m_nodes.size());
            path.pop_back();
        }
    };
    std::string_view last;
    for (const auto& [bytes, id] : texts) {
        leave(std::size_t(std::mismatch(bytes.begin(), bytes.end(), last.begin(), last.end()).first - bytes.begin()));
        while (path.size() < bytes.size()) {
            const std::size_t depth = path.size();
            path.push_back(uint32_t(m_nodes.size()));
            m_nodes.push_back({0, uint32_t(m_tokens.size()), uint16_t(depth), uint8_t(bytes[depth])});
        }
        m_tokens.push_back(id);
        m_longest = std::max(m_longest, bytes.size());
        last = bytes;
    }
    leave(0);
    m_nodes.push_back({uint32_t(m_nodes.size()), uint32_t(m_tokens.size()), 0, 0});
}

void TokenTrie::findAllowed(Automaton& automaton, Automaton::State state, std::vector<bool>& allowed) const {
    allowed.assign(std::size_t(m_size), false);
    std::vector<Automaton::State> states(m_longest + 1, state); // states[n]: after n bytes
    for (std::size_t i = 0; i + 1 < m_nodes.size();) {
        const Node& node = m_nodes[i];
        const Automaton::State next = automaton.step(states[node.depth], node.byte);
        if (next == Automaton::kDead) {
            i = node.end;
            continue;
        }
        states[std::size_t(node.depth) + 1] = next;
        for (std::size_t t = node.first; t < m_nodes[i + 1].first; ++t) allowed[std::size_t(m_tokens[t])] = true;
        ++i;
    }
}

} // namespace nibble
