#include "document.h"

#include "open_document.h"
#include "word_document.h"
#include "workbook.h"
#include "zip_entries.h"

namespace nibble::reader {

namespace {

constexpr qsizetype kWherePdfBegins = 1024; // some writers put other bytes before it

QString readPacked(const QByteArray& file, Text& text) {
    ZipEntries entries(file);
    if (entries.contains(QStringLiteral("xl/workbook.xml"))) {
        readWorkbook(entries, text);
    } else if (entries.contains(QStringLiteral("word/document.xml"))) {
        readWordDocument(entries, text);
    } else if (entries.contains(QStringLiteral("content.xml"))) {
        readOpenDocument(entries, text);
    } else {
        throw ReadError{"unknown", QStringLiteral("a ZIP archive without a document that is known")};
    }
    return text.text();
}

} // namespace

Document readDocument(const QByteArray& file, qsizetype mostCharacters) {
    if (QByteArray::fromRawData(file.constData(), std::min(kWherePdfBegins, file.size())).contains("%PDF-"))
        return readPdf(file, mostCharacters);
    // Excel and Word before 2007, and today's files with a password, are such containers.
    if (file.startsWith("\xD0\xCF\x11\xE0")) {
        const bool locked = file.contains(QByteArray("E\0n\0c\0r\0y\0p\0t\0i\0o\0n\0I\0n\0f\0o", 27));
        throw ReadError{locked ? "password" : "old-format", {}};
    }
    if (!file.startsWith("PK")) throw ReadError{"unknown", {}};
    Text text(mostCharacters);
    Document document{readPacked(file, text)};
    if (document.text.trimmed().isEmpty()) throw ReadError{"no-text", {}};
    return document;
}

} // namespace nibble::reader
