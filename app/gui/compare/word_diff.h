// Which words of two answers differ.
#pragma once

#include <QList>
#include <QString>

namespace nibble::gui {

/// A piece of a text, in UTF-16 units.
struct Span {
    qsizetype start = 0, length = 0;
    bool operator==(const Span&) const = default;
};

struct WordDiff {
    QList<Span> first, second; // runs of words that the other text does not have at this place
    double changed = 0;        // share of the words of both that are in these runs, 0..1
};

/// By the longest common sequence of words; words are what white space separates. Texts of more than kMostWords words
/// give no runs (their changed is 1): the work grows with the product.
inline constexpr int kMostWords = 1500;
WordDiff wordDiff(const QString& first, const QString& second);

/// The words of a text, as spans.
QList<Span> wordsOf(const QString& text);

} // namespace nibble::gui
