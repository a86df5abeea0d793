// Cost per token: one pass over the vocabulary; sorting touches only what top-k and top-p keep.

#include <algorithm>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <random>
#include <text/sampler.h>

namespace nibble {

namespace {

__extension__ using uint128 = unsigned __int128;

constexpr uint128 wide(uint64_t high, uint64_t low) { return uint128(high) << 64 | low; }

uint64_t splitMix(uint64_t& x) {
    uint64_t z = x += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/// Beyond any difference of logits, and far from infinity: where all are pushed down, one must still be the best.
constexpr float kMostPenalty = 1e6f;

/// More likely first; among equals the lower id.
constexpr auto kBetter = [](const auto& a, const auto& b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
};

} // namespace

uint64_t randomSeed() {
    std::random_device device;
    const uint64_t seed = (uint64_t(device()) << 32 | device()) & kMaxSeed;
    return seed ? seed : 1;
}

Sampler::Sampler(const Sampling& settings, int32_t vocabSize, std::span<const int32_t> dryBreakers)
    : m_settings(settings), m_seed(settings.seed ? settings.seed : randomSeed()),
      m_surprise(2 * double(settings.mirostatTau)) {
    assert(vocabSize > 0);
    if (settings.dryMultiplier > 0) m_repetitions.emplace(vocabSize, dryBreakers);
    m_candidates.reserve(std::size_t(vocabSize));
    m_counts.assign(std::size_t(vocabSize), 0);
    uint64_t x = m_seed;
    for (uint64_t& word : m_state) word = splitMix(x);
    m_state[3] |= 1; // the increment is odd
}

/// PCG XSL-RR 128/64 (O'Neill 2014); m_state = {state high, state low, increment high, increment low}.
double Sampler::uniform() {
    const uint128 state =
        wide(m_state[0], m_state[1]) * wide(0x2360ED051FC65DA4u, 0x4385DF649FCCF645u) + wide(m_state[2], m_state[3]);
    m_state[0] = uint64_t(state >> 64);
    m_state[1] = uint64_t(state);
    const uint64_t folded = m_state[0] ^ m_state[1];
    const unsigned turn = unsigned(m_state[0] >> 58);
    const uint64_t bits = folded >> turn | folded << (-turn & 63u);
    return double(bits >> 11) * 0x1p-53;
}

bool Sampler::penalizes() const {
    return m_settings.repeatLastN > 0 &&
           (m_settings.repeatPenalty != 1 || m_settings.presencePenalty != 0 || m_settings.frequencyPenalty != 0);
}

float Sampler::penalized(float logit, int32_t id) const {
    if (const int32_t length = m_repetitions ? m_repetitions->lengthBefore(id) : 0;
        length > 0 && length >= m_settings.dryAllowedLength)
        logit -= std::min(m_settings.dryMultiplier *
                              std::pow(m_settings.dryBase, float(length - m_settings.dryAllowedLength)),
                          kMostPenalty);
    const int32_t count = m_counts[std::size_t(id)];
    if (count == 0) return logit;
    const float repeated = logit > 0 ? logit / m_settings.repeatPenalty : logit * m_settings.repeatPenalty;
    return repeated - m_settings.presencePenalty - float(count) * m_settings.frequencyPenalty;
}

int32_t Sampler::sample(std::span<const float> logits, std::span<const int32_t> history) {
    assert(logits.size() <= m_counts.size());
    const std::size_t last = penalizes() ? std::min(history.size(), std::size_t(m_settings.repeatLastN)) : 0;
    const std::span<const int32_t> window = history.last(last);
    for (const int32_t id : window)
        if (std::size_t(id) < m_counts.size()) ++m_counts[std::size_t(id)];
    if (m_repetitions) m_repetitions->find(history);
    int32_t token;
    if (isGreedy()) {
        token = greedy(logits);
    } else if (m_settings.mirostatTau > 0) {
        collect(logits, 0);
        token = drawBySurprise();
    } else {
        collect(logits, m_settings.topK > 0 ? std::size_t(m_settings.topK) : 0);
        token = drawOfBest();
    }
    for (const int32_t id : window)
        if (std::size_t(id) < m_counts.size()) m_counts[std::size_t(id)] = 0;
    return token;
}

int32_t Sampler::decisive() const {
    if (penalizes() || m_repetitions) return 0; // a token far down may come up
    if (isGreedy()) return 1;
    return m_settings.mirostatTau > 0 ? 0 : std::max(m_settings.topK, 0);
}

int32_t Sampler::sampleLargest(std::span<const Candidate> largest) {
    assert(decisive() > 0 && !largest.empty());
    if (isGreedy()) return largest[0].logit > -INFINITY ? largest[0].id : 0;
    m_candidates.clear();
    for (const Candidate& c : largest)
        if (c.logit > -INFINITY) m_candidates.push_back({std::min(c.logit, FLT_MAX), c.id});
    std::sort(m_candidates.begin(), m_candidates.end(), kBetter); // infinite ones are equal to the largest number now
    return drawOfBest();
}

/// Draws from m_candidates by the chain behind top-k.
int32_t Sampler::drawOfBest() {
    keepTopP();
    keepMinP();
    leaveOutTop();
    return draw().id;
}

int32_t Sampler::greedy(std::span<const float> logits) const {
    int32_t best = 0;
    float bestLogit = -INFINITY;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float logit = penalized(logits[i], int32_t(i));
        if (logit > bestLogit) { // false for NaN
            bestLogit = logit;
            best = int32_t(i);
        }
    }
    return best;
}

/// Fills m_candidates with all tokens that can be drawn (k = 0), or the best k of them in falling order.
void Sampler::collect(std::span<const float> logits, std::size_t k) {
    m_candidates.clear();
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float logit = penalized(logits[i], int32_t(i));
        if (!(logit > -INFINITY)) continue; // NaN too
        const Candidate candidate{std::min(logit, FLT_MAX), int32_t(i)};
        if (k == 0 || m_candidates.size() < k) {
            m_candidates.push_back(candidate);
            if (m_candidates.size() == k) std::make_heap(m_candidates.begin(), m_candidates.end(), kBetter);
        } else if (kBetter(candidate, m_candidates.front())) { // the heap's front is the worst of the best
            std::pop_heap(m_candidates.begin(), m_candidates.end(), kBetter);
            m_candidates.back() = candidate;
            std::push_heap(m_candidates.begin(), m_candidates.end(), kBetter);
        }
    }
    if (k > 0) std::sort(m_candidates.begin(), m_candidates.end(), kBetter);
}

