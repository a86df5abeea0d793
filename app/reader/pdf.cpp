#include "document.h"

#ifdef NIBBLE_PDF

#include <QBuffer>
#include <QPdfDocument>
#include <QPdfSelection>

namespace nibble::reader {

namespace {

constexpr int kMostPages = 5000;

/// Qt says with U+FFFE that a word goes on after the end of a line; form feeds and the like are of no use to a model.
QString cleaned(QString text) {
    text.remove(QChar(0xfffe)).remove(QChar(0)).remove('\f').remove('\r');
    return text.trimmed();
}

[[noreturn]] void refuse(QPdfDocument::Error error) {
    using Error = QPdfDocument::Error;
    if (error == Error::IncorrectPassword || error == Error::UnsupportedSecurityScheme) throw ReadError{"password", {}};
    throw ReadError{"damaged", QStringLiteral("Qt PDF, error %1").arg(int(error))};
}

} // namespace

Document readPdf(const QByteArray& file, qsizetype mostCharacters) {
    QBuffer buffer;
    buffer.setData(file);
    buffer.open(QIODevice::ReadOnly);
    QPdfDocument pdf;
    pdf.load(&buffer);
    if (pdf.status() != QPdfDocument::Status::Ready) refuse(pdf.error());
    Document document{{}, pdf.pageCount()};
    if (document.pages > kMostPages) throw ReadError{"too-long", {}};
    Text text(mostCharacters);
    for (int page = 0; page < document.pages; ++page) {
        const QString content = cleaned(pdf.getAllText(page).text());
        if (content.isEmpty()) {
            ++document.emptyPages;
            continue;
        }
        if (document.pages > 1) text.add(QStringLiteral("[Page %1 of %2]\n").arg(page + 1).arg(document.pages));
        text.add(content);
        text.add(u"\n\n");
    }
    document.text = text.text().trimmed();
    if (document.text.isEmpty()) throw ReadError{document.pages > 0 ? "no-text" : "damaged", {}};
    return document;
}

} // namespace nibble::reader

#else

namespace nibble::reader {

Document readPdf(const QByteArray&, qsizetype) { throw ReadError{"no-pdf", {}}; }

} // namespace nibble::reader

#endif
