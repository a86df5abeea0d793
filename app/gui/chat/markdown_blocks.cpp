#include "markdown_blocks.h"

#include <QRegularExpression>

namespace nibble::gui {

namespace {

/// Neither tags nor pictures: "<" and "![" lose their meaning. Inline code shows entities as they are written, so there
/// a "<" stays.
QString safeProse(const QString& text) {
    QString safe;
    safe.reserve(text.size() + 16);
    bool inCode = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (c == '`') inCode = !inCode;
        if (c == '\n') inCode = false;
        if (!inCode && c == '<') {
            safe += QLatin1String("&lt;");
        } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '[') {
            safe += QLatin1String("!\\");
        } else {
            safe += c;
        }
    }
    return safe;
}

void addProse(QList<MarkdownBlock>& blocks, QStringList& lines) {
    const QString text = lines.join('\n').trimmed();
    lines.clear();
    if (!text.isEmpty()) blocks.append({false, safeProse(text), {}});
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
            blocks.append({true, lines.join('\n'), language});
            lines.clear();
            open.clear();
        } else {
            lines.append(line);
        }
    }
    if (!open.isEmpty()) {
        blocks.append({true, lines.join('\n'), language});
    } else {
        addProse(blocks, lines);
    }
    return blocks;
}

QVariantList toVariant(const QList<MarkdownBlock>& blocks) {
    QVariantList list;
    for (const MarkdownBlock& block : blocks) {
        list.append(QVariantMap{{"code", block.code}, {"text", block.text}, {"language", block.language}});
    }
    return list;
}

} // namespace nibble::gui
