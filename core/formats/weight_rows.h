// A weight matrix wherever its rows lie: the one way in which weights reach backends and the quantizer.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <formats/format.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nibble {

/// Rows that lie nowhere as such but are made when they are asked for: from another tool's packed codes. Used by
/// several threads at once.
class RowMaker {
public:
    virtual ~RowMaker() = default;
    /// Writes these rows of the matrix one after the other, in the format of the WeightRows that own the maker.
    virtual void make(std::span<const int64_t> rows, std::byte* out) const = 0;
};

/// Read-only view of one tensor as `planes` matrices (experts; usually 1) of (rows, cols), row by row in GGUF order.
/// The rows lie in mapped files or in memory of ours; `owner` keeps them alive. 1-D tensors are one row.
struct WeightRows {
    std::string name; // GGUF name, "blk.0.attn_q.weight"
    FormatId format = FormatId::F32;
    int64_t cols = 0;                                    // contiguous (input) dimension, GGUF ne[0]
    int64_t rows = 0;                                    // output dimension, GGUF ne[1], 1 for 1-D
    std::vector<const std::byte*> planes;                // first row of each plane, rows contiguous, rowBytes() apart
    std::vector<std::shared_ptr<const RowMaker>> makers; // one a plane where rows are made; planes are null then
    int64_t firstRow = 0;                                // of made or ordered rows, in the maker's or order's count
    std::shared_ptr<const std::vector<int32_t>> order;   // where there is one, row r is read from place order[r]
    /// > 0: row r is read from the place that GGUF's rotary order gives it: a Hugging Face q or k matrix of this many
    /// heads presented in the order of a GGUF file (pairs 2i, 2i+1).
    int32_t ropeHeads = 0;
    std::shared_ptr<const void> owner;
    int dims = 2; // 1, 2 or 3 (with planes): as in the file

    uint64_t rowBytes() const { return nibble::format(format).rowBytes(cols); }
    uint64_t bytes() const { return rowBytes() * uint64_t(rows) * planes.size(); }
    int64_t elements() const { return cols * rows * int64_t(planes.size()); }
    bool made() const { return !makers.empty(); }
    /// Whether the rows lie one behind the other as they are.
    bool inPlace() const { return !made() && !order && ropeHeads == 0; }
    /// The place of row r among the stored ones.
    int64_t storedRow(int64_t r) const {
        if (order) return (*order)[std::size_t(firstRow + r)];
        if (ropeHeads == 0) return firstRow + r;
        const int64_t d = rows / ropeHeads, head = r / d, i = r % d; // GGUF row 2i+p of a head is HF row p*d/2+i
        return firstRow + head * d + (i % 2) * (d / 2) + i / 2;
    }
    /// The bytes of row r of a plane, where they lie in memory; made rows have a RowCursor.
    const std::byte* row(int64_t r, int plane = 0) const {
        assert(!made());
        return planes[std::size_t(plane)] + uint64_t(storedRow(r)) * rowBytes();
    }
    /// Writes rows [first, first + count) of a plane to `out`, rowBytes() apart.
    void copyRows(int64_t first, int64_t count, std::byte* out, int plane = 0) const;
    /// Rows [first, first + count) of every plane: one of several matrices that a file holds as one.
    WeightRows slice(int64_t first, int64_t count) const {
        assert(first >= 0 && count >= 0 && first + count <= rows && ropeHeads == 0);
        WeightRows part = *this;
        part.rows = count;
        if (made() || order) part.firstRow += first;
        for (const std::byte*& plane : part.planes)
            if (plane && !order) plane += uint64_t(first) * rowBytes();
        return part;
    }
    /// Of rows that two matrices of the same shape share, `group` of the one and `group` of the other in turn: those of
    /// the first (which = 0) or second.
    WeightRows everyOther(int64_t group, int which) const;
    /// Row r as f32 (cols values).
    void decodeRow(int64_t r, float* out, int plane = 0) const;
};

/// Walks through rows of a plane in order. Made rows come some at a time: neighbours share what they are made from.
class RowCursor {
public:
    /// For rows before `end`.
    RowCursor(const WeightRows& rows, int64_t end, int plane = 0) : m_rows(rows), m_end(end), m_plane(plane) {}
    /// The bytes of row r, until the next call.
    const std::byte* row(int64_t r);

private:
    static constexpr int64_t kAtOnce = 16;

    const WeightRows& m_rows;
    int64_t m_end;
    int m_plane;
    int64_t m_first = 0, m_count = 0; // the rows in m_made
    std::vector<std::byte> m_made;
};

} // namespace nibble
