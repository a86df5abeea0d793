// A grammar over bytes, and the automaton that reads text by it. The grammar is a graph of nodes, so it may refer to
// itself; the automaton keeps every way in which the text so far can be read (sets of stacks), and remembers each such
// state and what each byte makes of it, so that a byte usually costs one look into a table.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace nibble {

using ByteSet = std::bitset<256>;

class Grammar {
public:
    using Node = int32_t;
    static constexpr int32_t kUnbounded = INT32_MAX;
    static constexpr std::size_t kMostNodes = 100'000;
    /// nest() nodes inside each other in a text. What needs more is not begun, so a text can always be completed.
    static constexpr int32_t kMaxNesting = 32;

    Node bytes(const ByteSet& set);
    Node text(std::string text); // "" matches nothing, at once
    Node sequence(std::vector<Node> parts);
    Node choice(std::vector<Node> parts);
    Node optional(Node part) { return choice({text(""), part}); }
    Node repeat(Node part, int32_t min, int32_t max); // max may be kUnbounded
    Node nest(Node part);
    /// A node that others can refer to before it is known; define() it once.
    Node declare() { return sequence({}); }
    void define(Node declared, Node what) { m_nodes[std::size_t(declared)].parts = {what}; }

    /// To be called when all is there. False where a text can never end or a node begins with itself.
    bool finish(Node root);

private:
    friend class Automaton;
    enum class Kind : uint8_t { Bytes, Text, Sequence, Choice, Repeat, Nest };
    struct Rule {
        Kind kind;
        std::string text;
        std::vector<Node> parts;
        ByteSet set;
        int32_t min = 0, max = 0;
        int32_t height = kUnbounded; // nest() nodes at least that a text of it needs
    };
    Node add(Rule rule);
    void measureHeights();
    bool beginsWithItself() const;
    void classifyBytes();

    std::vector<Rule> m_nodes;
    Node m_root = 0;
    std::array<uint8_t, 256> m_classOf{}; // bytes that the grammar never tells apart have one class
    std::vector<uint8_t> m_byteOfClass;
};

/// Reads text byte by byte. States are numbers; they stay what they are until compact().
class Automaton {
public:
    using State = int32_t;
    static constexpr State kDead = -1;

    /// `grammar` is finished.
    explicit Automaton(std::shared_ptr<const Grammar> grammar);
    State start() const { return m_start; } // until compact()
    /// kDead where no text goes on like this. Throws Error{BadRequest} where the grammar is too ambiguous.
    State step(State state, uint8_t byte) {
        State& next = m_states[std::size_t(state)].next[m_grammar->m_classOf[byte]];
        return next != kUnknown ? next : findStep(state, byte);
    }
    /// The text may end here.
    bool accepts(State state) const { return m_states[std::size_t(state)].accepts; }
    /// The text may end here and cannot go on.
    bool isComplete(State state) const;
    /// Numbers held in memory; more than kMostHeld of them throw Error{BadRequest}.
    std::size_t held() const { return m_held; }
    static constexpr std::size_t kMostHeld = 32'000'000;
    /// Forgets all states but this one, which gets the number that is returned.
    State compact(State state);

private:
    static constexpr State kUnknown = -2;
    static constexpr int32_t kEmpty = -1; // the empty stack
    struct Frame { // a stack is a list of frames: read `node` from `position`, then go on with `rest`
        Grammar::Node node;
        int32_t position, rest, nesting;
        uint64_t seenIn; // number of the last search that came by
    };
    struct StateData {
        std::vector<int32_t> frames; // each begins with bytes to read; sorted
        bool accepts;
        std::vector<State> next; // by class of byte
    };
    struct Key {
        int32_t node, position, rest;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    struct SetHash {
        std::size_t operator()(const std::vector<int32_t>& set) const;
    };

    State findStep(State state, uint8_t byte);
    int32_t frame(Grammar::Node node, int32_t position, int32_t rest);
    void run(Grammar::Node node, int32_t rest); // adds `node` before `rest` to m_open, if it can be completed
    void expand(int32_t at);
    State closeAndName(); // the state of what m_open leads to
    State nameState();    // the state of m_reading and m_accepts
    int32_t copyStack(int32_t at, const std::vector<Frame>& from);

    std::shared_ptr<const Grammar> m_grammar;
    std::vector<Frame> m_frames;
    std::unordered_map<Key, int32_t, KeyHash> m_frameIds;
    std::vector<StateData> m_states;
    std::unordered_map<std::vector<int32_t>, State, SetHash> m_stateIds; // accepting ones with a last entry kEmpty
    std::vector<int32_t> m_open, m_reading;
    bool m_accepts = false;
    std::size_t m_held = 0;
    uint64_t m_search = 0;
    State m_start;
};

} // namespace nibble
