// Figures in words that need no explanation.
#pragma once

#include <QString>
#include <QStringList>

namespace nibble::gui::wording {

/// "270 MB", "3.1 GB": decimal, as file managers and shops count.
QString bytes(double bytes);
/// "less than a minute left", "about 3 minutes left"; empty where `seconds` is not known (<= 0).
QString timeLeft(double seconds);
/// "4 seconds", "2 minutes"
QString duration(double seconds);
/// How finely a model is stored, as a person says it: "16 bits (original)", "4 bits" (for "Q4_K_M", whatever exceptions
/// that mixture makes), or from the average where the technical name says no number.
QString bits(const QString& formatName, double bitsPerWeight, bool quantized);
/// "About 12 words a second" for tokens a second; empty where that is not known (<= 0).
QString speed(double tokensPerSecond);
/// "Up to 12 words a second", for a forecast that counts the memory's speed only (Forecast of the engine).
QString highestSpeed(double tokensPerSecond);
/// 151_000_000 -> "151 million"
QString count(double value);
/// The parts that are not empty, with `separator` between them.
QString joined(QStringList parts, const QString& separator = QStringLiteral("  ·  "));

} // namespace nibble::gui::wording
