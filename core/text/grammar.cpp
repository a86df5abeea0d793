#include <algorithm>
#include <cassert>
#include <map>
#include <nibble/error.h>
#include <text/grammar.h>

namespace nibble {

Grammar::Node Grammar::add(Rule rule) {
    if (m_nodes.size() >= kMostNodes)
        throw Error(ErrorKind::BadRequest, "The JSON schema is too large.", {}, "Ask for less at once.");
    m_nodes.push_back(std::move(rule));
    return Node(m_nodes.size()) - 1;
}

Grammar::Node Grammar::bytes(const ByteSet& set) { return add({Kind::Bytes, {}, {}, set}); }
Grammar::Node Grammar::text(std::string text) { return add({Kind::Text, std::move(text), {}, {}}); }
Grammar::Node Grammar::sequence(std::vector<Node> parts) { return add({Kind::Sequence, {}, std::move(parts), {}}); }
Grammar::Node Grammar::choice(std::vector<Node> parts) { return add({Kind::Choice, {}, std::move(parts), {}}); }
Grammar::Node Grammar::repeat(Node part, int32_t min, int32_t max) {
    assert(0 <= min && min <= max);
    return add({Kind::Repeat, {}, {part}, {}, min, max});
}
Grammar::Node Grammar::nest(Node part) { return add({Kind::Nest, {}, {part}, {}}); }

bool Grammar::finish(Node root) {
    m_root = root;
    measureHeights();
    classifyBytes();
    return m_nodes[std::size_t(root)].height <= kMaxNesting && !beginsWithItself();
}

void Grammar::measureHeights() {
    const auto heightOf = [&](Node node) { return m_nodes[std::size_t(node)].height; };
    const auto measured = [&](const Rule& rule) {
        int32_t height = rule.kind == Kind::Choice ? kUnbounded : 0;
        for (const Node part : rule.parts)
            height = rule.kind == Kind::Choice ? std::min(height, heightOf(part)) : std::max(height, heightOf(part));
        if (rule.kind == Kind::Repeat && rule.min == 0) height = 0;
        if (rule.kind == Kind::Nest && height <= kMaxNesting) ++height;
        return height > kMaxNesting ? kUnbounded : height;
    };
    // From "never ends" downwards until nothing changes.
    for (bool changed = true; changed;) {
        changed = false;
        for (Rule& rule : m_nodes)
            if (const int32_t height = measured(rule); height != rule.height) {
                rule.height = height;
                changed = true;
            }
    }
}

/// Looks for a node that is reached from itself without a byte between.
bool Grammar::beginsWithItself() const {
    std::vector<bool> empty(m_nodes.size(), false);
    const auto isEmpty = [&](Node node) { return bool(empty[std::size_t(node)]); };
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            const Rule& rule = m_nodes[i];
            const bool now = rule.kind == Kind::Bytes    ? false
                             : rule.kind == Kind::Text   ? rule.text.empty()
                             : rule.kind == Kind::Choice ? std::any_of(rule.parts.begin(), rule.parts.end(), isEmpty)
                             : rule.kind == Kind::Repeat && rule.min == 0
                                 ? true
                                 : std::all_of(rule.parts.begin(), rule.parts.end(), isEmpty);
            if (now != empty[i]) {
                empty[i] = now;
                changed = true;
            }
        }
    }
    // Depth first without recursion: 1 is being looked at, 2 is done.
    std::vector<uint8_t> seen(m_nodes.size(), 0);
    std::vector<std::pair<Node, std::size_t>> path;
    for (Node first = 0; first < Node(m_nodes.size()); ++first) {
        if (seen[std::size_t(first)]) continue;
        path.push_back({first, 0});
        seen[std::size_t(first)] = 1;
        while (!path.empty()) {
            auto& [node, part] = path.back();
            const Rule& rule = m_nodes[std::size_t(node)];
            const bool goesOn =
                part < rule.parts.size() && (part == 0 || rule.kind == Kind::Choice || isEmpty(rule.parts[part - 1]));
            if (!goesOn) {
                seen[std::size_t(node)] = 2;
                path.pop_back();
                continue;
            }
            const Node next = rule.parts[part++];
            if (seen[std::size_t(next)] == 1) return true;
            if (seen[std::size_t(next)] == 0) {
                seen[std::size_t(next)] = 1;
                path.push_back({next, 0});
            }
        }
    }
    return false;
}

void Grammar::classifyBytes() {
    std::array<uint32_t, 256> group{};
    const auto split = [&](const ByteSet& set) {
        std::map<std::pair<uint32_t, bool>, uint32_t> names;
        for (std::size_t b = 0; b < 256; ++b)
            group[b] = names.emplace(std::pair(group[b], set[b]), uint32_t(names.size())).first->second;
    };
    ByteSet done;
    for (const Rule& rule : m_nodes) {
        if (rule.kind == Kind::Bytes) split(rule.set);
        for (const char c : rule.text) {
            if (done[uint8_t(c)]) continue;
            done.set(uint8_t(c));
            split(ByteSet().set(uint8_t(c)));
        }
    }
    m_byteOfClass.assign(1 + *std::max_element(group.begin(), group.end()), 0);
    for (std::size_t b = 0; b < 256; ++b) {
        m_classOf[b] = uint8_t(group[b]);
        m_byteOfClass[group[b]] = uint8_t(b);
    }
}

} // namespace nibble
