#include "sentences.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QTextDocument>

namespace nibble::gui {

namespace {

constexpr qsizetype kLongest = 400; // letters; a listener does not wait for more

bool closes(QChar c) { return QStringLiteral("\"')]}*_»«”’“").contains(c); }

/// Whether the point at `at` belongs to a number, an initial or an abbreviation, and so ends no sentence.
bool isInside(const QString& text, qsizetype from, qsizetype at) {
    qsizetype begin = at;
    while (begin > from && text[begin - 1].isLetterOrNumber()) --begin;
    const QString word = text.mid(begin, at - begin);
    if (word.isEmpty()) return false;
    if (word.size() == 1 && word[0].isLetter() && word != QLatin1String("I")) return true;
    bool number = false;
    (void)word.toInt(&number);
    if (number) return text.mid(from, begin - from).trimmed().isEmpty() || word.size() <= 2; // "1. First", "am 3. Mai"
    static const QStringList abbreviations{"Dr", "Mr", "Mrs", "Ms",  "Prof", "St",   "No",   "vs",   "approx", "bzw",
                                           "ca", "Nr", "vgl", "Abs", "ggf",  "inkl", "zzgl", "evtl", "Tel"};
    return abbreviations.contains(word);
}

/// Behind the sentence that begins at `from`; -1: it has no end yet. Nothing of a program's line is a sentence.
qsizetype endOf(const QString& text, qsizetype from, bool code) {
    for (qsizetype i = from; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == '\n') return i + 1;
        if (code) continue;
        if (c == QChar(0x3002) || c == QChar(0xff01) || c == QChar(0xff1f)) return i + 1; // Chinese and Japanese
        if (c == '.' || c == '!' || c == '?' || c == QChar(0x2026)) {
            qsizetype behind = i + 1;
            while (behind < text.size() && closes(text[behind])) ++behind;
            if (behind < text.size() && text[behind].isSpace() && !(c == '.' && isInside(text, from, i))) return behind;
        }
        if (i - from >= kLongest && c.isSpace()) return i + 1;
    }
    return -1;
}

QString spoken(QString sentence) {
    static const QRegularExpression rule(QStringLiteral("^[\\s|:*_-]+$")), cells(QStringLiteral("\\s*\\|\\s*"));
    if (rule.match(sentence).hasMatch()) return {};
    sentence = sentence.trimmed();
    if (sentence.startsWith('|')) sentence = sentence.split(cells, Qt::SkipEmptyParts).join(QStringLiteral(", "));
    QTextDocument document;
    document.setMarkdown(sentence, QTextDocument::MarkdownFeatures(QTextDocument::MarkdownNoHTML) |
                                       QTextDocument::MarkdownDialectGitHub);
    // What stood around more than this sentence has lost its other half.
    static const QRegularExpression signs(QStringLiteral("\\*\\*|__|`|\\x{fffc}"));
    return document.toPlainText().remove(signs).simplified();
}

} // namespace

QStringList Sentences::next(const QString& answer, bool ended) {
    QStringList sentences;
    const auto say = [&sentences](const QString& sentence) {
        if (!sentence.isEmpty()) sentences += sentence;
    };
    const auto endCode = [&] {
        say(m_codeLines == 1 ? QCoreApplication::translate("Sentences", "One line of code.")
                             : QCoreApplication::translate("Sentences", "Code with %1 lines.").arg(m_codeLines));
        m_codeLines = -1;
    };
    while (m_from < answer.size()) {
        const QString left = answer.mid(m_from, 3).trimmed();
        const bool mayBeFence = m_lineStart && !left.isEmpty() && QStringLiteral("```").startsWith(left);
        qsizetype end = endOf(answer, m_from, m_codeLines >= 0 || mayBeFence);
        if (end < 0 && !ended) break;
        if (end < 0) end = answer.size();
        const QString unit = answer.mid(m_from, end - m_from);
        const bool fence = m_lineStart && unit.trimmed().startsWith(QLatin1String("```"));
        if (fence && m_codeLines >= 0)
            endCode();
        else if (fence)
            m_codeLines = 0;
        else if (m_codeLines >= 0)
            ++m_codeLines;
        else
            say(spoken(unit));
        m_lineStart = unit.endsWith('\n');
        m_from = end;
    }
    if (ended && m_codeLines >= 0) endCode();
    return sentences;
}

} // namespace nibble::gui
