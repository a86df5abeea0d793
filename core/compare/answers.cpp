#include <algorithm>
#include <cmath>
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

void Chances::add(std::span<const float> logits) {
    std::array<Likely, kMost>& place = m_places.emplace_back();
    const float most = *std::ranges::max_element(logits);
    double sum = 0;
    float least = -HUGE_VALF; // of those kept
    std::size_t kept = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        sum += std::exp(double(logits[i] - most));
        if (kept == kMost && !(logits[i] > least)) continue;
        std::size_t at = kept < kMost ? kept++ : kMost - 1;
        for (; at > 0 && place[at - 1].probability < logits[i]; --at) place[at] = place[at - 1];
        place[at] = {int32_t(i), logits[i]};
        least = place[kept - 1].probability;
    }
    for (Likely& one : place)
        if (one.token >= 0) one.probability = float(std::exp(double(one.probability - most)) / sum);
}

double Chances::of(int32_t token, std::size_t place) const {
    if (place >= m_places.size()) return -1;
    const auto& likely = m_places[place];
    const auto it = std::ranges::find(likely, token, &Likely::token);
    return it == likely.end() ? -1 : double(it->probability);
}

void findChances(AnswerPair& pair, std::span<const int32_t> original, std::span<const int32_t> smaller,
                 const Chances& ofOriginal) {
    const auto [a, b] = std::ranges::mismatch(original, smaller);
    if (a == original.end() || b == smaller.end()) return;
    const auto place = std::size_t(a - original.begin());
    pair.originalChance = ofOriginal.of(*a, place);
    pair.smallerChance = ofOriginal.of(*b, place);
}

} // namespace nibble
