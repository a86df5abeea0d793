#include "chat_store.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>

namespace nibble::gui {

namespace {

QStringList statements(std::initializer_list<const char*> list) {
    QStringList all;
    for (const char* one : list) all += QString::fromLatin1(one);
    return all;
}

/// "IF NOT EXISTS": the first version of this file did not count in transactions.
QList<QStringList> migrations() {
    return {
        statements({"CREATE TABLE IF NOT EXISTS conversation (id INTEGER PRIMARY KEY, title TEXT NOT NULL,"
                    " model TEXT NOT NULL, changed INTEGER NOT NULL)",
                    "CREATE TABLE IF NOT EXISTS turn (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL"
                    " REFERENCES conversation(id) ON DELETE CASCADE, role TEXT NOT NULL, content TEXT NOT NULL,"
                    " note TEXT NOT NULL DEFAULT '')",
                    "CREATE INDEX IF NOT EXISTS turn_of ON turn (conversation, id)"}),
        // Versions, drafts, instructions, files, and an index of all words.
        statements({"ALTER TABLE conversation ADD COLUMN leaf INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE conversation ADD COLUMN draft TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE conversation ADD COLUMN instructions TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE turn ADD COLUMN parent INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE turn ADD COLUMN files TEXT NOT NULL DEFAULT ''",
                    "UPDATE turn SET parent = COALESCE((SELECT MAX(id) FROM turn AS t"
                    " WHERE t.conversation = turn.conversation AND t.id < turn.id), 0)",
                    "UPDATE conversation SET leaf = COALESCE((SELECT MAX(id) FROM turn WHERE conversation = "
                    "conversation.id), 0)",
                    "CREATE VIRTUAL TABLE turn_words USING fts5(content, content = 'turn', content_rowid = 'id',"
                    " tokenize = 'unicode61 remove_diacritics 2')",
                    "INSERT INTO turn_words (turn_words) VALUES ('rebuild')",
                    "CREATE TRIGGER turn_added AFTER INSERT ON turn BEGIN"
                    " INSERT INTO turn_words (rowid, content) VALUES (new.id, new.content); END",
                    "CREATE TRIGGER turn_removed AFTER DELETE ON turn BEGIN"
                    " INSERT INTO turn_words (turn_words, rowid, content) VALUES ('delete', old.id, old.content); END",
                    "CREATE TRIGGER turn_changed AFTER UPDATE OF content ON turn BEGIN"
                    " INSERT INTO turn_words (turn_words, rowid, content) VALUES ('delete', old.id, old.content);"
                    " INSERT INTO turn_words (rowid, content) VALUES (new.id, new.content); END"}),
        // The shape of a chat without reading its texts.
        statements({"DROP INDEX IF EXISTS turn_of", "CREATE INDEX turn_of ON turn (conversation, id, parent)"}),
        statements({"ALTER TABLE conversation ADD COLUMN sampling TEXT NOT NULL DEFAULT ''"}),
        statements({"CREATE TABLE project (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
                    "ALTER TABLE conversation ADD COLUMN project INTEGER NOT NULL DEFAULT 0"}),
        // When it was put into the trash, in ms; 0: it is not there.
        statements({"ALTER TABLE conversation ADD COLUMN trashed INTEGER NOT NULL DEFAULT 0"})};
}

/// "%" and "_" of a search are letters, not wildcards.
QString likePattern(QString text) {
    text.replace('\\', QLatin1String("\\\\")).replace('%', QLatin1String("\\%")).replace('_', QLatin1String("\\_"));
    return '%' + text + '%';
}

/// Every word, as a beginning: "deliv thurs" finds "delivery on Thursday". Quoted, so that nothing is an operator.
QString wordsPattern(const QString& text) {
    static const QRegularExpression apart(QStringLiteral("[^\\p{L}\\p{N}\\p{M}]+"));
    QStringList parts;
    const QStringList words = text.split(apart, Qt::SkipEmptyParts);
    for (const QString& word : words) parts += '"' + word + QLatin1String("\"*");
    return parts.join(' ');
}

QString toJson(const QList<AttachedFile>& files) {
    QJsonArray list;
    for (const AttachedFile& file : files)
        list.append(QJsonObject{{"name", file.name}, {"text", file.text}, {"tokens", file.tokens}});
    return list.isEmpty() ? QString() : QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact));
}

