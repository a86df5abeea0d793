#include "markdown_blocks.h"

#include "formula.h"
#include <QRegularExpression>
#include <algorithm>

namespace nibble::gui {

namespace {

using Blocks = QList<MarkdownBlock>;

/// Splits prose into what is shown as Markdown and the formulas that have lines of their own.
class Prose {
public:
    Prose(const QString& text, Blocks& blocks) : m_text(text), m_blocks(blocks) {}

    void split() {
        while (m_at < m_text.size()) {
            if (!code() && !formula() && !escape()) character();
        }
        flush();
    }

private:
    /// Where `sign` stands next, from `from` on; not far away, so that a hostile text costs no time.
    qsizetype find(const QString& sign, qsizetype from) const {
        constexpr qsizetype kFar = 4000;
        const qsizetype at = QStringView(m_text).mid(from, kFar).indexOf(sign);
        return at < 0 ? -1 : from + at;
    }
    QStringView rest() const { return QStringView(m_text).mid(m_at); }

    /// An inline code span, which has no formulas. Where it could be taken for HTML or a picture, it is written as HTML
    /// of our own: what counts as code for Markdown is subtle, and must not decide what is safe.
    bool code() {
        if (m_text[m_at] != '`') return false;
        qsizetype count = 1;
        while (m_at + count < m_text.size() && m_text[m_at + count] == '`') ++count;
        const QString fence(count, '`');
        const qsizetype end = find(fence, m_at + count);
        const QString inside = end < 0 ? QString() : m_text.mid(m_at + count, end - m_at - count);
        if (end < 0 || inside.contains(QLatin1String("\n\n"))) {
            m_out += fence;
            m_at += count;
            return true;
        }
        const bool harmless = !inside.contains('<') && !inside.contains(QLatin1String("!["));
        if (harmless)
            m_out += fence + inside + fence;
        else
            addHtml(asCode(inside));
        m_at = end + count;
        return true;
    }

    static QString asCode(const QString& text) { return "<code>" + asEntities(text.simplified()) + "</code>"; }

    /// Qt 6.4 takes the number of a list's item away that begins with HTML: an invisible space goes before it.
    void addHtml(const QString& html) {
        constexpr qsizetype kMarker = 20; // "    > 12. " is short
        const QStringView last = QStringView(m_out).last(std::min(kMarker, m_out.size()));
        const QStringView line = last.mid(last.lastIndexOf('\n') + 1);
        const bool begins =
            line.size() < kMarker && std::none_of(line.begin(), line.end(), [](QChar one) { return one.isLetter(); });
        m_out += begins ? QChar(0x200b) + html : html;
    }

    bool formula() {
        QString open, close;
        for (const auto& [from, to] : {std::pair{"\\(", "\\)"}, {"\\[", "\\]"}, {"$$", "$$"}, {"$", "$"}}) {
            if (!rest().startsWith(QLatin1String(from))) continue;
            open = QLatin1String(from);
            close = QLatin1String(to);
            break;
        }
        if (open.isEmpty()) return false;
        const qsizetype from = m_at + open.size();
        const qsizetype end = find(close, from);
        if (end < 0) return false; // not yet, while it is written
        const QString tex = m_text.mid(from, end - from);
        const qsizetype behind = end + close.size();
        if (tex.contains(QLatin1String("\n\n")) || tex.trimmed().isEmpty()) return false;
        if (open == QLatin1String("$") && !isFormula(tex, behind)) return false;
        const bool alone = open.size() == 2 && open != QLatin1String("\\(") && standsAlone(behind);
        if (alone) {
            flush();
            const auto shown = formulaAsRichText(tex, true);
            if (shown)
                m_blocks.append({false, *shown, {}, tex.trimmed()});
            else
                m_blocks.append({true, tex.trimmed(), QStringLiteral("tex"), {}});
        } else {
            const auto shown = formulaAsRichText(tex, false);
            addHtml(shown ? "<span>" + *shown + "</span>" : asCode(tex));
        }
        m_at = behind;
        return true;
    }

    /// "$5 and $10" are prices: between single signs there is a letter, or a sign that only formulas have, and they
    /// stand close to it.
    bool isFormula(const QString& tex, qsizetype behind) const {
        static const QRegularExpression sign(QStringLiteral("[\\\\^_]"));
        if (tex.contains('\n') || tex.front().isSpace() || tex.back().isSpace()) return false;
        if (behind < m_text.size() && m_text[behind].isLetterOrNumber()) return false;
        if (m_at > 0 && m_text[m_at - 1].isLetterOrNumber()) return false; // US$
        return tex.contains(sign) || (tex.size() == 1 && tex.front().isLetter());
    }

