#include "word_diff.h"

#include <algorithm>
#include <vector>

namespace nibble::gui {

namespace {

/// Words that are not kept, as runs from the first letter of a run to its last.
QList<Span> runsOf(const QList<Span>& words, const std::vector<bool>& kept) {
    QList<Span> runs;
    bool open = false;
    for (qsizetype i = 0; i < words.size(); ++i) {
        if (kept[std::size_t(i)]) {
            open = false;
        } else if (open) {
            runs.last().length = words[i].start + words[i].length - runs.last().start;
        } else {
            runs.append(words[i]);
            open = true;
        }
    }
    return runs;
}

} // namespace

QList<Span> wordsOf(const QString& text) {
    QList<Span> words;
    for (qsizetype at = 0; at < text.size();) {
        if (text[at].isSpace()) {
            ++at;
            continue;
        }
        qsizetype end = at;
        while (end < text.size() && !text[end].isSpace()) ++end;
        words.append({at, end - at});
        at = end;
    }
    return words;
}

WordDiff wordDiff(const QString& first, const QString& second) {
    const QList<Span> a = wordsOf(first), b = wordsOf(second);
    const auto n = std::size_t(a.size()), m = std::size_t(b.size());
    if (n > kMostWords || m > kMostWords) return {{}, {}, 1};
    const auto same = [&](std::size_t i, std::size_t j) {
        return QStringView(first).mid(a[qsizetype(i)].start, a[qsizetype(i)].length) ==
               QStringView(second).mid(b[qsizetype(j)].start, b[qsizetype(j)].length);
    };
    // common[i][j]: longest common sequence of the words from i and from j on.
    std::vector<uint16_t> common((n + 1) * (m + 1), 0);
    const auto at = [&](std::size_t i, std::size_t j) -> uint16_t& { return common[i * (m + 1) + j]; };
    for (std::size_t i = n; i-- > 0;)
        for (std::size_t j = m; j-- > 0;)
            at(i, j) = same(i, j) ? uint16_t(at(i + 1, j + 1) + 1) : std::max(at(i + 1, j), at(i, j + 1));

    std::vector<bool> keptA(n, false), keptB(m, false);
    std::size_t kept = 0;
    for (std::size_t i = 0, j = 0; i < n && j < m;) {
        if (same(i, j)) {
            keptA[i++] = keptB[j++] = true;
            kept += 2;
        } else if (at(i + 1, j) >= at(i, j + 1)) {
            ++i;
        } else {
            ++j;
        }
    }
    return {runsOf(a, keptA), runsOf(b, keptB), n + m == 0 ? 0 : double(n + m - kept) / double(n + m)};
}

} // namespace nibble::gui
