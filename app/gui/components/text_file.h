// Text files that the user chooses: read with limits, written whole or not at all.
#pragma once

#include <QByteArray>
#include <QString>
#include <QUrl>
#include <optional>

namespace nibble::gui {

/// The path of a file that a dialog gave: Qt's own dialog (6.4) leaves "file:" away where a name was typed.
QString localPath(const QUrl& url);
/// A text file of at most `mostBytes` bytes of UTF-8, of UTF-16 with a byte order mark, or of Windows-1252; otherwise
/// `problem` says in plain words why not.
std::optional<QString> readTextFile(const QString& path, qint64 mostBytes, QString& problem);
/// Says in plain words what went wrong, or nothing.
QString saveFile(const QString& path, const QByteArray& content);

} // namespace nibble::gui
