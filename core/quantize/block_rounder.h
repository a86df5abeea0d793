// The values that a block of a format can hold with the scales it has. Private to core/quantize.
#pragma once

#include <algorithm>
#include <cmath>
#include <formats/format.h>

namespace nibble {

/// The codes of one block, rounded one after the other with the scales that `code` has.
class BlockRounder {
public:
    explicit BlockRounder(const Format& to) : m_to(to), m_largest((1 << to.codeBits) - 1) {}

    /// What the code nearest to `weight` stands for; it is put into the block.
    float round(CodeBlock& code, int64_t column, float weight) const {
        const float scale = scaleOf(code, column);
        const float min = minOf(code, column);
        const int q = nearest(scale != 0 ? (weight + min) / scale : 0.f);
        code.q[column] = uint8_t(q);
        return scale * float(codeValue(m_to, uint8_t(q))) - min;
    }

    /// w = d * unitOf(code, column) - min.
    float unitOf(const CodeBlock& code, int64_t column) const {
        return (m_to.hasScale ? float(code.scale[group(column)]) : 1.f) * float(codeValue(m_to, code.q[column]));
    }
    float valueOf(const CodeBlock& code, int64_t column) const {
        return scaleOf(code, column) * float(codeValue(m_to, code.q[column])) - minOf(code, column);
    }
    std::size_t group(int64_t column) const { return std::size_t(column / m_to.groupSize); }

private:
    float scaleOf(const CodeBlock& code, int64_t column) const {
        return code.d * (m_to.hasScale ? float(code.scale[group(column)]) : 1.f);
    }
    float minOf(const CodeBlock& code, int64_t column) const {
        return m_to.hasMin ? code.dmin * float(code.min[group(column)]) : 0.f;
    }
    int nearest(float value) const {
        if (!m_to.table)
            return std::clamp(int(std::lround(std::clamp(value, -1e6f, 1e6f))) + m_to.offset, 0, m_largest);
        int best = 0;
        for (int q = 1; q < 16; ++q)
            if (std::fabs(value - float(m_to.table[q])) < std::fabs(value - float(m_to.table[best]))) best = q;
        return best;
    }

    const Format& m_to;
    int m_largest;
};

} // namespace nibble