QList<AttachedFile> filesFromJson(const QByteArray& json) {
    QList<AttachedFile> files;
    if (json.isEmpty()) return files;
    const QJsonArray list = QJsonDocument::fromJson(json).array();
    for (const QJsonValue& file : list)
        files.append({file["name"].toString(), file["text"].toString(), file["tokens"].toInt()});
    return files;
}

} // namespace

QString ChatTurn::forModel() const {
    QString text;
    for (const AttachedFile& file : files) {
        const QString fence = file.text.contains(QLatin1String("```")) ? QStringLiteral("~~~~") : QStringLiteral("```");
        text += file.name + QStringLiteral(":\n%1\n").arg(fence) + file.text.trimmed() +
                QStringLiteral("\n%1\n\n").arg(fence);
    }
    return text + content;
}

ChatStore::ChatStore(const QString& path) : m_database(path, migrations()) {
    const qint64 longAgo = QDateTime::currentDateTime().addDays(-kDaysInTrash).toMSecsSinceEpoch();
    m_database.run(QStringLiteral("DELETE FROM conversation WHERE trashed > 0 AND trashed < ?"), {longAgo});
}

QList<Conversation> ChatStore::conversations(const QString& search, qint64 project) {
    QString sql = QStringLiteral("SELECT id, title, model, changed, draft, instructions, sampling, project, ");
    QVariantList values;
    const QString words = wordsPattern(search);
    if (search.trimmed().isEmpty()) {
        sql += QStringLiteral("'' FROM conversation WHERE (TRUE)");
    } else if (words.isEmpty()) { // only signs
        sql += QStringLiteral("'' FROM conversation WHERE (title LIKE ? ESCAPE '\\')");
        values = {likePattern(search.trimmed())};
    } else {
        sql += QStringLiteral(
            "COALESCE((SELECT snippet(turn_words, 0, '', '', '…', 10) FROM turn_words"
            " WHERE turn_words MATCH ? AND rowid = hit), '') FROM conversation LEFT JOIN"
            " (SELECT conversation AS of, MAX(turn.id) AS hit FROM turn_words JOIN turn ON turn.id = turn_words.rowid"
            " WHERE turn_words MATCH ? GROUP BY conversation) ON of = id"
            " WHERE (hit IS NOT NULL OR title LIKE ? ESCAPE '\\')");
        values = {words, words, likePattern(search.trimmed())};
    }
    sql += project == kTrash ? QStringLiteral(" AND trashed > 0") : QStringLiteral(" AND trashed = 0");
    if (project >= kNoProject) {
        sql += QStringLiteral(" AND project = ?");
        values += project;
    }
    QList<Conversation> list;
    QSqlQuery query = m_database.select(sql + QStringLiteral(" ORDER BY changed DESC, id DESC"), values);
    while (query.next()) {
        list.append({query.value(0).toLongLong(), query.value(1).toString(), query.value(2).toString(),
                     QDateTime::fromMSecsSinceEpoch(query.value(3).toLongLong()),
                     query.value(8).toString().simplified(), query.value(4).toString(), query.value(5).toString(),
                     query.value(6).toString(), query.value(7).toLongLong()});
    }
    return list;
}

qint64 ChatStore::create(const QString& title, const QString& model, const QString& instructions,
                         const QString& sampling, qint64 project) {
    QVariant id;
    m_database.run(QStringLiteral("INSERT INTO conversation (title, model, changed, instructions, sampling, project)"
                                  " VALUES (?, ?, ?, ?, ?, ?)"),
                   {title, model, QDateTime::currentMSecsSinceEpoch(), instructions, sampling, project}, &id);
    return id.toLongLong();
}

