// A chat as a document to keep or to pass on.
#pragma once

#include "chat_store.h"

namespace nibble::gui {

struct ChatDocument {
    QString title, model, instructions;
    QList<ChatTurn> turns;
};

QString chatAsMarkdown(const ChatDocument& chat);
QByteArray chatAsJson(const ChatDocument& chat);
/// A4, one paragraph after the other; neither HTML nor pictures of the answers become part of it.
QByteArray chatAsPdf(const ChatDocument& chat);
/// Writes one of them by the file name's ending (.json, .pdf, else Markdown); whole or not at all. Says in plain words
/// what went wrong, or nothing.
QString saveChat(const QString& path, const ChatDocument& chat);

} // namespace nibble::gui
