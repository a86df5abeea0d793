#include "vote_result.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace nibble::gui {

namespace {

constexpr double kSurely = 0.05; // of the sign test
constexpr int kFewest = 6;       // with fewer even a unanimous vote is no evidence: 2 / 2^5 > 0.05

struct Words {
    Q_DECLARE_TR_FUNCTIONS(VoteResult)
};

QString times(int n) { return n == 1 ? Words::tr("once") : Words::tr("%1 times").arg(n); }

/// Up to where a rounded percentage is honest: 0 and 100 only where they are exact.
int percent(double share) { return int(std::lround(100 * share)); }

} // namespace

double signTest(int hits, int n) {
    if (n <= 0) return 1;
    const int less = std::min(hits, n - hits);
    double sum = 0; // P(X <= less), with logarithms: 2^-n is 0 for large n
    for (int k = 0; k <= less; ++k)
        sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) - n * std::log(2.0));
    return std::min(1.0, 2 * sum);
}

ShareInterval voteInterval(int hits, int n) {
    constexpr double z = 1.959963984540054;
    const double p = double(hits) / n, z2 = z * z;
    const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4.0 * n * n));
    return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

void VoteResult::count(const CompareRound& round, int model) {
    const auto wroteThis = [&round, best = round.said(round.preferred).simplified()](int writer) {
        return round.said(writer).simplified() == best;
    };
    if (round.vote == Vote::AllBad)
        ++allBad;
    else if (round.vote == Vote::NoDifference)
        ++noDifference;
    else if (round.vote != Vote::Preferred)
        return;
    else if (wroteThis(0) && wroteThis(model))
        ++noDifference;
    else if (wroteThis(0))
        ++original;
    else if (wroteThis(model))
        ++smaller;
    else
        ++another;
}

void VoteResult::say(const QString& originalName, const QString& smallerName) {
    title = Words::tr("%1 beside %2").arg(smallerName, originalName);
    headline.clear();
    detail.clear();
    tone.clear();
    if (votes() == 0) return;
    const int decided = original + smaller, undecided = noDifference + allBad;
    const bool moreOriginal = original >= smaller;
    const int more = std::max(original, smaller);
    const bool surely = decided >= kFewest && signTest(original, decided) < kSurely;
    if (surely) {
        headline = Words::tr("You prefer %1.").arg(moreOriginal ? originalName : smallerName);
        tone = moreOriginal ? QStringLiteral("warn") : QStringLiteral("good");
    } else if (decided == 0 && noDifference > 0 && allBad == 0 && another == 0) {
        headline = Words::tr("You could not tell them apart.");
        tone = QStringLiteral("good");
    } else if (decided + undecided < kFewest) {
        headline = Words::tr("Too few votes to say anything yet.");
    } else {
        headline = Words::tr("No evidence of a difference.");
        tone = QStringLiteral("good");
    }
    QStringList parts;
    if (decided > 0) {
        const ShareInterval range = voteInterval(more, decided);
        parts +=
            Words::tr("Where you preferred one, it was %1 %2 of %3 (%4 %; the true share is probably between %5 and "
                      "%6 %; pure chance gives 50 %).")
                .arg(moreOriginal ? originalName : smallerName)
                .arg(more)
                .arg(times(decided))
                .arg(percent(double(more) / decided))
                .arg(percent(range.low))
                .arg(percent(range.high));
    }
    if (noDifference > 0) parts += Words::tr("No difference: %1.").arg(times(noDifference));
    if (allBad > 0) parts += Words::tr("Found bad: %1.").arg(times(allBad));
    if (another > 0)
        parts += Words::tr("Another model was preferred, which says nothing about these two: %1.").arg(times(another));
    if (!surely && decided < kFewest)
        parts +=
            Words::tr("A preference can only be told from chance after %1 votes for one or the other.").arg(kFewest);
    detail = parts.join(' ');
}

} // namespace nibble::gui
