// The chats on this computer, in SQLite: every turn is saved when it happens, so that nothing is lost in a crash.
//
// The turns of a chat are a tree: asking again or editing adds a version beside the old one, which stays. What is shown
// is the path from the first turn to the chat's leaf.
#pragma once

#include "components/database.h"
#include <QDateTime>
#include <QList>
#include <QString>

namespace nibble::gui {

/// A text that was sent with a question.
struct AttachedFile {
    QString name, text;
    int tokens = 0; // that the model reads it as; 0: not counted
    bool operator==(const AttachedFile&) const = default;
};

struct ChatTurn {
    qint64 id = 0; // 0: not saved yet
    QString role;  // "user" or "assistant"
    QString content;
    QString note; // beside an answer: speed, or how it ended
    QList<AttachedFile> files;
    qint64 parent = 0;             // the turn before it; 0: the first
    int version = 1, versions = 1; // among the turns that follow the same one

    /// What the model reads: the files, then the text.
    QString forModel() const;
};

struct Conversation {
    qint64 id = 0;
    QString title;
    QString model; // path
    QDateTime changed;
    QString found; // by a search: the words around the match
    QString draft, instructions;
    QString sampling; // SamplingSettings::toText()
    qint64 project = 0;
};

/// A name that chats are sorted under; a chat is in one of them, or in none.
struct Project {
    qint64 id = 0;
    QString name;
    int chats = 0;
};

class ChatStore {
public:
    /// Opens or makes the database; an empty path keeps the chats in memory only. See problem().
    explicit ChatStore(const QString& path);

    /// The file in the user's data folder.
    static QString defaultPath() { return Database::inDataFolder(QStringLiteral("chats.sqlite")); }
    /// Why chats cannot be saved, in plain words; empty where all is well.
    const QString& problem() const { return m_database.problem(); }

    static constexpr qint64 kTrash = -2, kEverywhere = -1, kNoProject = 0;
    static constexpr int kDaysInTrash = 30;

    /// Last changed first, of one project, of none, all, or what is in the trash; those with all words of `search` (or
    /// their beginnings) in one turn, or `search` in their title, where it is not empty.
    QList<Conversation> conversations(const QString& search = {}, qint64 project = kEverywhere);
    qint64 create(const QString& title, const QString& model, const QString& instructions, const QString& sampling = {},
                  qint64 project = kNoProject);
    void rename(qint64 conversation, const QString& title);
    void setModel(qint64 conversation, const QString& model);
    void setDraft(qint64 conversation, const QString& draft);
    void setInstructions(qint64 conversation, const QString& instructions);
    void setSampling(qint64 conversation, const QString& sampling);
    void setProject(qint64 conversation, qint64 project);
    /// Into the trash, where it stays for kDaysInTrash days; out of it; and for good.
    void remove(qint64 conversation);
    void restore(qint64 conversation);
    void erase(qint64 conversation);
    int countInTrash();

    /// By name.
    QList<Project> projects();
    qint64 createProject(const QString& name);
    void renameProject(qint64 project, const QString& name);
    /// Its chats stay, in no project.
    void removeProject(qint64 project);

    /// The path to the leaf, first turn first.
    QList<ChatTurn> turns(qint64 conversation);
    /// Saves a new turn behind turn.parent and makes it the leaf, or (id set) its new text.
    void save(qint64 conversation, ChatTurn& turn);
    /// The turn, with all that follows it.
    void removeTurn(qint64 conversation, qint64 turn);
    /// Shows the version `step` further on (-1: before) and the latest that follows it.
    void showVersion(qint64 conversation, qint64 turn, int step);

private:
    void setLeaf(qint64 conversation, qint64 turn);
    void touch(qint64 conversation);

    Database m_database;
};

} // namespace nibble::gui
