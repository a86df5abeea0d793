// The questions that models were asked together, their answers and the user's votes, in SQLite: saved when it happens,
// so that no vote is lost.
#pragma once

#include "answer_pair.h"
#include "components/database.h"
#include <QDateTime>

namespace nibble::gui {

/// What the user thought of the answers to a question.
enum class Vote { None, NoDifference, AllBad, Preferred };

/// A question and its answers. Models are counted as they were chosen: 0 is the original, or what stands for it.
struct CompareRound {
    qint64 id = 0;    // 0: not saved yet
    qint64 batch = 0; // rounds asked together; their names are told together
    QDateTime asked;
    QStringList names;       // of the models: "SmolLM2 135M Instruct · Q4_K_M"
    QList<AnswerPair> pairs; // the original beside model 1, beside model 2, ...
    bool blind = false;      // shown as A, B, ... until judged
    QList<int> places;       // which model stands as A, which as B, ...
    Vote vote = Vote::None;
    int preferred = 0; // the model, of Vote::Preferred

    int models() const { return int(pairs.size()) + 1; }
    const QString& prompt() const { return pairs.first().prompt; }
    /// The pair that has a model's answer in it, and on which side.
    const AnswerPair& pairOf(int model) const { return pairs[model == 0 ? 0 : model - 1]; }
    QString said(int model) const { return pairOf(model).said(model == 0); }
    QString thoughts(int model) const { return pairOf(model).thoughts(model == 0); }
    bool identical() const; // all answers
    /// An answer as rich text, see AnswerPair::marked(). Two answers are marked both, three against the original, which
    /// is empty then: nothing to mark.
    QString marked(int model, const QString& color) const;
    /// The same without telling which is the original: three answers are marked against the one in the first place.
    QString markedBlind(int place, const QString& color) const;
    /// Every list has the length that the others ask for, and every number is that of a model.
    bool isWhole() const;
};

class CompareStore {
public:
    /// Opens or makes the database; an empty path keeps all in memory only. See problem().
    explicit CompareStore(const QString& path);

    const QString& problem() const { return m_database.problem(); }
    /// Of these models (paths, the original first), oldest first; at most the newest kMostRounds.
    static constexpr int kMostRounds = 500;
    QList<CompareRound> rounds(const QStringList& models);
    /// Saves a new round and gives it its id; batch 0 becomes a new batch.
    void add(const QStringList& models, CompareRound& round);
    /// Saves vote and blind.
    void update(const CompareRound& round);
    /// Removes all rounds of these models.
    void clear(const QStringList& models);

private:
    Database m_database;
};

} // namespace nibble::gui
