// The two answers to one prompt, and where they differ.
#pragma once

#include "word_diff.h"
#include <QJsonObject>
#include <QString>

namespace nibble::gui {

struct AnswerPair {
    QString prompt, original, smaller;
    bool identical = false;
    int sameWords = 0;                              // from the start; the next one differs
    double originalSpeed = 0, smallerSpeed = 0;     // words (tokens) per second; 0: not known
    double originalBytes = 0, smallerBytes = 0;     // of memory; 0: not known
    double originalChance = -1, smallerChance = -1; // at the first difference, see protocol.h; -1: not known
    WordDiff diff;                                  // first: the original's

    /// From a pair of an event `answer` of `ask` (protocol.h).
    static AnswerPair fromJson(const QJsonObject& json);
    /// Of any two texts.
    static AnswerPair of(const QString& first, const QString& second);
    QJsonObject toJson() const; // what fromJson() reads

    const QString& answer(bool ofOriginal) const { return ofOriginal ? original : smaller; }
    /// What was thought before the answer (shown folded, as in a chat), and the answer without it.
    QString thoughts(bool ofOriginal) const;
    QString said(bool ofOriginal) const;
    /// Most words differ, so that marking them all would help nobody: only the first is marked.
    bool partWays() const { return diff.changed > 0.6; }
    /// The first differing words; empty where an answer ended there, or both are the same.
    QString firstChange(bool ofOriginal) const;
    /// "The first 12 words are the same."
    QString sentence() const;
    /// What the original itself expected at the first difference, in words; empty where that is not known.
    QString chanceSentence() const;
    /// What was said as rich text with the changed words underlined, in `color` and with a sign before each run; the
    /// text itself is never markup.
    QString marked(bool ofOriginal, const QString& color) const;

private:
    qsizetype saidFrom(bool ofOriginal) const; // where in the answer
};

} // namespace nibble::gui
