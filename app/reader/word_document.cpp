#include "word_document.h"

#include "table_text.h"
#include "xml.h"

namespace nibble::reader {

namespace {

/// The paragraph that has just started. Deleted words are no `t`.
QString readParagraph(Xml& xml) {
    QString line;
    int inside = 0; // paragraphs in it: of text boxes
    while (xml.next() && !(xml.ends(u"p") && inside == 0)) {
        if (xml.starts(u"p")) ++inside;
        if (xml.ends(u"p")) --inside;
        if (xml.starts(u"t")) line += xml.content();
        if (xml.starts(u"tab")) line += '\t';
        if (xml.starts(u"br") || xml.starts(u"cr")) line += '\n';
        if (xml.starts(u"Fallback")) xml.skip(); // the same again, for old programs
        if (xml.starts(u"pPr")) xml.skip();      // its tabs are positions
    }
    return line;
}

/// The table that has just started; one in a cell becomes part of the cell.
void readTable(Xml& xml, TableText& table) {
    QStringList row;
    int inside = 0;
    while (xml.next() && !(xml.ends(u"tbl") && inside == 0)) {
        if (xml.starts(u"tbl")) ++inside;
        if (xml.ends(u"tbl")) --inside;
        if (inside == 0 && xml.starts(u"tr")) row.clear();
        if (inside == 0 && xml.starts(u"tc")) row += QString();
        if (inside == 0 && xml.ends(u"tr")) table.addRow(row);
        if (xml.starts(u"p") && !row.isEmpty()) row.last() += ' ' + readParagraph(xml);
    }
}

} // namespace

void readWordDocument(ZipEntries& entries, Text& text) {
    Xml xml(entries.read(QStringLiteral("word/document.xml")));
    while (xml.next()) {
        if (xml.starts(u"tbl")) {
            TableText table(text);
            readTable(xml, table);
            text.add(u"\n");
        } else if (xml.starts(u"p")) {
            text.add(QString(readParagraph(xml) + '\n'));
        }
    }
}

} // namespace nibble::reader