    /// It has its lines for itself, and is not part of a list.
    bool standsAlone(qsizetype behind) const {
        qsizetype start = m_at;
        while (start > 0 && m_text[start - 1] == ' ') --start;
        if (m_at - start > 1 || (start > 0 && m_text[start - 1] != '\n')) return false;
        while (behind < m_text.size() && m_text[behind] == ' ') ++behind;
        return behind == m_text.size() || m_text[behind] == '\n';
    }

    /// "\*" stays one.
    bool escape() {
        if (m_text[m_at] != '\\' || m_at + 1 >= m_text.size() || m_text[m_at + 1] == '<') return false;
        m_out += m_text[m_at++];
        m_out += m_text[m_at++];
        return true;
    }

    /// Neither tags nor pictures: "<" and "![" lose their meaning.
    void character() {
        const QChar letter = m_text[m_at++];
        if (letter == '<') {
            m_out += QLatin1String("&lt;");
        } else if (letter == '!' && m_at < m_text.size() && m_text[m_at] == '[') {
            m_out += QLatin1String("!\\");
        } else {
            m_out += letter;
        }
    }

    void flush() {
        QString text = m_out.trimmed();
        m_out.clear();
        if (text.isEmpty()) return;
        if (!m_blocks.isEmpty()) keepNumbers(text);
        m_blocks.append({false, text, {}, {}});
    }

    /// A list that goes on behind code or a formula would be numbered from 1 again: Qt 6.4 counts for itself.
    static void keepNumbers(QString& text) {
        static const QRegularExpression number(QStringLiteral("^(\\d{1,9})([.)]) "),
                                               QRegularExpression::MultilineOption);
        const QRegularExpressionMatch first = number.match(text);
        if (first.hasMatch() && first.captured(1) != QLatin1String("1"))
            text.replace(number, QStringLiteral("\n\\1\\\\2 "));
        text = text.trimmed();
    }

    const QString& m_text;
    Blocks& m_blocks;
    QString m_out;
    qsizetype m_at = 0;
};

void addProse(Blocks& blocks, QStringList& lines) {
    const QString text = lines.join('\n');
    lines.clear();
    Prose(text, blocks).split();
}

} // namespace

AnswerParts answerParts(const QString& content) {
    static const QString begin = QStringLiteral("<think>"), end = QStringLiteral("</think>");
    qsizetype start = 0;
    while (start < content.size() && content[start].isSpace()) ++start;
    if (!QStringView(content).mid(start).startsWith(begin)) return {{}, content, false};
    start += begin.size();
    const qsizetype stop = content.indexOf(end, start);
    if (stop < 0) return {content.mid(start).trimmed(), {}, true};
    return {content.mid(start, stop - start).trimmed(), content.mid(stop + end.size()).trimmed(), false};
}

QList<MarkdownBlock> markdownBlocks(const QString& markdown) {
    static const QRegularExpression fence(QStringLiteral("^ {0,3}(`{3,}|~{3,})\\s*([\\w+#.-]*)[^`]*$"));
    QList<MarkdownBlock> blocks;
    QStringList lines;
    QString open, language; // the fence we are inside of
    const QStringList all = markdown.split('\n');
    for (const QString& line : all) {
        const QRegularExpressionMatch match = fence.match(line);
        if (open.isEmpty() && match.hasMatch()) {
            addProse(blocks, lines);
            open = match.captured(1);
            language = match.captured(2);
        } else if (!open.isEmpty() && match.hasMatch() && match.captured(1).startsWith(open) &&
                   match.captured(2).isEmpty()) {
            blocks.append({true, lines.join('\n'), language, {}});
            lines.clear();
            open.clear();
        } else {
            lines.append(line);
        }
    }
    if (!open.isEmpty()) {
        blocks.append({true, lines.join('\n'), language, {}});
    } else {
        addProse(blocks, lines);
    }
    return blocks;
}

QVariantList toVariant(const QList<MarkdownBlock>& blocks) {
    QVariantList list;
    for (const MarkdownBlock& block : blocks) {
        list.append(QVariantMap{
            {"code", block.code}, {"text", block.text}, {"language", block.language}, {"formula", block.formula}});
    }
    return list;
}

} // namespace nibble::gui