/// Keeps the most likely candidates whose probabilities add up to top-p, at least one.
void Sampler::keepTopP() {
    if (m_settings.topP >= 1 || m_candidates.empty()) return;
    const auto begin = m_candidates.begin(), end = m_candidates.end();
    const float top = std::min_element(begin, end, kBetter)->logit;
    double total = 0;
    for (const Candidate& c : m_candidates) total += std::exp(double(c.logit - top));
    const double wanted = double(m_settings.topP) * total;
    double sum = 0;
    std::size_t kept = 0, sorted = m_settings.topK > 0 ? m_candidates.size() : 0;
    while (kept < m_candidates.size() && (kept == 0 || sum < wanted)) {
        if (kept == sorted) { // order as many again as are ordered
            const std::size_t more = std::min(m_candidates.size(), std::max<std::size_t>(64, 4 * sorted));
            std::partial_sort(begin + std::ptrdiff_t(sorted), begin + std::ptrdiff_t(more), end, kBetter);
            sorted = more;
        }
        sum += std::exp(double(m_candidates[kept++].logit - top));
    }
    m_candidates.resize(kept);
}

/// Keeps the candidates that are at least min-p times as likely as the most likely one.
void Sampler::keepMinP() {
    if (m_settings.minP <= 0 || m_candidates.empty()) return;
    const float top = std::min_element(m_candidates.begin(), m_candidates.end(), kBetter)->logit;
    const float least = top + std::log(std::min(m_settings.minP, 1.0f));
    std::erase_if(m_candidates, [&](const Candidate& c) { return c.logit < least; });
}

/// XTC: by chance leaves out the candidates of at least the threshold's probability, but for the least likely of them.
void Sampler::leaveOutTop() {
    // One number is drawn whether or not anything is left out, so that the rest of the text depends on it as little.
    if (m_settings.xtcProbability <= 0 || m_settings.xtcThreshold > 0.5f || m_candidates.empty()) return;
    if (uniform() >= double(m_settings.xtcProbability)) return;
    const float top = std::min_element(m_candidates.begin(), m_candidates.end(), kBetter)->logit;
    double total = 0;
    for (const Candidate& c : m_candidates) total += std::exp(double(c.logit - top));
    const double least = double(m_settings.xtcThreshold) * total;
    const auto isTop = [&](const Candidate& c) { return std::exp(double(c.logit - top)) >= least; };
    const Candidate* kept = nullptr;
    std::size_t count = 0;
    for (const Candidate& c : m_candidates)
        if (isTop(c)) {
            ++count;
            if (!kept || kBetter(*kept, c)) kept = &c;
        }
    if (count < 2) return;
    const int32_t id = kept->id;
    std::erase_if(m_candidates, [&](const Candidate& c) { return isTop(c) && c.id != id; });
}

/// Mirostat 2: leaves out tokens more surprising than m_surprise bits, draws, and moves m_surprise by how far the drawn
/// token's surprise is from what is wanted.
int32_t Sampler::drawBySurprise() {
    if (m_candidates.empty()) return 0;
    const float top = std::min_element(m_candidates.begin(), m_candidates.end(), kBetter)->logit;
    const auto weight = [&](const Candidate& c) {
        return std::exp(double(c.logit - top) / double(m_settings.temperature));
    };
    double total = 0;
    for (const Candidate& c : m_candidates) total += weight(c);
    std::erase_if(m_candidates, [&](const Candidate& c) {
        return c.logit < top && std::log2(total) - std::log2(weight(c)) > m_surprise;
    });
    const Candidate drawn = draw();
    total = 0;
    for (const Candidate& c : m_candidates) total += double(c.logit); // weights by now
    const double surprise = std::log2(total) - std::log2(double(drawn.logit));
    m_surprise -= double(m_settings.mirostatEta) * (surprise - double(m_settings.mirostatTau));
    return drawn.id;
}

Sampler::Candidate Sampler::draw() {
    if (m_candidates.empty()) return {1, 0};
    const float top = std::min_element(m_candidates.begin(), m_candidates.end(), kBetter)->logit;
    double total = 0;
    for (Candidate& c : m_candidates) {
        c.logit = float(std::exp(double(c.logit - top) / double(m_settings.temperature)));
        total += double(c.logit);
    }
    double rest = uniform() * total;
    for (const Candidate& c : m_candidates) {
        rest -= double(c.logit);
        if (rest < 0) return c;
    }
    // Rounding: the last one that can be drawn at all.
    const auto possible =
        std::find_if(m_candidates.rbegin(), m_candidates.rend(), [](const Candidate& c) { return c.logit > 0; });
    return *possible; // the most likely one has 1
}

} // namespace nibble
