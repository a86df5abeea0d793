#include <algorithm>
#include <map>
#include <text/json_grammar.h>
#include <text/number_grammar.h>
#include <tuple>

namespace nibble {

namespace {

using Node = Grammar::Node;

int64_t powerOfTen(int64_t n) {
    int64_t power = 1;
    while (n-- > 0) power *= 10;
    return power;
}

/// Numbers of one count of digits, all without a sign, digit by digit: what may follow depends on how many digits are
/// left, on the remainder so far, and on whether the digits so far are those of the lowest or highest number.
class DigitNodes {
public:
    DigitNodes(Grammar& grammar, int64_t multiple, int point)
        : m_grammar(grammar), m_multiple(multiple), m_point(std::size_t(point)) {}

    std::optional<Node> between(int64_t low, int64_t high, std::size_t digits) {
        const auto padded = [&](int64_t n) {
            const std::string text = std::to_string(n);
            return std::string(digits - text.size(), '0') + text;
        };
        m_low = padded(low);
        m_high = padded(high);
        ++m_range;
        return from(0, 0, true, true);
    }

private:
    /// May the number end before digit `at`, as if zeros followed?
    bool mayEnd(std::size_t at, int64_t remainder, bool low) const {
        const std::size_t left = m_low.size() - at;
        return left <= m_point && (!low || m_low.find_first_not_of('0', at) == std::string::npos) &&
               remainder * powerOfTen(int64_t(left)) % m_multiple == 0;
    }

    std::optional<Node> from(std::size_t at, int64_t remainder, bool low, bool high) {
        const std::size_t left = m_low.size() - at;
        const std::tuple key{low || high ? m_range : 0, left, remainder, low, high};
        if (const auto known = m_known.find(key); known != m_known.end()) return known->second;
        std::vector<Node> ways;
        if (mayEnd(at, remainder, low)) ways.push_back(m_grammar.text(""));
        if (left > 0)
            if (const auto digits = digitsFrom(at, remainder, low, high))
                ways.push_back(left == m_point ? m_grammar.sequence({m_grammar.text("."), *digits}) : *digits);
        std::optional<Node> node;
        if (!ways.empty()) node = ways.size() == 1 ? ways[0] : m_grammar.choice(std::move(ways));
        return m_known[key] = node;
    }

    std::optional<Node> digitsFrom(std::size_t at, int64_t remainder, bool low, bool high) {
        const bool leads = at == 0 && m_low.size() > m_point + 1; // only "0.5" may begin with a zero
        const char first = low ? m_low[at] : leads ? '1' : '0', last = high ? m_high[at] : '9';
        std::vector<std::pair<ByteSet, Node>> groups; // digits after which the same may follow
        for (char digit = first; digit <= last; ++digit) {
            const auto next = from(at + 1, (remainder * 10 + (digit - '0')) % m_multiple, low && digit == first,
                                   high && digit == last);
            if (!next) continue;
            if (groups.empty() || groups.back().second != *next) groups.push_back({{}, *next});
            groups.back().first.set(uint8_t(digit));
        }
        std::vector<Node> ways;
        for (const auto& [digits, next] : groups) ways.push_back(m_grammar.sequence({m_grammar.bytes(digits), next}));
        if (ways.empty()) return std::nullopt;
        return ways.size() == 1 ? ways[0] : m_grammar.choice(std::move(ways));
    }

    Grammar& m_grammar;
    int64_t m_multiple;
    std::size_t m_point;
    std::string m_low, m_high;
    int m_range = 0; // which one these are: where the digits are those of an end, only that one may be looked up
    std::map<std::tuple<int, std::size_t, int64_t, bool, bool>, std::optional<Node>> m_known;
};

} // namespace

std::optional<Node> decimalNode(Grammar& grammar, const DecimalRange& range) {
    DigitNodes digits(grammar, range.multiple, range.point);
    std::vector<Node> ways;
    const auto add = [&](int64_t low, int64_t high, const char* sign) {
        for (int n = range.point + 1; n <= DecimalRange::kMostDigits; ++n) {
            const int64_t from = std::max(low, n == range.point + 1 ? 0 : powerOfTen(n - 1));
            const int64_t to = std::min(high, powerOfTen(n) - 1);
            if (from > to) continue;
            if (const auto node = digits.between(from, to, std::size_t(n)))
                ways.push_back(*sign ? grammar.sequence({grammar.text(sign), *node}) : *node);
        }
    };
    add(std::max<int64_t>(range.low, 0), range.high, "");
    add(std::max<int64_t>(-range.high, 1), -range.low, "-");
    if (ways.empty()) return std::nullopt;
    return grammar.choice(std::move(ways));
}

} // namespace nibble
