#include "chat_store.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QStandardPaths>
#include <QVariant>

namespace nibble::gui {

namespace {

constexpr int kSchema = 1;

/// "%" and "_" of a search are letters, not wildcards.
QString likePattern(QString text) {
    text.replace('\\', QLatin1String("\\\\")).replace('%', QLatin1String("\\%")).replace('_', QLatin1String("\\_"));
    return '%' + text + '%';
}

} // namespace

QString ChatStore::defaultPath() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           QLatin1String("/Nibble/chats.sqlite");
}

ChatStore::ChatStore(const QString& path) {
    static int count = 0;
    m_connection = QStringLiteral("chats-%1").arg(++count);
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    if (!path.isEmpty()) QDir().mkpath(QFileInfo(path).absolutePath());
    m_database.setDatabaseName(path.isEmpty() ? QStringLiteral(":memory:") : path);
    if (!m_database.open()) {
        m_problem = QCoreApplication::translate("ChatStore", "Chats cannot be saved in %1: %2")
                        .arg(path, m_database.lastError().text());
        return;
    }
    run(QStringLiteral("PRAGMA journal_mode = WAL"));
    run(QStringLiteral("PRAGMA foreign_keys = ON"));
    QSqlQuery version(QStringLiteral("PRAGMA user_version"), m_database);
    if (version.next() && version.value(0).toInt() > kSchema) {
        m_problem =
            QCoreApplication::translate("ChatStore", "The chats in %1 were written by a newer Nibble.").arg(path);
        version.finish();
        m_database.close();
        return;
    }
    version.finish();
    run(QStringLiteral("CREATE TABLE IF NOT EXISTS conversation (id INTEGER PRIMARY KEY, title TEXT NOT NULL,"
                       " model TEXT NOT NULL, changed INTEGER NOT NULL)"));
    run(QStringLiteral("CREATE TABLE IF NOT EXISTS turn (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL"
                       " REFERENCES conversation(id) ON DELETE CASCADE, role TEXT NOT NULL, content TEXT NOT NULL,"
                       " note TEXT NOT NULL DEFAULT '')"));
    run(QStringLiteral("CREATE INDEX IF NOT EXISTS turn_of ON turn (conversation, id)"));
    run(QStringLiteral("PRAGMA user_version = %1").arg(kSchema));
}

ChatStore::~ChatStore() {
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

bool ChatStore::run(const QString& sql, const QVariantList& values, QVariant* newId) {
    if (!m_database.isOpen()) return false;
    QSqlQuery query(m_database);
    query.prepare(sql);
    for (const QVariant& value : values) {
        // SQL would take a null text for NULL. A QVariant with a null QString does not call itself null.
        const bool nullText = value.typeId() == QMetaType::QString && value.toString().isNull();
        query.addBindValue(nullText ? QVariant(QStringLiteral("")) : value);
    }
    if (!query.exec()) {
        m_problem =
            QCoreApplication::translate("ChatStore", "This chat could not be saved: %1").arg(query.lastError().text());
        return false;
    }
    if (newId) *newId = query.lastInsertId();
    return true;
}

QList<Conversation> ChatStore::conversations(const QString& search) {
    QList<Conversation> list;
    QSqlQuery query(m_database);
    query.prepare(
        QStringLiteral("SELECT id, title, model, changed FROM conversation WHERE title LIKE :pattern ESCAPE '\\'"
                       " OR id IN (SELECT conversation FROM turn WHERE content LIKE :pattern ESCAPE '\\')"
                       " ORDER BY changed DESC, id DESC"));
    query.bindValue(QStringLiteral(":pattern"), likePattern(search));
    if (!query.exec()) return list;
    while (query.next()) {
        list.append({query.value(0).toLongLong(), query.value(1).toString(), query.value(2).toString(),
                     QDateTime::fromMSecsSinceEpoch(query.value(3).toLongLong())});
    }
    return list;
}

QList<ChatTurn> ChatStore::turns(qint64 conversation) {
    QList<ChatTurn> list;
    QSqlQuery query(m_database);
    query.prepare(QStringLiteral("SELECT id, role, content, note FROM turn WHERE conversation = ? ORDER BY id"));
    query.addBindValue(conversation);
    if (!query.exec()) return list;
    while (query.next()) {
        list.append({query.value(0).toLongLong(), query.value(1).toString(), query.value(2).toString(),
                     query.value(3).toString()});
    }
    return list;
}

qint64 ChatStore::create(const QString& title, const QString& model) {
    QVariant id;
    run(QStringLiteral("INSERT INTO conversation (title, model, changed) VALUES (?, ?, ?)"),
        {title, model, QDateTime::currentMSecsSinceEpoch()}, &id);
    return id.toLongLong();
}

void ChatStore::rename(qint64 conversation, const QString& title) {
    run(QStringLiteral("UPDATE conversation SET title = ? WHERE id = ?"), {title, conversation});
}

void ChatStore::setModel(qint64 conversation, const QString& model) {
    run(QStringLiteral("UPDATE conversation SET model = ? WHERE id = ?"), {model, conversation});
}

void ChatStore::remove(qint64 conversation) {
    run(QStringLiteral("DELETE FROM conversation WHERE id = ?"), {conversation});
}

void ChatStore::touch(qint64 conversation) {
    run(QStringLiteral("UPDATE conversation SET changed = ? WHERE id = ?"),
        {QDateTime::currentMSecsSinceEpoch(), conversation});
}

void ChatStore::save(qint64 conversation, ChatTurn& turn) {
    if (turn.id != 0) {
        run(QStringLiteral("UPDATE turn SET content = ?, note = ? WHERE id = ?"), {turn.content, turn.note, turn.id});
    } else {
        QVariant id;
        run(QStringLiteral("INSERT INTO turn (conversation, role, content, note) VALUES (?, ?, ?, ?)"),
            {conversation, turn.role, turn.content, turn.note}, &id);
        turn.id = id.toLongLong();
    }
    touch(conversation);
}

void ChatStore::removeFrom(qint64 conversation, qint64 turn) {
    run(QStringLiteral("DELETE FROM turn WHERE conversation = ? AND id >= ?"), {conversation, turn});
}

} // namespace nibble::gui
