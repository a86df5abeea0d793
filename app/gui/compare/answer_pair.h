// The two answers to one prompt, with the place where they part.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

struct AnswerPair {
    Q_GADGET
    QML_VALUE_TYPE(answerPair)
    Q_PROPERTY(QString prompt MEMBER prompt)
    Q_PROPERTY(QString original MEMBER original)
    Q_PROPERTY(QString smaller MEMBER smaller)
    Q_PROPERTY(bool identical MEMBER identical)
    Q_PROPERTY(QString sentence MEMBER sentence)
    Q_PROPERTY(QString originalWord MEMBER originalWord)
    Q_PROPERTY(QString smallerWord MEMBER smallerWord)

public:
    QString prompt, original, smaller;
    bool identical = false;
    QString sentence;                          // "The first 12 words are the same, then ..."
    QString originalWord, smallerWord;         // where they part; empty where an answer ended there
    qsizetype originalAt = -1, smallerAt = -1; // of that word, in characters; -1: none

    /// From an entry of `answers` in the result of `compare` (protocol.h). Offsets outside the text count as none.
    static AnswerPair fromJson(const QJsonObject& json);
    /// An answer as rich text with the first differing word underlined and in `color`; the text itself is never markup.
    Q_INVOKABLE QString marked(bool ofOriginal, const QString& color) const;
    bool operator==(const AnswerPair&) const = default;
};

} // namespace nibble::gui
