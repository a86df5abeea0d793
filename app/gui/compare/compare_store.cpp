#include "compare_store.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

namespace nibble::gui {

namespace {

const QList<QStringList> kMigrations = {
    {QStringLiteral("CREATE TABLE round (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, asked INTEGER NOT NULL,"
                    " original TEXT NOT NULL, smaller TEXT NOT NULL, original_name TEXT NOT NULL,"
                    " smaller_name TEXT NOT NULL, answers TEXT NOT NULL, blind INTEGER NOT NULL,"
                    " original_is_a INTEGER NOT NULL, vote INTEGER NOT NULL)"),
     QStringLiteral("CREATE INDEX round_of ON round (original, smaller, id)")},
    // Two models became a list of them. Lists are JSON; vote: see voteCode().
    {QStringLiteral("CREATE TABLE question (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, asked INTEGER NOT NULL,"
                    " models TEXT NOT NULL, names TEXT NOT NULL, pairs TEXT NOT NULL, blind INTEGER NOT NULL,"
                    " places TEXT NOT NULL, vote INTEGER NOT NULL)"),
     QStringLiteral("CREATE INDEX question_of ON question (models, id)"),
     QStringLiteral("INSERT INTO question SELECT id, batch, asked, json_array(original, smaller),"
                    " json_array(original_name, smaller_name), '[' || answers || ']', blind,"
                    " CASE original_is_a WHEN 0 THEN '[1,0]' ELSE '[0,1]' END,"
                    " CASE vote WHEN 1 THEN 3 WHEN 2 THEN 4 WHEN 3 THEN 1 WHEN 4 THEN 2 ELSE 0 END FROM round"),
     QStringLiteral("DROP TABLE round")}};

QString written(const QJsonArray& list) {
    return QString::fromUtf8(QJsonDocument(list).toJson(QJsonDocument::Compact));
}

QString written(const QStringList& texts) { return written(QJsonArray::fromStringList(texts)); }

QJsonArray listOf(const QVariant& text) { return QJsonDocument::fromJson(text.toByteArray()).array(); }

/// 0 none, 1 no difference, 2 all bad, from 3 on the model that was preferred.
int voteCode(const CompareRound& round) {
    return round.vote == Vote::Preferred ? int(Vote::Preferred) + round.preferred : int(round.vote);
}

} // namespace

bool CompareRound::identical() const {
    return std::all_of(pairs.begin(), pairs.end(), [](const AnswerPair& pair) { return pair.identical; });
}

QString CompareRound::marked(int model, const QString& color) const {
    if (model == 0 && models() > 2) return {};
    return pairOf(model).marked(model == 0, color);
}

QString CompareRound::markedBlind(int place, const QString& color) const {
    const int model = places[place];
    if (models() == 2) return marked(model, color);
    if (place == 0) return {};
    const int first = places[0];
    return AnswerPair::of(pairOf(first).answer(first == 0), pairOf(model).answer(model == 0)).marked(false, color);
}

bool CompareRound::isWhole() const {
    if (pairs.isEmpty() || names.size() != models() || preferred < 0 || preferred >= models()) return false;
    QList<int> each = places;
    std::sort(each.begin(), each.end());
    for (int i = 0; i < models(); ++i)
        if (each.value(i, -1) != i) return false;
    return each.size() == models();
}

CompareStore::CompareStore(const QString& path) : m_database(path, kMigrations) {}

QList<CompareRound> CompareStore::rounds(const QStringList& models) {
    QList<CompareRound> list;
    QSqlQuery query = m_database.select(QStringLiteral("SELECT id, batch, asked, names, pairs, blind, places, vote"
                                                       " FROM question WHERE models = ? ORDER BY id DESC LIMIT ?"),
                                        {written(models), kMostRounds});
    while (query.next()) {
        CompareRound round;
        round.id = query.value(0).toLongLong();
        round.batch = query.value(1).toLongLong();
        round.asked = QDateTime::fromMSecsSinceEpoch(query.value(2).toLongLong());
        for (const QJsonValue& name : listOf(query.value(3))) round.names += name.toString();
        for (const QJsonValue& pair : listOf(query.value(4))) round.pairs += AnswerPair::fromJson(pair.toObject());
        round.blind = query.value(5).toBool();
        for (const QJsonValue& place : listOf(query.value(6))) round.places += place.toInt(-1);
        const int vote = query.value(7).toInt();
        round.vote = Vote(std::clamp(vote, int(Vote::None), int(Vote::Preferred)));
        if (round.vote == Vote::Preferred) round.preferred = vote - int(Vote::Preferred);
        if (round.isWhole() && round.models() == models.size()) list.append(round);
    }
    std::reverse(list.begin(), list.end());
    return list;
}

void CompareStore::add(const QStringList& models, CompareRound& round) {
    round.asked = QDateTime::currentDateTime();
    QJsonArray pairs, places;
    for (const AnswerPair& pair : round.pairs) pairs.append(pair.toJson());
    for (const int model : round.places) places.append(model);
    QVariant id;
    m_database.run(QStringLiteral("INSERT INTO question (batch, asked, models, names, pairs, blind, places, vote)"
                                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
                   {round.batch, round.asked.toMSecsSinceEpoch(), written(models), written(round.names), written(pairs),
                    round.blind, written(places), voteCode(round)},
                   &id);
    round.id = id.toLongLong();
    if (round.batch != 0) return;
    round.batch = round.id;
    m_database.run(QStringLiteral("UPDATE question SET batch = id WHERE id = ?"), {round.id});
}

void CompareStore::update(const CompareRound& round) {
    m_database.run(QStringLiteral("UPDATE question SET vote = ?, blind = ? WHERE id = ?"),
                   {voteCode(round), round.blind, round.id});
}

void CompareStore::clear(const QStringList& models) {
    m_database.run(QStringLiteral("DELETE FROM question WHERE models = ?"), {written(models)});
}

} // namespace nibble::gui
