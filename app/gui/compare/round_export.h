// A comparison as a document to keep or to pass on.
#pragma once

#include "compare_store.h"
#include "vote_result.h"

namespace nibble::gui {

/// `rounds`: revealed ones, newest first; `results`: of the blind votes among them, for each model beside the original.
/// The answers without what was thought before them.
QString roundsAsMarkdown(const QList<CompareRound>& rounds, const QList<VoteResult>& results);
/// The answers whole.
QByteArray roundsAsJson(const QList<CompareRound>& rounds, const QList<VoteResult>& results);
/// Writes either, by the file name's ending (.json, else Markdown); whole or not at all. Says in plain words what went
/// wrong, or nothing.
QString saveRounds(const QString& path, const QList<CompareRound>& rounds, const QList<VoteResult>& results);

} // namespace nibble::gui
