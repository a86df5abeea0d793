#include "open_document.h"

#include "table_text.h"
#include "xml.h"

namespace nibble::reader {

namespace {

constexpr int kMostColumns = 16384, kMostRows = 1048576; // of LibreOffice and Excel

/// The paragraph or heading that has just started.
QString readParagraph(Xml& xml, const QString& end) {
    QString line;
    while (xml.next() && !xml.ends(end)) {
        if (xml.isText()) line += xml.text();
        if (xml.starts(u"s")) line += QString(std::clamp(xml.attribute(u"c").toInt(), 1, 100), ' ');
        if (xml.starts(u"tab")) line += '\t';
        if (xml.starts(u"line-break")) line += '\n';
        if (xml.starts(u"annotation") || xml.starts(u"note")) xml.skip();
        // A frame in a paragraph may hold paragraphs of its own.
        if (xml.starts(u"p") || xml.starts(u"h")) line += ' ' + readParagraph(xml, xml.starts(u"p") ? "p" : "h") + ' ';
    }
    return line;
}

bool startsParagraph(const Xml& xml) { return xml.starts(u"p") || xml.starts(u"h"); }

QString readParagraph(Xml& xml) {
    return readParagraph(xml, xml.starts(u"p") ? QStringLiteral("p") : QStringLiteral("h"));
}

/// The cell that has just started. A table in it becomes part of its text.
QString readCell(Xml& xml, const QString& end) {
    const QString date = xml.attribute(u"date-value");
    QStringList lines;
    int inside = 0; // cells in it
    while (xml.next() && !(xml.ends(end) && inside == 0)) {
        if (xml.starts(end)) ++inside;
        if (xml.ends(end)) --inside;
        if (xml.starts(u"annotation")) {
            xml.skip();
        } else if (startsParagraph(xml)) {
            lines += readParagraph(xml);
        }
    }
    return date.isEmpty() ? lines.join(' ') : QString(date).replace('T', ' ');
}

/// The row that has just started.
QStringList readRow(Xml& xml) {
    QStringList row;
    while (xml.next() && !xml.ends(u"table-row")) {
        const bool covered = xml.starts(u"covered-table-cell"); // by a wider one
        if (!covered && !xml.starts(u"table-cell")) continue;
        const int repeated = std::clamp(xml.attribute(u"number-columns-repeated").toInt(), 1, kMostColumns);
        const QString cell =
            readCell(xml, covered ? QStringLiteral("covered-table-cell") : QStringLiteral("table-cell"));
        if (row.size() + repeated > kMostColumns + 1) throw ReadError{"damaged", QStringLiteral("too many columns")};
        for (int i = 0; i < repeated; ++i) row += cell;
    }
    return row;
}

/// The table that has just started.
void readTable(Xml& xml, TableText& table) {
    while (xml.next() && !xml.ends(u"table")) {
        if (!xml.starts(u"table-row")) continue;
        const int repeated = std::clamp(xml.attribute(u"number-rows-repeated").toInt(), 1, kMostRows);
        const QStringList row = readRow(xml);
        const bool empty = row.join(QString()).trimmed().isEmpty();
        for (int i = 0; i < (empty ? 1 : repeated); ++i) table.addRow(row);
    }
}

} // namespace

void readOpenDocument(ZipEntries& entries, Text& text) {
    if (entries.read(QStringLiteral("META-INF/manifest.xml")).contains("encryption-data"))
        throw ReadError{"password", {}};
    bool spreadsheet = false;
    Xml xml(entries.read(QStringLiteral("content.xml")));
    while (xml.next()) {
        if (xml.starts(u"spreadsheet")) spreadsheet = true;
        if (xml.starts(u"tracked-changes") || xml.starts(u"annotation")) {
            xml.skip();
        } else if (xml.starts(u"table")) {
            const QString name = xml.attribute(u"name");
            Text rows(text.room());
            TableText table(rows);
            readTable(xml, table);
            if (table.isEmpty()) continue;
            if (spreadsheet) {
                addSheet(text, name, rows.text());
            } else {
                text.add(rows.text());
                text.add(u"\n");
            }
        } else if (!spreadsheet && startsParagraph(xml)) {
            text.add(QString(readParagraph(xml) + '\n'));
        }
    }
}

} // namespace nibble::reader
