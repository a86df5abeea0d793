// A comparison as a document to keep or to pass on.
#pragma once

#include "compare_store.h"
#include "vote_result.h"

namespace nibble::gui {

/// `rounds`: revealed ones, newest first; `result`: of the blind votes among them. The answers without what was thought
/// before them.
QString roundsAsMarkdown(const QList<CompareRound>& rounds, const VoteResult& result);
/// The answers whole.
QByteArray roundsAsJson(const QList<CompareRound>& rounds, const VoteResult& result);
/// Writes either, by the file name's ending (.json, else Markdown); whole or not at all. Says in plain words what went
/// wrong, or nothing.
QString saveRounds(const QString& path, const QList<CompareRound>& rounds, const VoteResult& result);

} // namespace nibble::gui
