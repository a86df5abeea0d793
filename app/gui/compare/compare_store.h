// The questions two models were asked, their answers and the user's votes, in SQLite: saved when it happens, so that no
// vote is lost.
#pragma once

#include "answer_pair.h"
#include "components/database.h"
#include <QDateTime>

namespace nibble::gui {

/// What the user thought of a pair of answers.
enum class Vote { None, Original, Smaller, NoDifference, BothBad };

struct CompareRound {
    qint64 id = 0;    // 0: not saved yet
    qint64 batch = 0; // rounds asked together; their names are told together
    QDateTime asked;
    QString originalName, smallerName; // "SmolLM2 135M Instruct · Q4_K_M"
    AnswerPair pair;
    bool blind = false;      // shown as A and B until judged
    bool originalIsA = true; // which side it stands on
    Vote vote = Vote::None;
};

class CompareStore {
public:
    /// Opens or makes the database; an empty path keeps all in memory only. See problem().
    explicit CompareStore(const QString& path);

    const QString& problem() const { return m_database.problem(); }
    /// Of this pair of models (paths), oldest first; at most the newest kMostRounds.
    static constexpr int kMostRounds = 500;
    QList<CompareRound> rounds(const QString& original, const QString& smaller);
    /// Saves a new round and gives it its id; batch 0 becomes a new batch.
    void add(const QString& original, const QString& smaller, CompareRound& round);
    /// Saves vote and blind.
    void update(const CompareRound& round);
    /// Removes all rounds of this pair.
    void clear(const QString& original, const QString& smaller);

private:
    Database m_database;
};

} // namespace nibble::gui
