// What the engine says, in the language of the window. The engine speaks English; the sentences that people meet are
// listed in engine_words.cpp, and translated where they come in.
#pragma once

#include <QJsonObject>
#include <QString>

namespace nibble::gui {

/// The sentence in the language of the window, with its own figures and names; as it is where it is not listed.
QString engineWords(const QString& english);
/// The same for the fields of a message that are for people ("message", "whatToDo", "stage", "sentence" and the like),
/// at any depth. What a model wrote is never touched.
QJsonObject engineWords(const QJsonObject& message);

} // namespace nibble::gui
