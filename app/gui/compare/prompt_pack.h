// Questions to ask one after the other: ten office tasks that come with Nibble, or the user's own.
#pragma once

#include <QStringList>

namespace nibble::gui {

inline constexpr int kMostQuestions = 100;
inline constexpr int kLongestQuestion = 8000; // characters

/// The office tasks in the language of the window; English where there are none in it.
QStringList officeTasks();
/// One question a line; where there are empty lines, one question a paragraph. Too many or too long ones are cut.
QStringList questionsOf(const QString& text);
/// From a text file of at most 1 MB; `problem` says in plain words why there are none.
QStringList questionsFromFile(const QString& path, QString& problem);

} // namespace nibble::gui
