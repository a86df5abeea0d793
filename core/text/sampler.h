// The sampling chain.
#pragma once

#include <cstdint>
#include <nibble/sampling.h>
#include <optional>
#include <span>
#include <text/repetition.h>
#include <vector>

namespace nibble {

/// 1 .. kMaxSeed: exact in every JSON reader.
uint64_t randomSeed();

/// Draws tokens from logits. Own PCG64 generator, so the same seed gives the same text on every machine. Allocates only
/// in the constructor (vocabSize entries). `dryBreakers`: the tokens that Sampling::dryBreakers stand in.
class Sampler {
public:
    struct Candidate {
        float logit;
        int32_t id;
    };
    Sampler(const Sampling& settings, int32_t vocabSize, std::span<const int32_t> dryBreakers = {});
    uint64_t seed() const { return m_seed; }
    /// `history`: all tokens so far, for the penalties. Logits that are NaN count as -infinity.
    int32_t sample(std::span<const float> logits, std::span<const int32_t> history);
    /// How many of the largest logits decide, whatever the history is; 0: all of them.
    int32_t decisive() const;
    /// The same as sample() of all logits, of which `largest` are the decisive() first (or all, where there are fewer),
    /// falling, of equal ones the lowest id.
    int32_t sampleLargest(std::span<const Candidate> largest);

private:
    Sampling m_settings;
    uint64_t m_seed, m_state[4];
    std::vector<Candidate> m_candidates;      // capacity: the vocabulary
    std::optional<Repetitions> m_repetitions; // DRY
    double m_surprise;                        // mirostat: the most surprising token that may be drawn, in bits
    std::vector<int32_t> m_counts;            // of each token within the penalties' window; zero between calls

    double uniform();
    bool isGreedy() const { return m_settings.temperature <= 0 || m_settings.topK == 1; }
    bool penalizes() const;
    float penalized(float logit, int32_t id) const;
    int32_t greedy(std::span<const float> logits) const;
    void collect(std::span<const float> logits, std::size_t k);
    int32_t drawOfBest();
    void keepTopP();
    void keepMinP();
    void leaveOutTop();
    int32_t drawBySurprise();
    /// Draws from m_candidates, whose logits become probabilities (not normalized; the most likely one has 1).
    Candidate draw();
};

} // namespace nibble
