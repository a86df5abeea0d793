// DRY: how long a repetition each next token would continue (nibble/sampling.h names the source).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nibble {

class Repetitions {
public:
    /// `breakers`: tokens that no repetition crosses. Allocates all it needs (vocabSize entries).
    Repetitions(int32_t vocabSize, std::span<const int32_t> breakers);
    /// Looks at the end of `history`; ids that are no token count as breakers. Cost: the history's length times the
    /// tokens that agree, at most kLongest.
    void find(std::span<const int32_t> history);
    /// Tokens at the end of the history that stand in it already, followed by `id`; 0: none.
    int32_t lengthBefore(int32_t id) const { return m_lengths[std::size_t(id)]; }

    static constexpr int32_t kLongest = 50; // longer ones count as this: the penalty is beyond measure by then

private:
    bool breaks(int32_t id) const { return std::size_t(id) >= m_breaks.size() || m_breaks[std::size_t(id)]; }
    std::vector<bool> m_breaks;
    std::vector<uint8_t> m_lengths;
    bool m_any = false; // m_lengths is not all zero
};

} // namespace nibble
