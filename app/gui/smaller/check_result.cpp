#include "check_result.h"

#include "components/wording.h"
#include <QCoreApplication>
#include <QLocale>
#include <cmath>

namespace nibble::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(CheckResult)
};

QString toneOf(const QString& verdict) {
    if (verdict == QLatin1String("weak") || verdict == QLatin1String("broken")) return "bad";
    return verdict == QLatin1String("noticeable") ? "warn" : "good";
}

QString percent(double share, int decimals = 0) { return QLocale().toString(share * 100, 'f', decimals); }

/// A token is about three quarters of a word; people read words.
QString speed(const QJsonObject& figures) {
    const double tokens = figures["decodeSpeed"].toDouble();
    if (!(tokens > 0)) return {};
    const double words = tokens * 0.75;
    return Words::tr("%1 words/s").arg(QLocale().toString(words, 'f', words < 10 ? 1 : 0));
}

QString memory(const QJsonObject& figures) {
    const double bytes = figures["memoryBytes"].toDouble();
    return bytes > 0 ? wording::bytes(bytes) : QString();
}

} // namespace

CheckResult CheckResult::fromReport(const QJsonObject& report) {
    const QJsonObject original = report["original"].toObject(), smaller = report["smaller"].toObject();
    CheckResult result;
    result.sentence = report["sentence"].toString();
    result.tone = report["warning"].toString().isEmpty() ? toneOf(report["verdict"].toString()) : "bad";
    result.agreement = report["wordAgreement"].toObject()["value"].toDouble();
    result.agreementLow = report["agreementLow"].toDouble();
    result.agreementHigh = report["agreementHigh"].toDouble();
    result.agreementText = Words::tr("%1 %").arg(percent(result.agreement, result.agreement >= 0.985 ? 1 : 0));
    result.agreementRange =
        Words::tr("between %1 and %2\u00a0%").arg(percent(result.agreementLow, 1), percent(result.agreementHigh, 1));
    result.drift = report["drift"].toInt();
    const QJsonObject mean = report["meanDivergence"].toObject();
    result.driftDetail = Words::tr("KL divergence %1 ± %2 nats per token, 99 %: %3, 99.9 %: %4")
                             .arg(mean["value"].toDouble(), 0, 'g', 3)
                             .arg(mean["error"].toDouble(), 0, 'g', 2)
                             .arg(report["divergence99"].toDouble(), 0, 'g', 3)
                             .arg(report["divergence999"].toDouble(), 0, 'g', 3);
    const double surprise = std::expm1(report["logPerplexityRatio"].toObject()["value"].toDouble());
    result.surprise = Words::tr("%1%2 %").arg(surprise < 0 ? QStringLiteral("−") : QStringLiteral("+"),
                                              percent(std::abs(surprise), 1));
    result.speedBefore = speed(original);
    result.speedAfter = speed(smaller);
    result.memoryBefore = memory(original);
    result.memoryAfter = memory(smaller);
    if (report["tokensScored"].toInt() == 0) return result; // nothing that could be shown
    result.basis = Words::tr("Quick look: %1 places in %2.")
                       .arg(QLocale().toString(report["tokensScored"].toInt()), report["textName"].toString());
    result.moments = momentsOf(report);
    result.driftBars = driftBarsOf(report);
    result.driftSummary = nibble::gui::driftSummary(report);
    return result;
}

} // namespace nibble::gui
