#include <algorithm>
#include <base/text.h>
#include <map>
#include <text/json_schema.h>
#include <text/pattern_grammar.h>

namespace nibble {

namespace {

using Node = Grammar::Node;

constexpr uint32_t kLastCode = 0x10FFFF;
constexpr int kMaxGroups = 64; // inside each other

/// Code points, as ranges that are sorted and do not touch.
struct CodeSet {
    std::vector<std::pair<uint32_t, uint32_t>> ranges;

    void add(uint32_t first, uint32_t last) { ranges.emplace_back(first, last); }
    void add(const CodeSet& other) { ranges.insert(ranges.end(), other.ranges.begin(), other.ranges.end()); }
    void tidy() {
        std::ranges::sort(ranges);
        std::vector<std::pair<uint32_t, uint32_t>> joined;
        for (const auto& range : ranges)
            if (!joined.empty() && range.first <= joined.back().second + 1)
                joined.back().second = std::max(joined.back().second, range.second);
            else
                joined.push_back(range);
        ranges = std::move(joined);
    }
    CodeSet opposite() const {
        CodeSet result;
        uint32_t next = 0;
        for (const auto& [first, last] : ranges) {
            if (first > next) result.add(next, first - 1);
            next = last + 1;
        }
        if (next <= kLastCode) result.add(next, kLastCode);
        return result;
    }
};

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

/// A part of a pattern.
struct Part {
    enum Kind { Set, Sequence, Choice, Repeat } kind = Sequence;
    CodeSet set;
    std::vector<Part> parts;
    int32_t min = 1, max = 1;

    /// How many characters it has.
    std::pair<int64_t, int64_t> length() const {
        if (kind == Set) return {1, 1};
        if (kind == Choice) {
            std::pair<int64_t, int64_t> all{INT32_MAX, 0};
            for (const Part& part : parts) {
                const auto [low, high] = part.length();
                all = {std::min(all.first, low), std::max(all.second, high)};
            }
            return all;
        }
        std::pair<int64_t, int64_t> sum{0, 0};
        for (const Part& part : parts) {
            const auto [low, high] = part.length();
            sum = {sum.first + low, sum.second + high};
        }
        const auto times = [](int64_t length, int32_t n) {
            return length == 0 || n == 0 ? 0 : n == Grammar::kUnbounded ? INT32_MAX : length * n;
        };
        const int64_t low = times(sum.first, min), high = times(sum.second, max);
        return {std::min<int64_t>(low, INT32_MAX), std::min<int64_t>(high, INT32_MAX)};
    }
};

class PatternReader {
public:
    explicit PatternReader(const std::string& text) : m_text(text) {
        if (text.size() > kMaxPatternBytes) throw std::string("a pattern of more than 4096 bytes");
    }

