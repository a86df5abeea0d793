#include "text_file.h"

#include "wording.h"
#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>
#include <QStringDecoder>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(TextFile)
};

/// As Excel and many programs on Windows save text in western Europe. Nothing where a control character says that it is
/// no text at all.
QString fromWindows1252(const QByteArray& bytes) {
    constexpr char16_t kHigh[] = u"\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152"
                                 u"\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122"
                                 u"\u0161\u203a\u0153\u009d\u017e\u0178"; // 0x80 to 0x9f; the rest is Latin-1
    QString text = QString::fromLatin1(bytes);
    for (QChar& letter : text) {
        if (letter >= QChar(0x80) && letter < QChar(0xa0)) letter = kHigh[letter.unicode() - 0x80];
        const bool layout = letter == '\t' || letter == '\n' || letter == '\r' || letter == '\f';
        if (letter.category() == QChar::Other_Control && !layout) return {};
    }
    return text;
}

} // namespace

QString localPath(const QUrl& url) { return url.scheme().isEmpty() ? url.path() : url.toLocalFile(); }

std::optional<QString> readTextFile(const QString& path, qint64 mostBytes, QString& problem) {
    const QString name = QFileInfo(path).fileName();
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) { // a pipe or device could be read for ever
        problem = Words::tr("%1 cannot be read: %2")
                      .arg(name, QFileInfo(path).isFile() ? file.errorString() : Words::tr("it is not a file"));
        return {};
    }
    const QByteArray bytes = file.read(mostBytes + 1);
    if (bytes.size() > mostBytes) {
        problem =
            Words::tr("%1 is too large: at most %2 of text can be read.").arg(name, wording::bytes(double(mostBytes)));
        return {};
    }
    const auto encoding = QStringConverter::encodingForData(bytes); // by its byte order mark
    QStringDecoder decoder(encoding.value_or(QStringConverter::Utf8));
    QString text = decoder(bytes);
    if (decoder.hasError() && !encoding)
        text = fromWindows1252(bytes);
    else if (decoder.hasError())
        text.clear();
    if ((text.isEmpty() && !bytes.isEmpty()) || text.contains(QChar(0))) {
        problem = Words::tr("%1 is not a text file. Save it as plain text (UTF-8) first.").arg(name);
        return {};
    }
    return text;
}

QString saveFile(const QString& path, const QByteArray& content) {
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit()) return {};
    return Words::tr("%1 could not be saved: %2").arg(QFileInfo(path).fileName(), file.errorString());
}

} // namespace nibble::gui
