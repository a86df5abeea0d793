#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <compare/evidence.h>
#include <compare/statistics.h>
#include <cstdlib>
#include <numeric>

namespace nibble {

namespace {

constexpr std::size_t kMoments = 8;
constexpr std::size_t kApart = 8; // positions; an upset often lasts for a few tokens
constexpr std::size_t kContextTokens = 24, kContextBytes = 160, kWordBytes = 60;
constexpr std::size_t kStretches = 32, kStretchRows = 32; // at most so many, each at least so long
constexpr std::size_t kBeginTokens = 8, kBeginBytes = 60;

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool isLetter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || uint8_t(c) >= 0x80; }

/// On one line: runs of white space as one space, line breaks as "↵", none at either end.
std::string shown(std::string_view text, std::size_t maxBytes) {
    std::string out;
    while (!text.empty()) {
        const std::size_t n =
            std::min(std::size_t(std::find_if_not(text.begin(), text.end(), isSpace) - text.begin()), text.size());
        if (n == 0) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        const bool broken = text.substr(0, n).find('\n') != std::string_view::npos;
        if (broken) out += out.empty() ? "↵" : " ↵";
        if (n < text.size() && !out.empty()) out += ' ';
        text.remove_prefix(n);
    }
    return printable(out, maxBytes);
}

std::string word(std::string_view text) {
    const std::string out = shown(text, kWordBytes);
    if (!out.empty()) return out;
    return text.empty() ? "(end)" : "(space)"; // control tokens have no text, and the one that is expected ends it
}

/// What `token` adds to the text of the tokens before it: some vocabularies write a piece differently at a start.
std::string pieceAfter(const MeasuredText& text, std::span<const int32_t> before, const std::string& beforeText,
                       int32_t token) {
    std::vector<int32_t> all(before.begin(), before.end());
    all.push_back(token);
    const std::string whole = text.decode(all);
    return whole.starts_with(beforeText) ? whole.substr(beforeText.size()) : text.decode({&token, 1});
}

WorstMoment momentAt(const MeasuredText& text, const RowScore& score, std::size_t row) {
    const std::size_t position = text.positionOf(row), chunk = position - position % std::size_t(text.chunkTokens);
    const std::size_t from = std::max(chunk, position - std::min(position, kContextTokens));
    const std::span<const int32_t> before = text.tokens.subspan(from, position - from);
    const std::string context = text.decode(before);
    const auto piece = [&](int32_t token) { return pieceAfter(text, before, context, token); };
    const std::string follows = piece(text.tokens[position]), original = piece(score.originalTop),
                      smaller = piece(score.smallerTop);
    // Where any of the three goes on inside a word, the word's beginning belongs to all of them.
    std::string_view rest = context, stem;
    for (const std::string* one : {&follows, &original, &smaller})
        if (!one->empty() && isLetter((*one)[0])) {
            std::size_t n = 0;
            while (n < context.size() && isLetter(context[context.size() - 1 - n])) ++n;
            rest = std::string_view(context).substr(0, context.size() - n);
            stem = std::string_view(context).substr(context.size() - n);
        }
    if (from > chunk) // the first word may be cut
        if (const std::size_t space = rest.find_first_of(" \n\t"); space != std::string_view::npos)
            rest.remove_prefix(space);

    WorstMoment moment;
    moment.position = int32_t(position);
    moment.context = shown(rest, kContextBytes);
    moment.follows = word(std::string(stem) + follows);
    moment.original = word(std::string(stem) + original);
    moment.smaller = word(std::string(stem) + smaller);
    moment.originalChance = double(score.originalChance);
    moment.smallerChance = double(score.smallerChance);
    moment.divergence = score.divergence;
    return moment;
}

std::vector<std::size_t> worstRows(std::span<const RowScore> scores, const MeasuredText& text) {
    std::vector<std::size_t> order, worst;
    for (std::size_t row = 0; row < scores.size(); ++row)
        if (std::isfinite(scores[row].divergence) && scores[row].divergence > 0 && scores[row].originalTop >= 0)
            order.push_back(row);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a].divergence > scores[b].divergence; });
    for (std::size_t row : order) {
        const auto near = [&](std::size_t other) {
            const std::size_t a = text.positionOf(row), b = text.positionOf(other);
            return std::max(a, b) - std::min(a, b) < kApart;
        };
        if (std::any_of(worst.begin(), worst.end(), near)) continue;
        worst.push_back(row);
        if (worst.size() == kMoments) break;
    }
    return worst;
}

Stretch stretchOf(std::span<const RowScore> scores, const MeasuredText& text, std::size_t first, std::size_t end) {
    std::vector<double> divergence;
    int64_t same = 0;
    for (std::size_t row = first; row < end; ++row) {
        if (std::isfinite(scores[row].divergence)) divergence.push_back(scores[row].divergence);
        same += scores[row].sameTop();
    }
    const std::size_t position = text.positionOf(first);
    const std::size_t tokens = std::min(kBeginTokens, text.tokens.size() - position);
    Stretch stretch;
    stretch.position = int32_t(position);
    stretch.tokens = int32_t(end - first);
    stretch.begins = shown(text.decode(text.tokens.subspan(position, tokens)), kBeginBytes);
    stretch.divergence = meanOf(divergence).value;
    stretch.agreement = double(same) / double(end - first);
    stretch.drift = driftOf(stretch.divergence);
    return stretch;
}

} // namespace

std::size_t MeasuredText::positionOf(std::size_t row) const {
    const auto rows = std::size_t(rowsPerChunk()), n = std::size_t(chunkTokens);
    return row / rows * n + n / 2 + row % rows + 1;
}

void gatherEvidence(std::span<const RowScore> scores, const MeasuredText& text, CompareReport& report) {
    for (std::size_t row : worstRows(scores, text)) report.worstMoments.push_back(momentAt(text, scores[row], row));
    const std::size_t n = std::clamp<std::size_t>(scores.size() / kStretchRows, 1, kStretches);
    for (std::size_t i = 0; i < n; ++i)
        report.stretches.push_back(stretchOf(scores, text, scores.size() * i / n, scores.size() * (i + 1) / n));
}

} // namespace nibble
