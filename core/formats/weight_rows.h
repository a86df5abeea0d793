// A weight matrix wherever its rows lie: the one way in which weights reach backends and the quantizer.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <formats/format.h>
#include <memory>
#include <string>
#include <vector>

namespace nibble {

/// Read-only view of one tensor as `planes` matrices (experts; usually 1) of (rows, cols), row by row in GGUF order.
/// The rows lie in mapped files or in memory of ours; `owner` keeps them alive. 1-D tensors are one row.
struct WeightRows {
    std::string name; // GGUF name, "blk.0.attn_q.weight"
    FormatId format = FormatId::F32;
    int64_t cols = 0;                     // contiguous (input) dimension, GGUF ne[0]
    int64_t rows = 0;                     // output dimension, GGUF ne[1], 1 for 1-D
    std::vector<const std::byte*> planes; // first row of each plane, rows contiguous, rowBytes() apart
    /// > 0: row r is read from the place that GGUF's rotary order gives it: a Hugging Face q or k matrix of this many
    /// heads presented in the order of a GGUF file (pairs 2i, 2i+1).
    int32_t ropeHeads = 0;
    std::shared_ptr<const void> owner;
    int dims = 2; // 1, 2 or 3 (with planes): as in the file

    uint64_t rowBytes() const { return nibble::format(format).rowBytes(cols); }
    uint64_t bytes() const { return rowBytes() * uint64_t(rows) * planes.size(); }
    int64_t elements() const { return cols * rows * int64_t(planes.size()); }
    /// The bytes of row r of a plane.
    const std::byte* row(int64_t r, int plane = 0) const {
        if (ropeHeads > 0) {
            const int64_t d = rows / ropeHeads, head = r / d, i = r % d; // GGUF row 2i+p of a head is HF row p*d/2+i
            r = head * d + (i % 2) * (d / 2) + i / 2;
        }
        return planes[std::size_t(plane)] + uint64_t(r) * rowBytes();
    }
    /// Rows [first, first + count) of every plane: one of several matrices that a file holds as one.
    WeightRows slice(int64_t first, int64_t count) const {
        assert(first >= 0 && count >= 0 && first + count <= rows && ropeHeads == 0);
        WeightRows part = *this;
        part.rows = count;
        for (const std::byte*& plane : part.planes) plane += uint64_t(first) * rowBytes();
        return part;
    }
    /// Row r as f32 (cols values).
    void decodeRow(int64_t r, float* out, int plane = 0) const {
        nibble::format(format).decode(row(r, plane), out, cols);
    }
};

} // namespace nibble