QList<Project> ChatStore::projects() {
    QList<Project> list;
    QSqlQuery query = m_database.select(QStringLiteral("SELECT id, name, (SELECT COUNT(*) FROM conversation WHERE "
                                                       "conversation.project = project.id AND trashed = 0) FROM project"
                                                       " ORDER BY name COLLATE NOCASE, id"));
    while (query.next()) list.append({query.value(0).toLongLong(), query.value(1).toString(), query.value(2).toInt()});
    return list;
}

qint64 ChatStore::createProject(const QString& name) {
    QVariant id;
    m_database.run(QStringLiteral("INSERT INTO project (name) VALUES (?)"), {name}, &id);
    return id.toLongLong();
}

void ChatStore::renameProject(qint64 project, const QString& name) {
    m_database.run(QStringLiteral("UPDATE project SET name = ? WHERE id = ?"), {name, project});
}

void ChatStore::removeProject(qint64 project) {
    m_database.begin();
    m_database.run(QStringLiteral("UPDATE conversation SET project = 0 WHERE project = ?"), {project});
    m_database.run(QStringLiteral("DELETE FROM project WHERE id = ?"), {project});
    m_database.commit();
}

void ChatStore::setProject(qint64 conversation, qint64 project) {
    m_database.run(QStringLiteral("UPDATE conversation SET project = ? WHERE id = ?"), {project, conversation});
}

void ChatStore::rename(qint64 conversation, const QString& title) {
    m_database.run(QStringLiteral("UPDATE conversation SET title = ? WHERE id = ?"), {title, conversation});
}

void ChatStore::setModel(qint64 conversation, const QString& model) {
    m_database.run(QStringLiteral("UPDATE conversation SET model = ? WHERE id = ?"), {model, conversation});
}

void ChatStore::setDraft(qint64 conversation, const QString& draft) {
    m_database.run(QStringLiteral("UPDATE conversation SET draft = ? WHERE id = ?"), {draft, conversation});
}

void ChatStore::setInstructions(qint64 conversation, const QString& instructions) {
    m_database.run(QStringLiteral("UPDATE conversation SET instructions = ? WHERE id = ?"),
                   {instructions, conversation});
}

void ChatStore::setSampling(qint64 conversation, const QString& sampling) {
    m_database.run(QStringLiteral("UPDATE conversation SET sampling = ? WHERE id = ?"), {sampling, conversation});
}

void ChatStore::remove(qint64 conversation) {
    m_database.run(QStringLiteral("UPDATE conversation SET trashed = ? WHERE id = ?"),
                   {QDateTime::currentMSecsSinceEpoch(), conversation});
}

void ChatStore::restore(qint64 conversation) {
    m_database.run(QStringLiteral("UPDATE conversation SET trashed = 0 WHERE id = ?"), {conversation});
}

void ChatStore::erase(qint64 conversation) {
    m_database.run(QStringLiteral("DELETE FROM conversation WHERE id = ?"), {conversation});
}

int ChatStore::countInTrash() {
    QSqlQuery query = m_database.select(QStringLiteral("SELECT COUNT(*) FROM conversation WHERE trashed > 0"));
    return query.next() ? query.value(0).toInt() : 0;
}

void ChatStore::touch(qint64 conversation) {
    // Who goes on with a chat in the trash wants it back.
    m_database.run(QStringLiteral("UPDATE conversation SET changed = ?, trashed = 0 WHERE id = ?"),
                   {QDateTime::currentMSecsSinceEpoch(), conversation});
}

void ChatStore::setLeaf(qint64 conversation, qint64 turn) {
    m_database.run(QStringLiteral("UPDATE conversation SET leaf = ? WHERE id = ?"), {turn, conversation});
}

