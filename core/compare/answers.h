// Where two answers begin to differ.
#pragma once

#include <nibble/compare.h>

namespace nibble {

/// Fills sameWords, identical and the offsets from pair.original and pair.smaller. Words are what white space
/// separates, so a word differs where a letter or its punctuation does; how they are spaced does not count.
void findFirstDifference(AnswerPair& pair);

} // namespace nibble
