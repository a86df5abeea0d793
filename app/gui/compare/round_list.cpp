#include "round_list.h"

#include "components/wording.h"
#include <QLocale>

namespace nibble::gui {

QString factsOf(const AnswerPair& pair, bool ofOriginal) {
    const double speed = ofOriginal ? pair.originalSpeed : pair.smallerSpeed;
    const double bytes = ofOriginal ? pair.originalBytes : pair.smallerBytes;
    const QString pace =
        speed > 0 ? RoundList::tr("%1 words a second").arg(QLocale().toString(speed, 'f', speed < 10 ? 1 : 0))
                  : QString();
    return wording::joined({pace, bytes > 0 ? RoundList::tr("%1 of memory").arg(wording::bytes(bytes)) : QString()});
}

QString judgedInWords(const CompareRound& round) {
    switch (round.vote) {
    case Vote::Original:
        return RoundList::tr("You preferred %1.").arg(round.originalName);
    case Vote::Smaller:
        return RoundList::tr("You preferred %1.").arg(round.smallerName);
    case Vote::NoDifference:
        return round.pair.identical ? QString() : RoundList::tr("You saw no difference.");
    case Vote::BothBad:
        return RoundList::tr("You found both bad.");
    case Vote::None:
        break;
    }
    return {};
}

QString differenceInWords(const CompareRound& round) {
    const AnswerPair& pair = round.pair;
    QStringList parts{pair.sentence()};
    const QString a = pair.firstChange(round.originalIsA), b = pair.firstChange(!round.originalIsA);
    if (!a.isEmpty() && !b.isEmpty()) parts += RoundList::tr("First difference: “%1” here, “%2” there.").arg(a, b);
    parts += pair.chanceSentence();
    return wording::joined(parts, QStringLiteral(" "));
}

QVariant RoundList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const CompareRound& round = m_rounds[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case QuestionRole:
        return round.pair.prompt;
    case TitleARole:
        return round.originalIsA ? round.originalName : round.smallerName;
    case TitleBRole:
        return round.originalIsA ? round.smallerName : round.originalName;
    case FactsARole:
        return factsOf(round.pair, round.originalIsA);
    case FactsBRole:
        return factsOf(round.pair, !round.originalIsA);
    case SentenceRole:
        return differenceInWords(round);
    case JudgedRole:
        return judgedInWords(round);
    default:
        return {};
    }
}

QHash<int, QByteArray> RoundList::roleNames() const {
    return {{QuestionRole, "question"}, {TitleARole, "titleA"},     {TitleBRole, "titleB"}, {FactsARole, "factsA"},
            {FactsBRole, "factsB"},     {SentenceRole, "sentence"}, {JudgedRole, "judged"}};
}

void RoundList::reset(const QList<CompareRound>& rounds) {
    beginResetModel();
    m_rounds = rounds;
    endResetModel();
    emit countChanged();
}

QString RoundList::marked(int row, bool sideA, const QString& color) const {
    if (row < 0 || row >= count()) return {};
    return m_rounds[row].pair.marked(sideA == m_rounds[row].originalIsA, color);
}

QString RoundList::plain(int row, bool sideA) const {
    if (row < 0 || row >= count()) return {};
    return m_rounds[row].pair.said(sideA == m_rounds[row].originalIsA);
}

QString RoundList::thoughts(int row, bool sideA) const {
    if (row < 0 || row >= count()) return {};
    return m_rounds[row].pair.thoughts(sideA == m_rounds[row].originalIsA);
}

} // namespace nibble::gui
