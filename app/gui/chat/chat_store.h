// The chats on this computer, in SQLite: every turn is saved when it happens, so that nothing is lost in a crash.
#pragma once

#include <QDateTime>
#include <QList>
#include <QSqlDatabase>
#include <QString>

namespace nibble::gui {

struct ChatTurn {
    qint64 id = 0; // 0: not saved yet
    QString role;  // "user" or "assistant"
    QString content;
    QString note; // beside an answer: speed, or how it ended
};

struct Conversation {
    qint64 id = 0;
    QString title;
    QString model; // path
    QDateTime changed;
};

class ChatStore {
public:
    /// Opens or makes the database; an empty path keeps the chats in memory only. See problem().
    explicit ChatStore(const QString& path);
    ~ChatStore();
    ChatStore(const ChatStore&) = delete;
    ChatStore& operator=(const ChatStore&) = delete;

    /// The file in the user's data folder.
    static QString defaultPath();
    /// Why chats cannot be saved, in plain words; empty where all is well.
    const QString& problem() const { return m_problem; }

    /// Last changed first; those with `search` in their title or texts where it is not empty.
    QList<Conversation> conversations(const QString& search = {});
    QList<ChatTurn> turns(qint64 conversation);
    qint64 create(const QString& title, const QString& model);
    void rename(qint64 conversation, const QString& title);
    void setModel(qint64 conversation, const QString& model);
    void remove(qint64 conversation);
    /// Saves a turn at the end, or (id set) its new text.
    void save(qint64 conversation, ChatTurn& turn);
    /// Removes this turn and all after it.
    void removeFrom(qint64 conversation, qint64 turn);

private:
    bool run(const QString& sql, const QVariantList& values = {}, QVariant* newId = nullptr);
    void touch(qint64 conversation);

    QString m_connection;
    QSqlDatabase m_database;
    QString m_problem;
};

} // namespace nibble::gui
