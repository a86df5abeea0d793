#include "chat_export.h"

#include "components/text_file.h"
#include "markdown_blocks.h"
#include <QBuffer>
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPageSize>
#include <QPdfWriter>
#include <QTextBlockFormat>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextDocumentFragment>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(ChatExport)
};

QString speaker(const ChatTurn& turn, const QString& model) {
    if (turn.role == QLatin1String("user")) return Words::tr("You");
    return model.isEmpty() ? Words::tr("Answer") : model;
}

QString namesOf(const QList<AttachedFile>& files) {
    QStringList names;
    for (const AttachedFile& file : files) names += file.name;
    return names.join(QStringLiteral(", "));
}

/// What was written, without what a model thought first.
QString answerOf(const ChatTurn& turn) {
    return turn.role == QLatin1String("user") ? turn.content : answerParts(turn.content).answer;
}

void addParagraph(QTextCursor& cursor, const QString& text, double points, bool bold, bool fixed = false) {
    QTextCharFormat letters;
    letters.setFontPointSize(points);
    letters.setFontWeight(bold ? QFont::DemiBold : QFont::Normal);
    if (fixed) letters.setFontFamilies({QStringLiteral("monospace")});
    QTextBlockFormat paragraph;
    paragraph.setTopMargin(bold ? 14 : 4);
    cursor.insertBlock(paragraph, letters);
    cursor.insertText(text, letters);
}

} // namespace

QString chatAsMarkdown(const ChatDocument& chat) {
    QString text = QStringLiteral("# %1\n\n").arg(chat.title.simplified());
    if (!chat.instructions.isEmpty())
        text += QStringLiteral("*%1* %2\n\n").arg(Words::tr("Instructions:"), chat.instructions);
    for (const ChatTurn& turn : chat.turns) {
        text += QStringLiteral("## %1\n\n").arg(speaker(turn, chat.model));
        if (!turn.files.isEmpty()) text += QStringLiteral("*%1* %2\n\n").arg(Words::tr("Files:"), namesOf(turn.files));
        text += answerOf(turn).trimmed() + QStringLiteral("\n\n");
    }
    return text;
}

QByteArray chatAsJson(const ChatDocument& chat) {
    QJsonArray turns;
    for (const ChatTurn& turn : chat.turns) {
        QJsonArray files;
        for (const AttachedFile& file : turn.files) files.append(QJsonObject{{"name", file.name}, {"text", file.text}});
        QJsonObject json{{"role", turn.role}, {"content", answerOf(turn)}};
        if (const QString thoughts = answerParts(turn.content).thoughts;
            !thoughts.isEmpty() && turn.role != QLatin1String("user"))
            json["thoughts"] = thoughts;
        if (!turn.note.isEmpty()) json["note"] = turn.note;
        if (!files.isEmpty()) json["files"] = files;
        turns.append(json);
    }
    return QJsonDocument(QJsonObject{{"title", chat.title},
                                     {"model", chat.model},
                                     {"instructions", chat.instructions},
                                     {"messages", turns}})
        .toJson();
}

QByteArray chatAsPdf(const ChatDocument& chat) {
    constexpr double kBody = 10.5;
    QTextDocument document;
    QTextCursor cursor(&document);
    addParagraph(cursor, chat.title, 18, true);
    if (!chat.instructions.isEmpty())
        addParagraph(cursor, Words::tr("Instructions:") + ' ' + chat.instructions, kBody - 1, false);
    for (const ChatTurn& turn : chat.turns) {
        addParagraph(cursor, speaker(turn, chat.model), kBody, true);
        if (!turn.files.isEmpty())
            addParagraph(cursor, Words::tr("Files:") + ' ' + namesOf(turn.files), kBody - 1, false);
        if (turn.role == QLatin1String("user")) {
            addParagraph(cursor, turn.content, kBody, false);
            continue;
        }
        for (const MarkdownBlock& block : markdownBlocks(answerOf(turn))) {
            addParagraph(cursor, block.code ? block.text : QString(), kBody, false, block.code);
            if (block.code) continue;
            QTextDocument prose; // its own document: a list that ends it must not go on in what follows
            QFont font = prose.defaultFont();
            font.setPointSizeF(kBody);
            prose.setDefaultFont(font);
            if (block.formula.isEmpty())
                prose.setMarkdown(block.text, QTextDocument::MarkdownDialectGitHub);
            else
                prose.setHtml(block.text);
            cursor.insertFragment(QTextDocumentFragment(&prose));
        }
    }
    QBuffer pdf;
    pdf.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&pdf);
        writer.setTitle(chat.title);
        writer.setCreator(QStringLiteral("Nibble"));
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout::Millimeter);
        document.print(&writer);
    }
    return pdf.data();
}

QString saveChat(const QString& path, const ChatDocument& chat) {
    const auto ends = [&path](const char* ending) { return path.endsWith(QLatin1String(ending), Qt::CaseInsensitive); };
    return saveFile(path, ends(".pdf")    ? chatAsPdf(chat)
                          : ends(".json") ? chatAsJson(chat)
                                          : chatAsMarkdown(chat).toUtf8());
}

} // namespace nibble::gui
