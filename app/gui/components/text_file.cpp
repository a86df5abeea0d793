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
    const QString text = decoder(bytes);
    if (decoder.hasError() || text.contains(QChar(0))) {
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
