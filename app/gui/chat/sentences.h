// What a screen reader says of an answer while it is being written.
#pragma once

#include <QString>
#include <QStringList>

namespace nibble::gui {

/// Hands out an answer sentence by sentence: one that grows by a token at a time would otherwise be read in pieces, or
/// from its beginning again and again. Sentences come without Markdown's signs, programs as "Code with 12 lines".
class Sentences {
public:
    void restart() { *this = {}; }
    /// The sentences of `answer`, which only grows between two calls, that were completed since the last one; with
    /// `ended`, also what is left.
    QStringList next(const QString& answer, bool ended);

private:
    qsizetype m_from = 0;    // of what was not handed out
    bool m_lineStart = true; // m_from is one
    int m_codeLines = -1;    // of the program that is being written; -1: none is
};

} // namespace nibble::gui
