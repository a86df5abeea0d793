#include <algorithm>
#include <cmath>
#include <compare/statistics.h>
#include <compare/summary.h>

namespace nibble {

void summarizeScores(std::span<const RowScore> scores, CompareReport& report) {
    std::vector<double> divergence, originalLoss, smallerLoss, difference;
    int64_t same = 0;
    for (const RowScore& score : scores) {
        divergence.push_back(score.divergence);
        originalLoss.push_back(score.originalLoss);
        smallerLoss.push_back(score.smallerLoss);
        difference.push_back(score.smallerLoss - score.originalLoss);
        same += score.sameTop();
    }
    const auto perplexity = [](const Measured& loss) {
        return Measured{std::exp(loss.value), std::exp(loss.value) * loss.error};
    };
    report.original.perplexity = perplexity(meanOf(originalLoss));
    report.smaller.perplexity = perplexity(meanOf(smallerLoss));
    report.meanDivergence = meanOf(divergence);
    if (!std::isfinite(report.meanDivergence.value)) return; // nothing below has a meaning then
    std::sort(divergence.begin(), divergence.end());
    report.divergence99 = quantile(divergence, 0.99);
    report.divergence999 = quantile(divergence, 0.999);
    report.maxDivergence = divergence.back();

    const auto n = int64_t(scores.size());
    const double agreement = double(same) / double(n);
    const Interval interval = wilsonInterval(same, n);
    report.tokensScored = int32_t(n);
    report.wordAgreement = {agreement, std::sqrt(agreement * (1 - agreement) / double(n))};
    report.agreementLow = interval.low;
    report.agreementHigh = interval.high;
    report.logPerplexityRatio = meanOf(difference);
    report.verdict = verdictOf(report.meanDivergence.value, agreement);
    report.drift = driftOf(report.meanDivergence.value);
    report.sentence = sentenceOf(report.verdict, agreement, interval);
}

} // namespace nibble
