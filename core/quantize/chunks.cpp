#include <algorithm>
#include <quantize/chunks.h>
#include <quantize/importance.h>

namespace nibble {

namespace {

constexpr uint64_t kChunkBytes = 8 << 20; // of output; a single longer row still makes a chunk

} // namespace

ChunkCursor::ChunkCursor(const ModelSource& source, const std::vector<FormatChoice>& choices, std::size_t first)
    : m_source(source), m_choices(choices), m_tensor(first) {}

bool ChunkCursor::next(Chunk& chunk) {
    chunk = {std::move(chunk.spans)};
    chunk.spans.clear();
    const std::span<const WeightRows> tensors = m_source.tensors();
    while (m_tensor < tensors.size()) {
        const WeightRows& tensor = tensors[m_tensor];
        const uint64_t rowBytes = format(m_choices[m_tensor].format).rowBytes(tensor.cols);
        const int64_t left = tensor.rows - m_row;
        int64_t rows = std::min(
            left, int64_t((kChunkBytes - std::min(chunk.bytes, kChunkBytes)) / std::max<uint64_t>(rowBytes, 1)));
        if (rows == 0 && chunk.rows == 0) rows = std::min<int64_t>(left, 1);
        if (rows == 0 && left > 0) return true;
        if (rows > 0) chunk.spans.push_back({m_tensor, m_plane, m_row, rows, chunk.bytes});
        chunk.rows += rows;
        chunk.bytes += uint64_t(rows) * rowBytes;
        chunk.elements += rows * tensor.cols;
        m_row += rows;
        if (m_row == tensor.rows) {
            m_row = 0;
            if (++m_plane == int(tensor.planes.size())) {
                m_plane = 0;
                ++m_tensor;
            }
        }
    }
    return chunk.rows > 0;
}

uint64_t chunkMemory(const ModelSource& source, const std::vector<FormatChoice>& choices, int threads) {
    uint64_t chunk = 0, longestRow = 0, importance = 0, sum = 0;
    for (std::size_t t = 0; t < choices.size(); ++t) {
        const WeightRows& tensor = source.tensors()[t];
        const uint64_t rowBytes = format(choices[t].format).rowBytes(tensor.cols);
        sum += rowBytes * uint64_t(tensor.rows) * tensor.planes.size();
        chunk = std::max(chunk, rowBytes);
        importance = std::max(importance, importanceBytes(tensor));
        longestRow = std::max(longestRow, uint64_t(tensor.cols) * sizeof(float));
    }
    chunk = std::max(chunk, std::min(sum, kChunkBytes));
    return 2 * chunk + 2 * importance + uint64_t(threads) * longestRow; // two tensors may meet in a chunk
}

} // namespace nibble
