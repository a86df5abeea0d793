#include <compare/answers.h>
#include <string_view>

namespace nibble {

namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";

struct Word {
    std::size_t start = 0;
    std::string_view text;
};

/// The word at or after `from`; empty at the end.
Word nextWord(std::string_view text, std::size_t from) {
    const std::size_t start = text.find_first_not_of(kSpaces, from);
    if (start == std::string_view::npos) return {text.size(), {}};
    return {start, text.substr(start, text.find_first_of(kSpaces, start) - start)};
}

} // namespace

void findFirstDifference(AnswerPair& pair) {
    pair.sameWords = 0;
    pair.differsAtOriginal = pair.differsAtSmaller = -1;
    Word a = nextWord(pair.original, 0), b = nextWord(pair.smaller, 0);
    while (!a.text.empty() && a.text == b.text) {
        ++pair.sameWords;
        a = nextWord(pair.original, a.start + a.text.size());
        b = nextWord(pair.smaller, b.start + b.text.size());
    }
    pair.identical = a.text.empty() && b.text.empty();
    if (!a.text.empty()) pair.differsAtOriginal = int64_t(a.start);
    if (!b.text.empty()) pair.differsAtSmaller = int64_t(b.start);
}

} // namespace nibble
