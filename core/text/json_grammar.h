// The parts that JSON text is made of, as nodes of a grammar.
#pragma once

#include <string_view>
#include <text/grammar.h>

namespace nibble {

class JsonParts {
public:
    using Node = Grammar::Node;
    explicit JsonParts(Grammar& grammar);

    Node integer, number, boolean, null;
    Node space;     // nothing, a space, or a line break and an indent
    Node character; // of a string: any code point once, maybe escaped; never half of a surrogate pair
    Node any;       // any value
    Node string(int32_t min, int32_t max);
    /// "[", items, "]".
    Node array(Node item, int32_t min, int32_t max);
    /// An object of any names whose values are all `value`.
    Node map(Node value);
    Node commaSpace, colonSpace;

private:
    Node numberNode(bool whole);
    Node characterNode();
    /// Between min and max of `item` with commas between, and white space around all.
    Node list(char open, Node item, int32_t min, int32_t max, char close);
    Grammar& m_grammar;
};

ByteSet byteRange(unsigned first, unsigned last);

} // namespace nibble
