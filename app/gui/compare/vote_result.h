// What the votes of a blind comparison say, and how surely. The window links nothing of core, so its statistic is here;
// core/compare/statistics.h has the Wilson interval of the measured figures.
#pragma once

#include "compare_store.h"
#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace nibble::gui {

/// Probability that a fair coin thrown `n` times lands at least as far from the middle as `hits`: the exact two-sided
/// sign test. 1 for n = 0.
double signTest(int hits, int n);

struct ShareInterval {
    double low = 0, high = 1;
};
/// 95 % Wilson score interval of hits of n; n > 0.
ShareInterval voteInterval(int hits, int n);

/// Of the original and one other model, also where a third was judged with them.
struct VoteResult {
    Q_GADGET
    QML_VALUE_TYPE(voteResult)
    Q_PROPERTY(QString title MEMBER title)
    Q_PROPERTY(int votes READ votes)
    Q_PROPERTY(QString headline MEMBER headline)
    Q_PROPERTY(QString detail MEMBER detail)
    Q_PROPERTY(QString tone MEMBER tone)

public:
    int original = 0, smaller = 0, noDifference = 0, allBad = 0;
    int another = 0;  // times that a third model was preferred, which says nothing about these two
    QString title;    // "SmolLM2 · Q4_K_M beside SmolLM2 · BF16"
    QString headline; // "No evidence of a difference."
    QString detail;   // how often what was chosen, the interval, what chance would do
    QString tone;     // as in Theme.toneText

    int votes() const { return original + smaller + noDifference + allBad + another; }
    /// Adds the vote of a round, as one on the original and `model`. Who preferred an answer preferred it of all models
    /// that wrote the same.
    void count(const CompareRound& round, int model);
    /// Fills the texts from the counts. Names: of the two models. No votes: no texts.
    void say(const QString& originalName, const QString& smallerName);
    bool operator==(const VoteResult&) const = default;
};

} // namespace nibble::gui
