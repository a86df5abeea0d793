// Colours the code of an answer: comments, strings, keywords and numbers of the languages that answers are written in.
#pragma once

#include <QColor>
#include <QPointer>
#include <QQuickTextDocument>
#include <QSyntaxHighlighter>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

struct CodeSpan {
    enum Kind { Comment, String, Keyword, Number };
    int begin = 0, length = 0;
    Kind kind = Comment;
    bool operator==(const CodeSpan&) const = default;
};

/// What a line of code consists of, in order; the rest is plain. `language` is what follows the fence ("python",
/// "c++"); of one that is not known nothing is coloured. `open` is what the line before left open: a block comment, or
/// a string of several lines; empty at the beginning. Set to what this one leaves open.
QList<CodeSpan> codeSpans(const QString& line, const QString& language, QString& open);

class CodeHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* text READ text WRITE setText NOTIFY changed)
    Q_PROPERTY(QString language MEMBER m_language NOTIFY changed)
    Q_PROPERTY(QColor comments MEMBER m_comments NOTIFY changed)
    Q_PROPERTY(QColor strings MEMBER m_strings NOTIFY changed)
    Q_PROPERTY(QColor keywords MEMBER m_keywords NOTIFY changed)
    Q_PROPERTY(QColor numbers MEMBER m_numbers NOTIFY changed)

public:
    explicit CodeHighlighter(QObject* parent = nullptr);

    QQuickTextDocument* text() const { return m_text; }
    void setText(QQuickTextDocument* text);

signals:
    void changed();

protected:
    void highlightBlock(const QString& line) override;

private:
    QColor colorOf(CodeSpan::Kind kind) const;

    QPointer<QQuickTextDocument> m_text;
    QString m_language;
    QColor m_comments, m_strings, m_keywords, m_numbers;
};

} // namespace nibble::gui
