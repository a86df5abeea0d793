// Splits an answer's Markdown into the blocks that the chat draws: prose, code and formulas.
#pragma once

#include <QList>
#include <QString>
#include <QVariantMap>

namespace nibble::gui {

struct MarkdownBlock {
    bool code = false;
    QString text;     // prose as Markdown that is safe to show, or the code as it is, or a formula as rich text
    QString language; // of code, may be empty
    QString formula;  // its source, where the block is one
    bool operator==(const MarkdownBlock&) const = default;
};

/// An answer as the engine gives it: "<think>...</think>" in front is what the model thought first.
struct AnswerParts {
    QString thoughts, answer;
    bool thinking = false; // the thoughts have no end yet
};
AnswerParts answerParts(const QString& content);

/// `markdown` comes from a model, so it is hostile: HTML and images (which could be fetched from the Internet) are made
/// plain text, and the only HTML in it is ours: of formulas in the text, between \( \), $$ $$ or $ $, and of code.
/// Those with lines of their own are blocks. A fence that is not closed yet (an answer being written) is code until its
/// end.
QList<MarkdownBlock> markdownBlocks(const QString& markdown);

/// For QML: {code, text, language, formula} of each.
QVariantList toVariant(const QList<MarkdownBlock>& blocks);

} // namespace nibble::gui
