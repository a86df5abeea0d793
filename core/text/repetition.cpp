#include <algorithm>
#include <text/repetition.h>

namespace nibble {

Repetitions::Repetitions(int32_t vocabSize, std::span<const int32_t> breakers)
    : m_breaks(std::size_t(vocabSize), false), m_lengths(std::size_t(vocabSize), 0) {
    for (const int32_t id : breakers)
        if (std::size_t(id) < m_breaks.size()) m_breaks[std::size_t(id)] = true;
}

void Repetitions::find(std::span<const int32_t> history) {
    if (m_any) std::fill(m_lengths.begin(), m_lengths.end(), uint8_t(0));
    m_any = false;
    if (history.size() < 2 || breaks(history.back())) return;
    const std::size_t last = history.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
        const int32_t next = history[i + 1];
        if (history[i] != history[last] || breaks(next)) continue;
        std::size_t length = 1;
        while (length < std::size_t(kLongest) && length <= i && history[i - length] == history[last - length] &&
               !breaks(history[i - length]))
            ++length;
        uint8_t& longest = m_lengths[std::size_t(next)];
        longest = std::max(longest, uint8_t(length));
        m_any = true;
    }
}

} // namespace nibble
