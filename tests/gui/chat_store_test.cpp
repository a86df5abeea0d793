#include "chat/chat_store.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <algorithm>
#include <gtest/gtest.h>

namespace nibble::gui::test {
namespace {

ChatTurn say(ChatStore& store, qint64 chat, const QString& role, const QString& text, qint64 parent) {
    ChatTurn turn;
    turn.role = role;
    turn.content = text;
    turn.parent = parent;
    store.save(chat, turn);
    return turn;
}

QStringList textsOf(ChatStore& store, qint64 chat) {
    QStringList texts;
    for (const ChatTurn& turn : store.turns(chat)) texts += turn.content;
    return texts;
}

TEST(ChatStore, FindsWordsByTheirBeginningsInAllTurns) {
    ChatStore store({});
    const qint64 one = store.create("Letters", "/m", {}), two = store.create("50% off", "/m", {});
    const ChatTurn question = say(store, one, "user", "When does the delivery arrive?", 0);
    say(store, one, "assistant", "On Thursday, from Málaga: \"fresh\" oranges - 100 kg.", question.id);
    say(store, two, "user", "Hello", 0);
    const auto found = [&](const QString& search) {
        QList<qint64> ids;
        for (const Conversation& chat : store.conversations(search)) ids += chat.id;
        return ids;
    };
    EXPECT_EQ(found("").size(), 2);
    EXPECT_EQ(found("deliv"), QList<qint64>({one}));
    EXPECT_EQ(found("ORANG malaga"), QList<qint64>({one})) << "both words, whatever the case and accents";
    EXPECT_EQ(found("oranges hello"), QList<qint64>());
    EXPECT_EQ(found("iver"), QList<qint64>()) << "the middle of a word";
    EXPECT_EQ(found("lett"), QList<qint64>({one})) << "a title";
    EXPECT_EQ(found("0% o"), QList<qint64>({two}));
    EXPECT_EQ(found("%"), QList<qint64>({two})) << "a letter, not a wildcard";
    for (const char* hostile : {"\"", "fresh\" OR", "NOT", "a*b", "col:x", "NEAR(", "--", "'", "(", "AND AND"})
        found(hostile);
    EXPECT_EQ(store.problem(), "");
    EXPECT_TRUE(store.conversations("thurs")[0].found.contains("Thursday"));

    ChatTurn changed = store.turns(two)[0];
    changed.content = "Good evening";
    store.save(two, changed);
    EXPECT_EQ(found("hello"), QList<qint64>());
    EXPECT_EQ(found("evening"), QList<qint64>({two}));
    store.remove(one);
    EXPECT_EQ(found("delivery"), QList<qint64>());
}

TEST(ChatStore, VersionsAreBranches) {
    ChatStore store({});
    const qint64 chat = store.create("Chat", "/m", {});
    const ChatTurn question = say(store, chat, "user", "Q", 0);
    const ChatTurn first = say(store, chat, "assistant", "A1", question.id);
    const ChatTurn next = say(store, chat, "user", "Q2", first.id);
    ChatTurn second = say(store, chat, "assistant", "A2", question.id);
    EXPECT_EQ(second.version, 2);
    EXPECT_EQ(textsOf(store, chat), QStringList({"Q", "A2"}));
    store.showVersion(chat, second.id, -1);
    EXPECT_EQ(textsOf(store, chat), QStringList({"Q", "A1", "Q2"}));
    EXPECT_EQ(store.turns(chat)[1].versions, 2);
    store.removeTurn(chat, first.id); // and what follows it
    EXPECT_EQ(textsOf(store, chat), QStringList({"Q", "A2"}));
    store.showVersion(chat, second.id, 1); // there is none
    store.showVersion(chat, 999, 1);
    EXPECT_EQ(textsOf(store, chat), QStringList({"Q", "A2"}));
    store.removeTurn(chat, question.id);
    EXPECT_EQ(textsOf(store, chat), QStringList());
    EXPECT_NE(next.id, 0);
}

TEST(ChatStore, ChatsOfTheFirstVersionOpen) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("chats.sqlite");
    {
        auto old = QSqlDatabase::addDatabase("QSQLITE", "old");
        old.setDatabaseName(path);
        ASSERT_TRUE(old.open());
        for (const char* sql : {"CREATE TABLE conversation (id INTEGER PRIMARY KEY, title TEXT NOT NULL, model TEXT "
                                "NOT NULL, changed INTEGER NOT NULL)",
                                "CREATE TABLE turn (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES "
                                "conversation(id) ON DELETE"
                                " CASCADE, role TEXT NOT NULL, content TEXT NOT NULL, note TEXT NOT NULL DEFAULT '')",
                                "INSERT INTO conversation VALUES (1, 'Old', '/m', 5), (2, 'Other', '/m', 6)",
                                "INSERT INTO turn VALUES (1, 1, 'user', 'One', ''), (2, 2, 'user', 'Else', ''), (3, 1, "
                                "'assistant', 'Two', 'n')",
                                "PRAGMA user_version = 1"})
            ASSERT_TRUE(QSqlQuery(old).exec(sql)) << sql;
    }
    QSqlDatabase::removeDatabase("old");
    {
        ChatStore store(path);
        EXPECT_EQ(store.problem(), "");
        EXPECT_EQ(textsOf(store, 1), QStringList({"One", "Two"}));
        EXPECT_EQ(textsOf(store, 2), QStringList({"Else"}));
        EXPECT_EQ(store.conversations("two").size(), 1);
        store.setDraft(1, "later");
    }
    ChatStore again(path);
    EXPECT_EQ(again.conversations("two")[0].draft, "later");
    EXPECT_EQ(textsOf(again, 1), QStringList({"One", "Two"}));
}

TEST(ChatStore, ProjectsHoldChatsAndLoseNone) {
    ChatStore store({});
    const qint64 offers = store.createProject("Offers"), minutes = store.createProject("minutes");
    const qint64 first = store.create("First", "/m", {}, {}, offers), second = store.create("Second", "/m", {});
    say(store, first, "user", "delivery on Thursday", 0);
    say(store, second, "user", "delivery on Friday", 0);
    const auto ids = [&store](const QString& search, qint64 project) {
        QList<qint64> list;
        for (const Conversation& one : store.conversations(search, project)) list += one.id;
        std::sort(list.begin(), list.end());
        return list;
    };
    EXPECT_EQ(ids("", offers), QList<qint64>({first}));
    EXPECT_EQ(ids("", ChatStore::kNoProject), QList<qint64>({second}));
    EXPECT_EQ(ids("deliv", ChatStore::kEverywhere), QList<qint64>({first, second}));
    EXPECT_EQ(ids("deliv", offers), QList<qint64>({first})) << "within the project only";
    EXPECT_EQ(ids("friday", offers), QList<qint64>());
    EXPECT_EQ(ids("Second", offers), QList<qint64>()) << "its title counts within the project, too";
    store.setProject(second, minutes);
    ASSERT_EQ(store.projects().size(), 2);
    EXPECT_EQ(store.projects()[0].name, "minutes") << "by name, whatever its case";
    EXPECT_EQ(store.projects()[0].chats, 1);
    store.renameProject(minutes, "Protocols");
    EXPECT_EQ(store.projects()[1].name, "Protocols");
    EXPECT_EQ(store.conversations("", minutes)[0].project, minutes);
    store.removeProject(minutes);
    EXPECT_EQ(store.projects().size(), 1);
    EXPECT_EQ(ids("", ChatStore::kNoProject), QList<qint64>({second})) << "the chat stayed";
    EXPECT_EQ(textsOf(store, second), QStringList({"delivery on Friday"}));
}

TEST(ChatStore, TheTrashKeepsChatsForAMonth) {
    const QTemporaryDir folder;
    const QString path = folder.filePath("chats.sqlite");
    {
        ChatStore store(path);
        const qint64 first = store.create("First", "/m", {}), second = store.create("Second", "/m", {});
        say(store, first, "user", "delivery", 0);
        store.remove(first);
        EXPECT_EQ(store.conversations().size(), 1);
        EXPECT_TRUE(store.conversations("delivery").isEmpty());
        EXPECT_EQ(store.conversations("delivery", ChatStore::kTrash).size(), 1);
        EXPECT_EQ(store.countInTrash(), 1);
        store.restore(first);
        EXPECT_EQ(store.conversations().size(), 2);
        store.remove(first);
        store.remove(second);
        store.erase(second);
        EXPECT_EQ(store.countInTrash(), 1);
    }
    const auto putThere = [&path](int daysAgo) {
        {
            auto raw = QSqlDatabase::addDatabase("QSQLITE", "raw");
            raw.setDatabaseName(path);
            ASSERT_TRUE(raw.open());
            const qint64 then = QDateTime::currentDateTime().addDays(-daysAgo).toMSecsSinceEpoch();
            ASSERT_TRUE(QSqlQuery(raw).exec(QStringLiteral("UPDATE conversation SET trashed = %1").arg(then)));
        }
        QSqlDatabase::removeDatabase("raw");
    };
    putThere(29);
    EXPECT_EQ(ChatStore(path).countInTrash(), 1);
    putThere(31);
    EXPECT_EQ(ChatStore(path).countInTrash(), 0);
}

TEST(ChatStore, ABrokenFileIsSaid) {
    const QTemporaryDir folder;
    QFile file(folder.filePath("chats.sqlite"));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(QByteArray("this is no database ").repeated(100));
    file.close();
    ChatStore store(file.fileName());
    EXPECT_NE(store.problem(), "");
    EXPECT_TRUE(store.conversations().isEmpty());
}

} // namespace
} // namespace nibble::gui::test
