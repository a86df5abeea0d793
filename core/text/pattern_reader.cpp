#include <base/text.h>
#include <text/json_schema.h>
#include <text/pattern_grammar.h>
#include <text/pattern_reader.h>

namespace nibble {

namespace {

constexpr int kMaxGroups = 64; // inside each other

CodeSet digits() { return {{{'0', '9'}}}; }
CodeSet wordCharacters() { return {{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}}; }
CodeSet whiteSpace() { // of ECMA 262
    return {{{9, 13},
             {32, 32},
             {0xA0, 0xA0},
             {0x1680, 0x1680},
             {0x2000, 0x200A},
             {0x2028, 0x2029},
             {0x202F, 0x202F},
             {0x205F, 0x205F},
             {0x3000, 0x3000},
             {0xFEFF, 0xFEFF}}};
}
CodeSet notLineEnds() { return CodeSet{{{10, 10}, {13, 13}, {0x2028, 0x2029}}}.opposite(); }

class PatternReader {
public:
    explicit PatternReader(const std::string& text) : m_text(text) {
        if (text.size() > kMaxPatternBytes) throw std::string("a pattern of more than 4096 bytes");
    }

    /// The whole strings that the pattern is found in.
    PatternPart read() {
        PatternPart all{.kind = PatternPart::Choice};
        do {
            const bool fromStart = take('^');
            PatternPart alternative = sequence(0);
            const bool toEnd = take('$');
            if (m_at < m_text.size() && m_text[m_at] != '|') fail(m_text[m_at] == ')' ? "a ) without (" : "$ inside");
            PatternPart whole;
            if (!fromStart) whole.parts.push_back(anything());
            whole.parts.push_back(std::move(alternative));
            if (!toEnd) whole.parts.push_back(anything());
            all.parts.push_back(std::move(whole));
        } while (take('|'));
        return all.parts.size() == 1 ? std::move(all.parts[0]) : all;
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw "the pattern \"" + printable(m_text, 60) + "\": " + what;
    }

    bool take(char c) {
        if (m_at >= m_text.size() || m_text[m_at] != c) return false;
        ++m_at;
        return true;
    }
    char next() {
        if (m_at >= m_text.size()) fail("it ends too early");
        return m_text[m_at++];
    }
    /// The next code point. The text is sound UTF-8: it comes from JSON.
    uint32_t code() {
        const auto lead = uint8_t(next());
        int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
        uint32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
        for (; more > 0; --more) code = code << 6 | (uint8_t(next()) & 0x3Fu);
        return code;
    }

    static PatternPart ofSet(CodeSet set) {
        set.tidy();
        return {.kind = PatternPart::Set, .set = std::move(set)};
    }
    static PatternPart anything() {
        return {
            .kind = PatternPart::Repeat, .parts = {ofSet({{{0, kLastCode}}})}, .min = 0, .max = Grammar::kUnbounded};
    }

    PatternPart sequence(int groups) {
        if (groups > kMaxGroups) fail("too many groups inside each other");
        PatternPart all;
        while (m_at < m_text.size() && m_text[m_at] != '|' && m_text[m_at] != ')' && m_text[m_at] != '$')
            all.parts.push_back(quantified(atom(groups)));
        return all;
    }

    PatternPart atom(int groups) {
        switch (m_text[m_at]) {
        case '^':
            fail("^ inside");
        case '*':
        case '+':
        case '?':
        case '{':
            fail("a quantifier of nothing");
        case '.':
            ++m_at;
            return ofSet(notLineEnds());
        case '[':
            ++m_at;
            return ofSet(characterClass());
        case '(':
            ++m_at;
            return group(groups);
        case '\\':
            ++m_at;
            return ofSet(escape());
        default:
            const uint32_t c = code();
            return ofSet({{{c, c}}});
        }
    }

    PatternPart group(int groups) {
        if (take('?') && !take(':')) fail("groups that look around or have names");
        PatternPart all{.kind = PatternPart::Choice};
        do all.parts.push_back(sequence(groups + 1));
        while (take('|'));
        if (m_at < m_text.size() && m_text[m_at] == '$') fail("$ inside");
        if (!take(')')) fail("a ( without )");
        return all;
    }

    int32_t number() {
        if (m_at >= m_text.size() || m_text[m_at] < '0' || m_text[m_at] > '9') fail("a quantifier without a number");
        int32_t n = 0;
        while (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9') {
            n = n * 10 + (m_text[m_at++] - '0');
            if (n > kMostRepeats) fail("more than " + std::to_string(kMostRepeats) + " repetitions");
        }
        return n;
    }

    PatternPart quantified(PatternPart atom) {
        int32_t min = 1, max = 1;
        if (take('*')) {
            min = 0, max = Grammar::kUnbounded;
        } else if (take('+')) {
            max = Grammar::kUnbounded;
        } else if (take('?')) {
            min = 0;
        } else if (take('{')) {
            min = max = number();
            if (take(',')) max = m_at < m_text.size() && m_text[m_at] == '}' ? Grammar::kUnbounded : number();
            if (!take('}')) fail("a { without }");
            if (min > max) fail("a quantifier whose ends are swapped");
        } else {
            return atom;
        }
        take('?'); // as few as possible: the same strings
        return {.kind = PatternPart::Repeat, .parts = {std::move(atom)}, .min = min, .max = max};
    }

    uint32_t hex(int digitCount) {
        uint32_t value = 0;
        for (; digitCount > 0; --digitCount) {
            const char c = next();
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) fail("an escape that is not hexadecimal");
            value = value * 16 + uint32_t(digit);
        }
        return value;
    }

    /// Behind a backslash.
    CodeSet escape() {
        const char c = next();
        const auto single = [](uint32_t code) { return CodeSet{{{code, code}}}; };
        switch (c) {
        case 'd':
            return digits();
        case 'D':
            return digits().opposite();
        case 'w':
            return wordCharacters();
        case 'W':
            return wordCharacters().opposite();
        case 's':
            return whiteSpace();
        case 'S':
            return whiteSpace().opposite();
        case 'n':
            return single('\n');
        case 'r':
            return single('\r');
        case 't':
            return single('\t');
        case 'f':
            return single('\f');
        case 'v':
            return single('\v');
        case 'x':
            return single(hex(2));
        case 'u':
            return single(hex(4));
        default:
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) fail(std::string("\\") + c);
            --m_at;
            return single(code());
        }
    }

    CodeSet characterClass() {
        const bool opposite = take('^');
        CodeSet set;
        while (!take(']')) {
            CodeSet first = classItem();
            const bool isRange = m_at + 1 < m_text.size() && m_text[m_at] == '-' && m_text[m_at + 1] != ']';
            if (!isRange) {
                set.add(first);
                continue;
            }
            ++m_at;
            const CodeSet last = classItem();
            const auto isOne = [](const CodeSet& s) {
                return s.ranges.size() == 1 && s.ranges[0].first == s.ranges[0].second;
            };
            if (!isOne(first) || !isOne(last) || first.ranges[0].first > last.ranges[0].first)
                fail("a range whose ends are no characters in order");
            set.add(first.ranges[0].first, last.ranges[0].first);
        }
        set.tidy();
        return opposite ? set.opposite() : set;
    }
    CodeSet classItem() {
        if (take('\\')) {
            if (take('b')) return {{{8, 8}}};
            return escape();
        }
        const uint32_t c = code();
        return {{{c, c}}};
    }

    const std::string& m_text;
    std::size_t m_at = 0;
};

} // namespace

PatternPart readPattern(const std::string& pattern) { return PatternReader(pattern).read(); }

} // namespace nibble
