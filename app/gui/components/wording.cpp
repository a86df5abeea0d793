#include "wording.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <cmath>

namespace nibble::gui::wording {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Words)
};

/// Three figures at most: 3.1, 27, 270.
QString threeFigures(double value) { return QLocale().toString(value, 'f', value < 10 ? 1 : 0); }

} // namespace

QString bytes(double bytes) {
    static const char* units[] = {"bytes", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 999.5 && unit < 4) {
        bytes /= 1000;
        ++unit;
    }
    // As the engine writes it: a tenth tells something of megabytes below ten, and of gigabytes.
    const bool whole = unit < 2 || (unit == 2 && bytes >= 9.95);
    const QString number = whole ? QLocale().toString(bytes, 'f', 0) : threeFigures(bytes);
    return number + ' ' + units[unit];
}

QString timeLeft(double seconds) {
    if (!(seconds > 0)) return {};
    if (seconds < 10) return Words::tr("a few seconds left");
    if (seconds < 60) return Words::tr("less than a minute left");
    return Words::tr("about %1 left").arg(duration(seconds));
}

// Where no translation is loaded Qt does not choose plural forms, so the singular is a text of its own.
QString duration(double seconds) {
    if (seconds < 1.5) return Words::tr("a second");
    if (seconds < 55) return Words::tr("%1 seconds").arg(std::lround(seconds));
    if (seconds < 90) return Words::tr("a minute");
    if (seconds < 55 * 60) return Words::tr("%1 minutes").arg(std::lround(seconds / 60));
    if (seconds < 90 * 60) return Words::tr("an hour");
    return Words::tr("%1 hours").arg(std::lround(seconds / 3600));
}

QString bits(const QString& formatName, double bitsPerWeight, bool quantized) {
    if (!(bitsPerWeight > 0)) return {};
    if (!quantized) return Words::tr("%1 bits (original)").arg(bitsPerWeight > 24 ? 32 : 16);
    static const QRegularExpression number(QStringLiteral("^I?Q(\\d)"));
    if (const auto match = number.match(formatName); match.hasMatch())
        return Words::tr("%1 bits").arg(match.captured(1));
    return Words::tr("%1 bits").arg(std::floor(bitsPerWeight + 0.05));
}

static QString wordsPerSecond(double tokensPerSecond) {
    constexpr double kWordsPerToken = 0.75; // of English text
    const double words = tokensPerSecond * kWordsPerToken;
    if (words < 10) return QLocale().toString(words, 'f', 1);
    const double step = std::pow(10, std::floor(std::log10(words)) - 1); // two figures
    return QLocale().toString(std::round(words / step) * step, 'f', 0);
}

QString speed(double tokensPerSecond) {
    return tokensPerSecond > 0 ? Words::tr("About %1 words a second").arg(wordsPerSecond(tokensPerSecond)) : QString();
}

QString highestSpeed(double tokensPerSecond) {
    constexpr double kFastEnough = 100 / 0.75; // nobody reads that fast, and small models are held up by other things
    if (!(tokensPerSecond > 0)) return {};
    return Words::tr("Up to %1 words a second").arg(wordsPerSecond(std::min(tokensPerSecond, kFastEnough)));
}

QString count(double value) {
    if (value >= 999.5e6) return Words::tr("%1 billion").arg(threeFigures(value / 1e9));
    if (value >= 999.5e3) return Words::tr("%1 million").arg(threeFigures(value / 1e6));
    return QLocale().toString(value, 'f', 0);
}

QString joined(QStringList parts, const QString& separator) {
    parts.removeAll(QString());
    return parts.join(separator);
}

} // namespace nibble::gui::wording
