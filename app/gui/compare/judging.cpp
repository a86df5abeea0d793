// The part of the Compare page that shows answers to be judged, and counts the votes.
#include "compare_controller.h"

#include <algorithm>

namespace nibble::gui {

bool CompareController::isOpen(qint64 batch) const {
    if (state() == State::Busy && !m_measuring && batch == m_batch) return true;
    return std::any_of(m_rounds.begin(), m_rounds.end(), [batch](const CompareRound& round) {
        return round.batch == batch && round.blind && round.vote == Vote::None;
    });
}

void CompareController::settleRounds() {
    QList<CompareRound> told;
    QList<VoteResult> results(std::max(0, int(paths().size()) - 1));
    int judged = -1;
    for (int i = 0; i < int(m_rounds.size()); ++i) {
        const CompareRound& round = m_rounds[i];
        if (round.blind && round.vote == Vote::None && judged < 0) judged = i;
        if (round.blind && isOpen(round.batch)) continue;
        told.prepend(round);
        if (!round.blind) continue; // who knows which is which does not judge it fairly
        for (int other = 0; other < int(results.size()); ++other) results[other].count(round, other + 1);
    }
    for (int other = 0; other < int(results.size()); ++other)
        results[other].say(original().title(), m_models[std::size_t(other) + 1].title());
    const auto same = [](const CompareRound& a, const CompareRound& b) { return a.id == b.id; };
    const QList<CompareRound>& before = m_shownRounds.list();
    if (!std::equal(told.begin(), told.end(), before.begin(), before.end(), same)) m_shownRounds.reset(told);
    m_results = results;
    const bool next = judged != m_judged;
    m_judged = judged;
    if (next) {
        m_wordsShown = 0;
        judged >= 0 ? m_pace.start() : m_pace.stop();
        emit paceChanged();
    }
    emit judgingChanged();
    emit roundsChanged();
}

QString CompareController::question() const { return judging() ? m_rounds[m_judged].prompt() : QString(); }

QString CompareController::standing() const {
    if (!judging()) return {};
    const qint64 batch = m_rounds[m_judged].batch;
    int number = 1, all = 0;
    for (int i = 0; i < int(m_rounds.size()); ++i) {
        if (m_rounds[i].batch != batch) continue;
        ++all;
        if (i < m_judged) ++number;
    }
    if (state() == State::Busy && !m_measuring && batch == m_batch) all += int(m_questions.size());
    return all > 1 ? tr("Question %1 of %2").arg(number).arg(all) : QString();
}

QStringList CompareController::choices() const {
    QStringList list;
    for (int place = 0; place < sides(); ++place) {
        const QChar letter('A' + place);
        list += sides() == 2 ? tr("%1 is better").arg(letter) : tr("%1 is best").arg(letter);
    }
    return list += {tr("No difference"), sides() == 2 ? tr("Both are bad") : tr("All are bad")};
}

int CompareController::longest() const {
    if (!judging()) return 0;
    const CompareRound& round = m_rounds[m_judged];
    qsizetype most = 0;
    for (int model = 0; model < round.models(); ++model) most = std::max(most, wordsOf(round.said(model)).size());
    return int(most);
}

bool CompareController::allShown() const { return m_wordsShown >= longest(); }

QStringList CompareController::shown() const {
    if (!judging()) return {};
    QStringList list;
    const CompareRound& round = m_rounds[m_judged];
    for (const int model : round.places) {
        const QString text = round.said(model);
        const QList<Span> words = wordsOf(text);
        const Span last = words.value(std::min<qsizetype>(m_wordsShown, words.size()) - 1);
        list += m_wordsShown >= words.size() ? text : text.left(last.start + last.length);
    }
    return list;
}

QString CompareController::thoughts(int place) const {
    return judging() ? m_rounds[m_judged].thoughts(m_rounds[m_judged].places.value(place)) : QString();
}

QString CompareController::markedToJudge(int place, const QString& color) const {
    return judging() && place >= 0 && place < sides() ? m_rounds[m_judged].markedBlind(place, color) : QString();
}

QVariantList CompareController::results() const {
    QVariantList list;
    for (const VoteResult& result : m_results) list += QVariant::fromValue(result);
    return list;
}

void CompareController::showAll() {
    m_wordsShown = longest();
    m_pace.stop();
    emit paceChanged();
}

void CompareController::voteRow(int row) {
    if (row >= 0 && row < sides()) return vote(row);
    if (row == sides()) vote(NoDifference);
    if (row == sides() + 1) vote(AllBad);
}

void CompareController::vote(int choice) {
    if (!judging() || choice < AllBad || choice >= sides()) return;
    if (!allShown()) return showAll(); // read first
    CompareRound& round = m_rounds[m_judged];
    round.vote = choice == NoDifference ? Vote::NoDifference : choice == AllBad ? Vote::AllBad : Vote::Preferred;
    if (round.vote == Vote::Preferred) round.preferred = round.places[choice];
    m_store->update(round);
    settleRounds();
}

void CompareController::reveal() {
    if (!judging()) return;
    const qint64 batch = m_rounds[m_judged].batch;
    for (CompareRound& round : m_rounds) {
        if (round.batch != batch || round.vote != Vote::None) continue;
        round.blind = false;
        m_store->update(round);
    }
    settleRounds();
}

} // namespace nibble::gui