    /// The whole strings that the pattern is found in.
    Part read() {
        Part all{.kind = Part::Choice};
        do {
            const bool fromStart = take('^');
            Part alternative = sequence(0);
            const bool toEnd = take('$');
            if (m_at < m_text.size() && m_text[m_at] != '|') fail(m_text[m_at] == ')' ? "a ) without (" : "$ inside");
            Part whole;
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

    static Part ofSet(CodeSet set) {
        set.tidy();
        return {.kind = Part::Set, .set = std::move(set)};
    }
    static Part anything() {
        return {.kind = Part::Repeat, .parts = {ofSet({{{0, kLastCode}}})}, .min = 0, .max = Grammar::kUnbounded};
    }

    Part sequence(int groups) {
        if (groups > kMaxGroups) fail("too many groups inside each other");
        Part all;
        while (m_at < m_text.size() && m_text[m_at] != '|' && m_text[m_at] != ')' && m_text[m_at] != '$')
            all.parts.push_back(quantified(atom(groups)));
        return all;
    }

    Part atom(int groups) {
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

    Part group(int groups) {
        if (take('?') && !take(':')) fail("groups that look around or have names");
        Part all{.kind = Part::Choice};
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

    Part quantified(Part atom) {
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
        return {.kind = Part::Repeat, .parts = {std::move(atom)}, .min = min, .max = max};
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

/// Nodes of a pattern's parts.
class PatternNodes {
public:
    PatternNodes(Grammar& grammar, const std::string& pattern) : m_grammar(grammar), m_pattern(pattern) {}

    Node of(const Part& part) {
        if (part.kind == Part::Set) return ofSet(part.set);
        std::vector<Node> nodes;
        for (const Part& inner : part.parts) nodes.push_back(of(inner));
        if (part.kind == Part::Choice) return m_grammar.choice(std::move(nodes));
        if (part.kind == Part::Sequence) return m_grammar.sequence(std::move(nodes));
        return m_grammar.repeat(nodes[0], part.min, part.max);
    }

private:
    /// The bytes of the code points, each written in one way.
    Node ofSet(const CodeSet& set) {
        if (const auto known = m_known.find(set.ranges); known != m_known.end()) return known->second;
        std::vector<Node> ways;
        ByteSet plain;
        for (const auto& [first, last] : set.ranges) {
            for (uint32_t c = first; c <= std::min<uint32_t>(last, 0x7F); ++c)
                if (c >= 0x20 && c != '"' && c != '\\')
                    plain.set(c);
                else
                    ways.push_back(m_grammar.text(escaped(char(c))));
            for (const auto& [from, to] :
                 {std::pair<uint32_t, uint32_t>{0x80, 0x7FF}, {0x800, 0xD7FF}, {0xE000, 0xFFFF}, {0x10000, kLastCode}})
                if (std::max(first, from) <= std::min(last, to))
                    addUtf8(std::max(first, from), std::min(last, to), ways);
        }
        if (plain.any()) ways.push_back(m_grammar.bytes(plain));
        if (ways.empty()) throw "the pattern \"" + printable(m_pattern, 60) + "\": a class of no characters";
        return m_known[set.ranges] = ways.size() == 1 ? ways[0] : m_grammar.choice(std::move(ways));
    }

    static std::string escaped(char c) {
        constexpr std::string_view kCodes = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
        const std::size_t at = kCodes.find(c);
        return at == kCodes.npos ? format("\\u%04x", unsigned(c)) : std::string("\\") + kLetters[at];
    }

    static std::string utf8(uint32_t code) {
        std::string text;
        if (code < 0x800) {
            text = {char(0xC0 | code >> 6)};
        } else if (code < 0x10000) {
            text = {char(0xE0 | code >> 12), char(0x80 | (code >> 6 & 0x3F))};
        } else {
            text = {char(0xF0 | code >> 18), char(0x80 | (code >> 12 & 0x3F)), char(0x80 | (code >> 6 & 0x3F))};
        }
        return text + char(0x80 | (code & 0x3F));
    }

    /// Code points of the same count of bytes: split until the last bytes take all values.
    void addUtf8(uint32_t first, uint32_t last, std::vector<Node>& ways) {
        for (uint32_t bits = 6; bits <= 18; bits += 6) {
            const uint32_t mask = (1u << bits) - 1;
            if ((first & ~mask) == (last & ~mask)) break;
            if ((first & mask) != 0) {
                addUtf8(first, first | mask, ways);
                return addUtf8((first | mask) + 1, last, ways);
            }
            if ((last & mask) != mask) {
                addUtf8(first, (last & ~mask) - 1, ways);
                return addUtf8(last & ~mask, last, ways);
            }
        }
        const std::string low = utf8(first), high = utf8(last);
        std::vector<Node> bytes;
        for (std::size_t i = 0; i < low.size(); ++i)
            bytes.push_back(m_grammar.bytes(byteRange(uint8_t(low[i]), uint8_t(high[i]))));
        ways.push_back(m_grammar.sequence(std::move(bytes)));
    }

    Grammar& m_grammar;
    const std::string& m_pattern;
    std::map<std::vector<std::pair<uint32_t, uint32_t>>, Node> m_known;
};

/// The one repetition of single characters among parts of fixed lengths gets the bounds that the whole has to keep.
bool boundLength(Part& whole, int32_t min, int32_t max) {
    if (whole.kind == Part::Choice && whole.parts.size() == 1) return boundLength(whole.parts[0], min, max);
    if (whole.kind == Part::Choice)
        return std::ranges::all_of(whole.parts, [&](Part& part) { return boundLength(part, min, max); });
    const auto [low, high] = whole.length();
    if (low >= min && high <= max) return true;
    if (whole.kind == Part::Repeat && whole.parts[0].length() == std::pair<int64_t, int64_t>(1, 1)) {
        whole.min = std::max(whole.min, min);
        whole.max = std::min(whole.max, max);
        return whole.min <= whole.max;
    }
    if (whole.kind != Part::Sequence) return false;
    Part* loose = nullptr;
    int64_t fixed = 0;
    for (Part& part : whole.parts) {
        const auto [least, most] = part.length();
        if (least == most) {
            fixed += least;
        } else {
            if (loose) return false;
            loose = &part;
        }
    }
    return loose && fixed <= max &&
           boundLength(*loose, int32_t(std::max<int64_t>(min - fixed, 0)),
                       max == Grammar::kUnbounded ? max : int32_t(max - fixed));
}

constexpr const char kDate[] =
    "([1-9][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
    "02-(0[1-9]|1[0-9]|2[0-8]))|"
    "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29)";
constexpr const char kTime[] =
    "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
constexpr const char kEmail[] = "[A-Za-z0-9_+-]{1,20}(\\.[A-Za-z0-9_+-]{1,20}){0,2}@"
                                "[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?"
                                "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?){0,3}\\.[A-Za-z]{2,10}";

} // namespace

Node patternNode(Grammar& grammar, const std::string& pattern, int32_t min, int32_t max) {
    Part whole = PatternReader(pattern).read();
    if (!boundLength(whole, min, max))
        throw "minLength or maxLength beside the pattern \"" + printable(pattern, 60) + "\"";
    return grammar.sequence({grammar.text("\""), PatternNodes(grammar, pattern).of(whole), grammar.text("\"")});
}

const char* patternOfFormat(std::string_view format) {
    static const std::pair<std::string_view, std::string> kFormats[] = {
        {"date", std::string("^") + kDate + "$"},
        {"time", std::string("^") + kTime + "$"},
        {"date-time", std::string("^") + kDate + "T" + kTime + "$"},
        {"email", std::string("^") + kEmail + "$"},
        {"uuid", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        {"ipv4",
         "^(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}$"},
    };
    for (const auto& [name, pattern] : kFormats)
        if (name == format) return pattern.c_str();
    return nullptr;
}

} // namespace nibble
