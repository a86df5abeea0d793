// What the Chat page says in words, and how the names of its choices reach the engine.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace nibble::gui {

/// A chat's title: the beginning of its first question.
QString titleOf(const QString& text);
/// "1,200 of 4,096 tokens in mind", and when it is nearly full; empty where the length is not known (0).
QString contextInWords(int used, int length);
/// What a model runs on, of the result of `load`.
QString whatItRunsOn(const QJsonObject& loaded);
/// What is shown below a finished answer, of the result of `chat`.
QString noteOf(const QJsonObject& result);

/// "Precise", "Balanced", ...; and how the one in this row changes the model's own sampling.
QStringList answerStyles();
QJsonObject samplingOf(int style);

} // namespace nibble::gui
