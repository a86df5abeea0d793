#include "round_list.h"

#include "components/wording.h"
#include <QLocale>

namespace nibble::gui {

QString factsOf(const CompareRound& round, int model) {
    const AnswerPair& pair = round.pairOf(model);
    const double speed = model == 0 ? pair.originalSpeed : pair.smallerSpeed;
    const double bytes = model == 0 ? pair.originalBytes : pair.smallerBytes;
    const QString pace =
        speed > 0 ? RoundList::tr("%1 words a second").arg(QLocale().toString(speed, 'f', speed < 10 ? 1 : 0))
                  : QString();
    return wording::joined({pace, bytes > 0 ? RoundList::tr("%1 of memory").arg(wording::bytes(bytes)) : QString()});
}

QString judgedInWords(const CompareRound& round) {
    switch (round.vote) {
    case Vote::Preferred:
        return RoundList::tr("You preferred %1.").arg(round.names[round.preferred]);
    case Vote::NoDifference:
        return round.identical() ? QString() : RoundList::tr("You saw no difference.");
    case Vote::AllBad:
        return round.models() == 2 ? RoundList::tr("You found both bad.") : RoundList::tr("You found all bad.");
    case Vote::None:
        break;
    }
    return {};
}

QString differenceInWords(const CompareRound& round) {
    QStringList lines;
    const bool two = round.models() == 2;
    for (int model = 1; model < round.models(); ++model) {
        const AnswerPair& pair = round.pairOf(model);
        QStringList parts{pair.sentence()};
        // Of two answers the left one is here; of three it is the one that the line is about.
        const bool originalIsHere = two && round.places.first() == 0;
        const QString here = pair.firstChange(originalIsHere), there = pair.firstChange(!originalIsHere);
        if (!here.isEmpty() && !there.isEmpty())
            parts += two ? RoundList::tr("First difference: “%1” here, “%2” there.").arg(here, there)
                         : RoundList::tr("First difference: “%1”, and “%2” in the original.").arg(here, there);
        parts += pair.chanceSentence();
        const QString line = wording::joined(parts, QStringLiteral(" "));
        lines += two ? line : QStringLiteral("%1: %2").arg(round.names[model], line);
    }
    return lines.join('\n');
}

QVariant RoundList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const CompareRound& round = m_rounds[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case QuestionRole:
        return round.prompt();
    case TitlesRole:
    case FactsRole: {
        QStringList list;
        for (const int model : round.places) list += role == FactsRole ? factsOf(round, model) : round.names[model];
        return list;
    }
    case SentenceRole:
        return differenceInWords(round);
    case JudgedRole:
        return judgedInWords(round);
    default:
        return {};
    }
}

QHash<int, QByteArray> RoundList::roleNames() const {
    return {{QuestionRole, "question"},
            {TitlesRole, "titles"},
            {FactsRole, "facts"},
            {SentenceRole, "sentence"},
            {JudgedRole, "judged"}};
}

void RoundList::reset(const QList<CompareRound>& rounds) {
    beginResetModel();
    m_rounds = rounds;
    endResetModel();
    emit countChanged();
}

QString RoundList::marked(int row, int place, const QString& color) const {
    return has(row, place) ? m_rounds[row].marked(m_rounds[row].places[place], color) : QString();
}

QString RoundList::plain(int row, int place) const {
    return has(row, place) ? m_rounds[row].said(m_rounds[row].places[place]) : QString();
}

QString RoundList::thoughts(int row, int place) const {
    return has(row, place) ? m_rounds[row].thoughts(m_rounds[row].places[place]) : QString();
}

} // namespace nibble::gui
