#include <algorithm>
#include <nibble/error.h>
#include <text/grammar.h>

namespace nibble {

namespace {

/// Ways to read a text at once, and frames looked at for one byte: more than any sensible schema has.
constexpr std::size_t kMostWays = 4096;

[[noreturn]] void throwAmbiguous() {
    throw Error(ErrorKind::BadRequest, "The JSON schema leaves too many ways to read an answer.", {},
                "Use fewer alternatives and optional properties.");
}

std::size_t mix(std::size_t hash, int32_t value) { return (hash ^ std::size_t(uint32_t(value))) * 0x9E3779B97F4A7C15u; }

} // namespace

std::size_t Automaton::KeyHash::operator()(const Key& key) const {
    const std::size_t hash = mix(mix(mix(1, key.node), key.position), key.rest);
    return hash ^ hash >> 32;
}

std::size_t Automaton::SetHash::operator()(const std::vector<int32_t>& set) const {
    std::size_t hash = 1;
    for (const int32_t value : set) hash = mix(hash, value);
    return hash ^ hash >> 32;
}

Automaton::Automaton(std::shared_ptr<const Grammar> grammar) : m_grammar(std::move(grammar)) {
    run(m_grammar->m_root, kEmpty);
    m_start = closeAndName();
}

int32_t Automaton::frame(Grammar::Node node, int32_t position, int32_t rest) {
    const auto [it, isNew] = m_frameIds.try_emplace({node, position, rest}, int32_t(m_frames.size()));
    if (isNew) {
        const bool nests = m_grammar->m_nodes[std::size_t(node)].kind == Grammar::Kind::Nest;
        const int32_t below = rest == kEmpty ? 0 : m_frames[std::size_t(rest)].nesting;
        m_frames.push_back({node, position, rest, below + nests, 0});
    }
    return it->second;
}

void Automaton::run(Grammar::Node node, int32_t rest) {
    const int32_t nesting = rest == kEmpty ? 0 : m_frames[std::size_t(rest)].nesting;
    const int32_t height = m_grammar->m_nodes[std::size_t(node)].height;
    if (height > Grammar::kMaxNesting - nesting) return;
    m_open.push_back(frame(node, 0, rest));
}

void Automaton::expand(int32_t at) {
    const auto [node, position, rest, nesting, seen] = m_frames[std::size_t(at)];
    const Grammar::Rule& rule = m_grammar->m_nodes[std::size_t(node)];
    const auto size = int32_t(rule.parts.size());
    const auto goOn = [&, behind = rest] {
        if (behind == kEmpty)
            m_accepts = true;
        else
            m_open.push_back(behind);
    };
    switch (rule.kind) {
    case Grammar::Kind::Bytes:
        if (position == 0)
            m_reading.push_back(at);
        else
            goOn();
        break;
    case Grammar::Kind::Text:
        if (std::size_t(position) < rule.text.size())
            m_reading.push_back(at);
        else
            goOn();
        break;
    case Grammar::Kind::Sequence:
        if (position == size)
            goOn();
        else // nothing is left on the stack for the last part
            run(rule.parts[std::size_t(position)], position + 1 < size ? frame(node, position + 1, rest) : rest);
        break;
    case Grammar::Kind::Choice:
        for (const Grammar::Node part : rule.parts) run(part, rest);
        break;
    case Grammar::Kind::Repeat: // the position is how many there are; without a bound only those that are needed count
        if (position < rule.max) {
            const int32_t count = rule.max == Grammar::kUnbounded ? std::min(position + 1, rule.min) : position + 1;
            run(rule.parts[0], count == rule.max ? rest : frame(node, count, rest));
        }
        if (position >= rule.min) goOn();
        break;
    case Grammar::Kind::Nest:
        if (position == 0)
            run(rule.parts[0], frame(node, 1, rest));
        else
            goOn();
        break;
    }
}

Automaton::State Automaton::closeAndName() {
    ++m_search;
    m_accepts = false;
    m_reading.clear();
    std::size_t looked = 0;
    while (!m_open.empty()) {
        const int32_t at = m_open.back();
        m_open.pop_back();
        if (std::exchange(m_frames[std::size_t(at)].seenIn, m_search) == m_search) continue;
        if (++looked > kMostWays) {
            m_open.clear();
            throwAmbiguous();
        }
        expand(at);
    }
    return m_reading.empty() && !m_accepts ? kDead : nameState();
}

Automaton::State Automaton::nameState() {
    std::sort(m_reading.begin(), m_reading.end());
    std::vector<int32_t> name = m_reading;
    if (m_accepts) name.push_back(kEmpty);
    const auto [it, isNew] = m_stateIds.try_emplace(std::move(name), State(m_states.size()));
    if (isNew) {
        m_states.push_back(
            {m_reading, m_accepts, std::vector<State>(m_grammar->m_byteOfClass.size(), State(kUnknown))});
        m_held += 2 * m_reading.size() + m_grammar->m_byteOfClass.size();
        if (m_held > kMostHeld) throwAmbiguous();
    }
    return it->second;
}

Automaton::State Automaton::findStep(State state, uint8_t byte) {
    for (const int32_t at : m_states[std::size_t(state)].frames) {
        const Frame& reading = m_frames[std::size_t(at)];
        const Grammar::Rule& rule = m_grammar->m_nodes[std::size_t(reading.node)];
        if (rule.kind == Grammar::Kind::Bytes) {
            if (!rule.set[byte]) continue;
            m_open.push_back(reading.rest == kEmpty ? frame(reading.node, 1, kEmpty) : reading.rest);
        } else if (uint8_t(rule.text[std::size_t(reading.position)]) == byte) {
            m_open.push_back(frame(reading.node, reading.position + 1, reading.rest));
        }
    }
    const State next = closeAndName();
    m_states[std::size_t(state)].next[m_grammar->m_classOf[byte]] = next;
    return next;
}

bool Automaton::isComplete(State state) const {
    const StateData& data = m_states[std::size_t(state)];
    return data.accepts && data.frames.empty();
}

int32_t Automaton::copyStack(int32_t at, const std::vector<Frame>& from) {
    std::vector<int32_t> stack;
    for (; at != kEmpty; at = from[std::size_t(at)].rest) stack.push_back(at);
    int32_t copy = kEmpty;
    for (auto it = stack.rbegin(); it != stack.rend(); ++it)
        copy = frame(from[std::size_t(*it)].node, from[std::size_t(*it)].position, copy);
    return copy;
}

Automaton::State Automaton::compact(State state) {
    const std::vector<Frame> frames = std::move(m_frames);
    const StateData kept = std::move(m_states[std::size_t(state)]);
    m_frames.clear();
    m_frameIds.clear();
    m_states.clear();
    m_stateIds.clear();
    m_reading.clear();
    m_held = 0;
    for (const int32_t at : kept.frames) m_reading.push_back(copyStack(at, frames));
    m_accepts = kept.accepts;
    return nameState();
}

} // namespace nibble