QList<ChatTurn> ChatStore::turns(qint64 conversation) {
    qint64 leaf = 0;
    {
        QSqlQuery query =
            m_database.select(QStringLiteral("SELECT leaf FROM conversation WHERE id = ?"), {conversation});
        if (query.next()) leaf = query.value(0).toLongLong();
    }
    QHash<qint64, qint64> parents;
    QHash<qint64, QList<qint64>> versions; // by the turn they follow
    QSqlQuery shape = m_database.select(
        QStringLiteral("SELECT id, parent FROM turn WHERE conversation = ? ORDER BY id"), {conversation});
    while (shape.next()) {
        parents.insert(shape.value(0).toLongLong(), shape.value(1).toLongLong());
        versions[shape.value(1).toLongLong()].append(shape.value(0).toLongLong());
    }
    // An answer that was not finished may have left the leaf behind: what follows it belongs to it.
    while (versions.contains(leaf)) leaf = versions[leaf].last();
    QSet<qint64> path;
    for (qint64 turn = leaf; parents.contains(turn) && !path.contains(turn); turn = parents[turn]) path.insert(turn);

    QList<ChatTurn> list;
    QSqlQuery query = m_database.select(
        QStringLiteral("SELECT id, role, content, note, files FROM turn WHERE conversation = ? ORDER BY id"),
        {conversation}); // a turn is younger than the one it follows
    while (query.next()) {
        ChatTurn turn;
        turn.id = query.value(0).toLongLong();
        if (!path.contains(turn.id)) continue;
        turn.role = query.value(1).toString();
        turn.content = query.value(2).toString();
        turn.note = query.value(3).toString();
        turn.files = filesFromJson(query.value(4).toByteArray());
        turn.parent = parents[turn.id];
        turn.version = int(versions[turn.parent].indexOf(turn.id)) + 1;
        turn.versions = int(versions[turn.parent].size());
        list.append(turn);
    }
    return list;
}

void ChatStore::save(qint64 conversation, ChatTurn& turn) {
    m_database.begin(); // one write to the disk instead of three
    if (turn.id != 0) {
        m_database.run(QStringLiteral("UPDATE turn SET content = ?, note = ? WHERE id = ?"),
                       {turn.content, turn.note, turn.id});
    } else {
        QVariant id;
        m_database.run(QStringLiteral("INSERT INTO turn (conversation, role, content, note, files, parent)"
                                      " VALUES (?, ?, ?, ?, ?, ?)"),
                       {conversation, turn.role, turn.content, turn.note, toJson(turn.files), turn.parent}, &id);
        turn.id = id.toLongLong();
        setLeaf(conversation, turn.id);
        QSqlQuery query =
            m_database.select(QStringLiteral("SELECT COUNT(*) FROM turn WHERE conversation = ? AND parent = ?"),
                              {conversation, turn.parent});
        if (query.next()) turn.version = turn.versions = query.value(0).toInt();
    }
    touch(conversation);
    m_database.commit();
}

void ChatStore::removeTurn(qint64 conversation, qint64 turn) {
    qint64 parent = 0;
    {
        QSqlQuery query = m_database.select(QStringLiteral("SELECT parent FROM turn WHERE id = ?"), {turn});
        if (query.next()) parent = query.value(0).toLongLong();
    }
    m_database.begin();
    m_database.run(QStringLiteral("WITH RECURSIVE gone (id) AS (VALUES (?) UNION SELECT turn.id FROM turn JOIN gone"
                                  " ON turn.parent = gone.id) DELETE FROM turn WHERE id IN gone AND conversation = ?"),
                   {turn, conversation});
    setLeaf(conversation, parent);
    m_database.commit();
}

void ChatStore::showVersion(qint64 conversation, qint64 turn, int step) {
    QList<qint64> versions;
    {
        QSqlQuery query = m_database.select(QStringLiteral("SELECT id FROM turn WHERE conversation = ? AND parent ="
                                                           " (SELECT parent FROM turn WHERE id = ?) ORDER BY id"),
                                            {conversation, turn});
        while (query.next()) versions.append(query.value(0).toLongLong());
    }
    const qsizetype at = versions.indexOf(turn) + step;
    if (at >= 0 && at < versions.size()) setLeaf(conversation, versions[at]); // turns() goes on to the latest
}

} // namespace nibble::gui
