// Where two answers begin to differ.
#pragma once

#include <array>
#include <nibble/compare.h>
#include <span>
#include <vector>

namespace nibble {

/// Fills sameWords, identical and the offsets from pair.original and pair.smaller. Words are what white space
/// separates, so a word differs where a letter or its punctuation does; how they are spaced does not count.
void findFirstDifference(AnswerPair& pair);

/// The likeliest next tokens at each place of an answer, as the model that wrote it saw them.
class Chances {
public:
    static constexpr std::size_t kMost = 16;

    /// The logits (vocabulary) of the next place.
    void add(std::span<const float> logits);
    /// Probability of `token` at a place, 0..1; -1 where it was not among the kMost likeliest.
    double of(int32_t token, std::size_t place) const;

private:
    struct Likely {
        int32_t token = -1;
        float probability = 0;
    };
    std::vector<std::array<Likely, kMost>> m_places;
};

/// Fills originalChance and smallerChance from the tokens of both answers, which have one vocabulary.
void findChances(AnswerPair& pair, std::span<const int32_t> original, std::span<const int32_t> smaller,
                 const Chances& ofOriginal);

} // namespace nibble
