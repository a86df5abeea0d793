// Regular expressions as trees. What is read and what is not: pattern_grammar.h. Private to core/text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <text/grammar.h>
#include <utility>
#include <vector>

namespace nibble {

constexpr uint32_t kLastCode = 0x10FFFF;

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

/// A part of a pattern.
struct PatternPart {
    enum Kind { Set, Sequence, Choice, Repeat } kind = Sequence;
    CodeSet set;
    std::vector<PatternPart> parts;
    int32_t min = 1, max = 1;

    /// How many characters it has.
    std::pair<int64_t, int64_t> length() const {
        if (kind == Set) return {1, 1};
        if (kind == Choice) {
            std::pair<int64_t, int64_t> all{INT32_MAX, 0};
            for (const PatternPart& part : parts) {
                const auto [low, high] = part.length();
                all = {std::min(all.first, low), std::max(all.second, high)};
            }
            return all;
        }
        std::pair<int64_t, int64_t> sum{0, 0};
        for (const PatternPart& part : parts) {
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

/// The whole strings that `pattern` is found in. Throws std::string, what of it cannot be promised.
PatternPart readPattern(const std::string& pattern);

} // namespace nibble
