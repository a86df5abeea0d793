#include <algorithm>
#include <text/json_grammar.h>

namespace nibble {

namespace {

constexpr int32_t kMostDigits = 15; // so that every reader gets the same number
constexpr int32_t kMostIndent = 24;

} // namespace

ByteSet byteRange(unsigned first, unsigned last) {
    ByteSet set;
    for (unsigned byte = first; byte <= last; ++byte) set.set(byte);
    return set;
}

JsonParts::JsonParts(Grammar& grammar) : m_grammar(grammar) {
    Grammar& g = grammar;
    const Node indent = g.repeat(g.bytes(byteRange(' ', ' ') | byteRange('\t', '\t')), 0, kMostIndent);
    space = g.choice({g.text(""), g.text(" "), g.sequence({g.text("\n"), indent})});
    commaSpace = g.sequence({g.text(","), space});
    colonSpace = g.sequence({g.text(":"), space});
    integer = numberNode(true);
    number = numberNode(false);
    boolean = g.choice({g.text("true"), g.text("false")});
    null = g.text("null");
    character = characterNode();
    any = g.declare();
    g.define(any, g.choice({string(0, Grammar::kUnbounded), number, boolean, null, array(any, 0, Grammar::kUnbounded),
                            map(any)}));
}

JsonParts::Node JsonParts::numberNode(bool whole) {
    Grammar& g = m_grammar;
    const Node digit = g.bytes(byteRange('0', '9'));
    const Node large = g.sequence({g.bytes(byteRange('1', '9')), g.repeat(digit, 0, kMostDigits - 1)});
    const Node body = g.choice({g.text("0"), large});
    const Node minus = g.optional(g.text("-"));
    if (whole) return g.choice({g.text("0"), g.sequence({minus, large})});
    const Node fraction = g.sequence({g.text("."), g.repeat(digit, 1, kMostDigits)});
    const Node sign = g.optional(g.bytes(byteRange('+', '+') | byteRange('-', '-')));
    const Node exponent = g.sequence({g.bytes(byteRange('e', 'e') | byteRange('E', 'E')), sign, g.repeat(digit, 1, 2)});
    return g.sequence({minus, body, g.optional(fraction), g.optional(exponent)});
}

JsonParts::Node JsonParts::characterNode() {
    Grammar& g = m_grammar;
    const auto range = [&](unsigned first, unsigned last) { return g.bytes(byteRange(first, last)); };
    const Node tail = range(0x80, 0xBF);
    const ByteSet hexSet = byteRange('0', '9') | byteRange('a', 'f') | byteRange('A', 'F');
    const Node hex = g.bytes(hexSet);
    const ByteSet d = byteRange('d', 'd') | byteRange('D', 'D');
    const ByteSet highs = byteRange('8', '9') | byteRange('a', 'b') | byteRange('A', 'B');
    const ByteSet lows = byteRange('c', 'f') | byteRange('C', 'F');
    const Node plain = g.sequence({g.bytes(hexSet & ~d), hex, hex, hex});
    const Node besides = g.sequence({g.bytes(d), range('0', '7'), hex, hex});
    const Node pair =
        g.sequence({g.bytes(d), g.bytes(highs), hex, hex, g.text("\\u"), g.bytes(d), g.bytes(lows), hex, hex});
    ByteSet letters;
    for (const char c : std::string_view("\"\\/bfnrt")) letters.set(uint8_t(c));
    const Node escape = g.sequence(
        {g.text("\\"), g.choice({g.bytes(letters), g.sequence({g.text("u"), g.choice({plain, besides, pair})})})});
    ByteSet ascii = byteRange(0x20, 0x7E);
    ascii.reset('"').reset('\\');
    return g.choice({g.bytes(ascii), escape, // then UTF-8 without overlong forms and surrogates
                     g.sequence({range(0xC2, 0xDF), tail}), g.sequence({range(0xE0, 0xE0), range(0xA0, 0xBF), tail}),
                     g.sequence({g.bytes(byteRange(0xE1, 0xEC) | byteRange(0xEE, 0xEF)), tail, tail}),
                     g.sequence({range(0xED, 0xED), range(0x80, 0x9F), tail}),
                     g.sequence({range(0xF0, 0xF0), range(0x90, 0xBF), tail, tail}),
                     g.sequence({range(0xF1, 0xF3), tail, tail, tail}),
                     g.sequence({range(0xF4, 0xF4), range(0x80, 0x8F), tail, tail})});
}

JsonParts::Node JsonParts::string(int32_t min, int32_t max) {
    return m_grammar.sequence({m_grammar.text("\""), m_grammar.repeat(character, min, max), m_grammar.text("\"")});
}

JsonParts::Node JsonParts::list(char open, Node item, int32_t min, int32_t max, char close) {
    Grammar& g = m_grammar;
    const Node more = g.repeat(g.sequence({commaSpace, item}), std::max(min - 1, 0),
                               max == Grammar::kUnbounded ? max : std::max(max - 1, 0));
    Node items = max == 0 ? g.text("") : g.sequence({item, more, space});
    if (min == 0 && max > 0) items = g.optional(items);
    return g.nest(g.sequence({g.text(std::string(1, open)), space, items, g.text(std::string(1, close))}));
}

JsonParts::Node JsonParts::array(Node item, int32_t min, int32_t max) { return list('[', item, min, max, ']'); }

JsonParts::Node JsonParts::map(Node value) {
    const Node entry = m_grammar.sequence({string(0, Grammar::kUnbounded), colonSpace, value});
    return list('{', entry, 0, Grammar::kUnbounded, '}');
}

} // namespace nibble
