#pragma once

#include "compare_store.h"
#include <QAbstractListModel>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// The questions whose models may be told, newest first. What is still to be judged blind never gets in here, so that
/// no list, screen reader or tip can tell which side is which. Roles, lists by place (A, B, ...): question, titles,
/// facts ("38 words a second · 515 MB"), sentence, judged (the vote in words, empty where there is none).
class RoundList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made by the controller")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role { QuestionRole = Qt::UserRole + 1, TitlesRole, FactsRole, SentenceRole, JudgedRole };

    using QAbstractListModel::QAbstractListModel;

    int count() const { return int(m_rounds.size()); }
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : count(); }
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    void reset(const QList<CompareRound>& rounds);
    const QList<CompareRound>& list() const { return m_rounds; }
    /// An answer with its changed words marked, see CompareRound::marked().
    Q_INVOKABLE QString marked(int row, int place, const QString& color) const;
    /// The same as plain text, for the clipboard and screen readers.
    Q_INVOKABLE QString plain(int row, int place) const;
    /// What was thought before it.
    Q_INVOKABLE QString thoughts(int row, int place) const;

signals:
    void countChanged();

private:
    bool has(int row, int place) const {
        return row >= 0 && row < count() && place >= 0 && place < m_rounds[row].models();
    }
    QList<CompareRound> m_rounds;
};

/// "38 words a second · 515 MB of memory"; empty where nothing is known.
QString factsOf(const CompareRound& round, int model);
/// What was voted, with the model's name; empty for none.
QString judgedInWords(const CompareRound& round);
/// How far the others say the same as the original, where they part, and what the original expected there.
QString differenceInWords(const CompareRound& round);

} // namespace nibble::gui
