#include <algorithm>
#include <base/text.h>
#include <map>
#include <text/pattern_grammar.h>
#include <text/pattern_reader.h>

namespace nibble {

namespace {

using Node = Grammar::Node;

/// Nodes of a pattern's parts.
class PatternNodes {
public:
    PatternNodes(Grammar& grammar, const std::string& pattern) : m_grammar(grammar), m_pattern(pattern) {}

    Node of(const PatternPart& part) {
        if (part.kind == PatternPart::Set) return ofSet(part.set);
        std::vector<Node> nodes;
        for (const PatternPart& inner : part.parts) nodes.push_back(of(inner));
        if (part.kind == PatternPart::Choice) return m_grammar.choice(std::move(nodes));
        if (part.kind == PatternPart::Sequence) return m_grammar.sequence(std::move(nodes));
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
bool boundLength(PatternPart& whole, int32_t min, int32_t max) {
    if (whole.kind == PatternPart::Choice && whole.parts.size() == 1) return boundLength(whole.parts[0], min, max);
    if (whole.kind == PatternPart::Choice)
        return std::ranges::all_of(whole.parts, [&](PatternPart& part) { return boundLength(part, min, max); });
    const auto [low, high] = whole.length();
    if (low >= min && high <= max) return true;
    if (whole.kind == PatternPart::Repeat && whole.parts[0].length() == std::pair<int64_t, int64_t>(1, 1)) {
        whole.min = std::max(whole.min, min);
        whole.max = std::min(whole.max, max);
        return whole.min <= whole.max;
    }
    if (whole.kind != PatternPart::Sequence) return false;
    PatternPart* loose = nullptr;
    int64_t fixed = 0;
    for (PatternPart& part : whole.parts) {
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
    PatternPart whole = readPattern(pattern);
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
