#include "workbook.h"

#include "cell_format.h"
#include "table_text.h"
#include "xml.h"
#include <QHash>
#include <QList>
#include <optional>

namespace nibble::reader {

namespace {

constexpr int kMostColumns = 16384; // Excel's own limit

struct Sheet {
    QString name, part;
    bool hidden = false;
};

struct Shared {
    QStringList strings;
    QList<CellFormat> formats; // by a cell's s
    bool from1904 = false;
};

/// The texts that cells name by number; readings for Japanese (rPh) are no part of them.
QStringList readStrings(const QByteArray& part) {
    QStringList strings;
    Xml xml(part);
    while (xml.next()) {
        if (xml.starts(u"si")) strings += QString();
        if (xml.starts(u"rPh")) {
            xml.skip();
        } else if (xml.starts(u"t") && !strings.isEmpty()) {
            strings.last() += xml.content();
        }
    }
    return strings;
}

QList<CellFormat> readFormats(const QByteArray& part) {
    QHash<int, QString> codes;
    QList<CellFormat> formats;
    bool inCells = false;
    Xml xml(part);
    while (xml.next()) {
        if (xml.starts(u"numFmt")) codes[xml.attribute(u"numFmtId").toInt()] = xml.attribute(u"formatCode");
        if (xml.starts(u"cellXfs")) inCells = true;
        if (xml.ends(u"cellXfs")) inCells = false;
        if (inCells && xml.starts(u"xf")) {
            const int id = xml.attribute(u"numFmtId").toInt();
            formats += formatOf(id, codes.value(id));
        }
    }
    return formats;
}

/// From the parts' ids to their names in the archive.
QHash<QString, QString> readRelations(const QByteArray& part) {
    QHash<QString, QString> targets;
    Xml xml(part);
    while (xml.next()) {
        if (!xml.starts(u"Relationship")) continue;
        const QString target = xml.attribute(u"Target");
        targets[xml.attribute(u"Id")] = target.startsWith('/') ? target.mid(1) : QLatin1String("xl/") + target;
    }
    return targets;
}

QList<Sheet> readSheets(ZipEntries& entries, Shared& shared) {
    const QHash<QString, QString> targets = readRelations(entries.read(QStringLiteral("xl/_rels/workbook.xml.rels")));
    QList<Sheet> sheets;
    Xml xml(entries.read(QStringLiteral("xl/workbook.xml")));
    while (xml.next()) {
        if (xml.starts(u"workbookPr")) {
            const QString from1904 = xml.attribute(u"date1904");
            shared.from1904 = from1904 == QLatin1String("1") || from1904 == QLatin1String("true");
        } else if (xml.starts(u"sheet")) {
            const QString state = xml.attribute(u"state");
            sheets.append({xml.attribute(u"name"), targets.value(xml.attribute(u"id")),
                           !state.isEmpty() && state != QLatin1String("visible")});
        }
    }
    return sheets;
}

/// The column of "BC12", from 0; nothing where it is none.
std::optional<int> columnOf(const QString& reference) {
    int column = 0;
    for (const QChar letter : reference) {
        if (letter < 'A' || letter > 'Z') break;
        column = column * 26 + (letter.unicode() - 'A' + 1);
        if (column > kMostColumns) return {};
    }
    return column > 0 ? std::optional(column - 1) : std::nullopt;
}

/// The cell that has just started, as text.
QString readCell(Xml& xml, const Shared& shared) {
    const QString type = xml.attribute(u"t");
    const int format = xml.attribute(u"s").toInt();
    QString value, inlined;
    while (xml.next() && !xml.ends(u"c")) {
        if (xml.starts(u"v")) value = xml.content();
        if (xml.starts(u"rPh")) xml.skip();
        if (xml.starts(u"t")) inlined += xml.content();
    }
    if (type == QLatin1String("inlineStr")) return inlined;
    if (type == QLatin1String("s")) return shared.strings.value(value.toInt());
    if (type == QLatin1String("b"))
        return value == QLatin1String("1") ? QStringLiteral("TRUE") : QStringLiteral("FALSE");
    bool isNumber = false;
    const double number = value.toDouble(&isNumber);
    if (!isNumber || !(type.isEmpty() || type == QLatin1String("n")))
        return value; // a formula's text, an error, a date
    return inWords(number, shared.formats.value(format), shared.from1904);
}

void readSheet(const QByteArray& part, const Shared& shared, TableText& table) {
    QStringList row;
    Xml xml(part);
    while (xml.next()) {
        if (xml.starts(u"row")) row.clear();
        if (xml.starts(u"c")) {
            const int column = columnOf(xml.attribute(u"r")).value_or(int(row.size()));
            if (row.size() >= kMostColumns) throw ReadError{"damaged", QStringLiteral("a row with too many columns")};
            while (row.size() <= column) row += QString();
            row[column] = readCell(xml, shared);
        }
        if (xml.ends(u"row")) table.addRow(row);
    }
}

} // namespace

void readWorkbook(ZipEntries& entries, Text& text) {
    Shared shared;
    if (const QByteArray part = entries.read(QStringLiteral("xl/sharedStrings.xml")); !part.isEmpty())
        shared.strings = readStrings(part);
    if (const QByteArray part = entries.read(QStringLiteral("xl/styles.xml")); !part.isEmpty())
        shared.formats = readFormats(part);
    const QList<Sheet> sheets = readSheets(entries, shared);
    for (const Sheet& sheet : sheets) {
        const QByteArray part = entries.read(sheet.part);
        if (part.isEmpty()) continue; // a chart
        Text rows(text.room());
        TableText table(rows);
        readSheet(part, shared, table);
        if (!table.isEmpty()) addSheet(text, sheet.name, rows.text(), sheet.hidden);
    }
}

} // namespace nibble::reader
