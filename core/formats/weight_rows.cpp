#include <algorithm>
#include <array>
#include <cstring>
#include <formats/weight_rows.h>

namespace nibble {

void WeightRows::copyRows(int64_t first, int64_t count, std::byte* out, int plane) const {
    constexpr int64_t kAtOnce = 16;
    std::array<int64_t, kAtOnce> stored;
    for (int64_t r = first; made() && r < first + count; r += kAtOnce) {
        const auto n = std::size_t(std::min(kAtOnce, first + count - r));
        for (std::size_t i = 0; i < n; ++i) stored[i] = storedRow(r + int64_t(i));
        makers[std::size_t(plane)]->make(std::span(stored).first(n), out + uint64_t(r - first) * rowBytes());
    }
    for (int64_t r = first; !made() && r < first + count; ++r)
        std::memcpy(out + uint64_t(r - first) * rowBytes(), row(r, plane), rowBytes());
}

WeightRows WeightRows::everyOther(int64_t group, int which) const {
    assert(rows % (2 * group) == 0);
    WeightRows part = *this;
    part.rows = rows / 2;
    std::vector<int32_t> places;
    for (int64_t r = 0; r < part.rows; ++r)
        places.push_back(int32_t(storedRow((2 * (r / group) + which) * group + r % group)));
    part.firstRow = 0;
    part.ropeHeads = 0;
    part.order = std::make_shared<const std::vector<int32_t>>(std::move(places));
    return part;
}

void WeightRows::decodeRow(int64_t r, float* out, int plane) const {
    nibble::format(format).decode(RowCursor(*this, r + 1, plane).row(r), out, cols);
}

const std::byte* RowCursor::row(int64_t r) {
    if (!m_rows.made()) return m_rows.row(r, m_plane);
    if (r < m_first || r >= m_first + m_count) {
        m_first = r;
        m_count = std::min(kAtOnce, m_end - r);
        m_made.resize(std::size_t(m_count) * m_rows.rowBytes());
        m_rows.copyRows(m_first, m_count, m_made.data(), m_plane);
    }
    return m_made.data() + uint64_t(r - m_first) * m_rows.rowBytes();
}

} // namespace nibble
