#include "compare_store.h"

#include <QJsonDocument>
#include <algorithm>

namespace nibble::gui {

namespace {

const QList<QStringList> kMigrations = {
    {QStringLiteral("CREATE TABLE round (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, asked INTEGER NOT NULL,"
                    " original TEXT NOT NULL, smaller TEXT NOT NULL, original_name TEXT NOT NULL,"
                    " smaller_name TEXT NOT NULL, answers TEXT NOT NULL, blind INTEGER NOT NULL,"
                    " original_is_a INTEGER NOT NULL, vote INTEGER NOT NULL)"),
     QStringLiteral("CREATE INDEX round_of ON round (original, smaller, id)")}};

} // namespace

CompareStore::CompareStore(const QString& path) : m_database(path, kMigrations) {}

QList<CompareRound> CompareStore::rounds(const QString& original, const QString& smaller) {
    QList<CompareRound> list;
    QSqlQuery query = m_database.select(
        QStringLiteral("SELECT id, batch, asked, original_name, smaller_name, answers, blind, original_is_a, vote"
                       " FROM round WHERE original = ? AND smaller = ? ORDER BY id DESC LIMIT ?"),
        {original, smaller, kMostRounds});
    while (query.next()) {
        CompareRound round;
        round.id = query.value(0).toLongLong();
        round.batch = query.value(1).toLongLong();
        round.asked = QDateTime::fromMSecsSinceEpoch(query.value(2).toLongLong());
        round.originalName = query.value(3).toString();
        round.smallerName = query.value(4).toString();
        round.pair = AnswerPair::fromJson(QJsonDocument::fromJson(query.value(5).toByteArray()).object());
        round.blind = query.value(6).toBool();
        round.originalIsA = query.value(7).toBool();
        round.vote = Vote(std::clamp(query.value(8).toInt(), int(Vote::None), int(Vote::BothBad)));
        list.append(round);
    }
    std::reverse(list.begin(), list.end());
    return list;
}

void CompareStore::add(const QString& original, const QString& smaller, CompareRound& round) {
    round.asked = QDateTime::currentDateTime();
    QVariant id;
    m_database.run(
        QStringLiteral("INSERT INTO round (batch, asked, original, smaller, original_name, smaller_name, answers,"
                       " blind, original_is_a, vote) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {round.batch, round.asked.toMSecsSinceEpoch(), original, smaller, round.originalName, round.smallerName,
         QString::fromUtf8(QJsonDocument(round.pair.toJson()).toJson(QJsonDocument::Compact)), round.blind,
         round.originalIsA, int(round.vote)},
        &id);
    round.id = id.toLongLong();
    if (round.batch != 0) return;
    round.batch = round.id;
    m_database.run(QStringLiteral("UPDATE round SET batch = id WHERE id = ?"), {round.id});
}

void CompareStore::update(const CompareRound& round) {
    m_database.run(QStringLiteral("UPDATE round SET vote = ?, blind = ? WHERE id = ?"),
                   {int(round.vote), round.blind, round.id});
}

void CompareStore::clear(const QString& original, const QString& smaller) {
    m_database.run(QStringLiteral("DELETE FROM round WHERE original = ? AND smaller = ?"), {original, smaller});
}

} // namespace nibble::gui
