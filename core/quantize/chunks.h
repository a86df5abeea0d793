// A model's rows cut into pieces of bounded size, whatever the sizes of its tensors: many small tensors share a chunk,
// a large one takes many. So memory is bounded, and even a small model keeps all threads busy. Private to
// core/quantize.
#pragma once

#include <models/model_source.h>
#include <quantize/recipe.h>
#include <vector>

namespace nibble {

/// Rows [row, row + rows) of one plane of a tensor.
struct RowSpan {
    std::size_t tensor = 0;
    int plane = 0;
    int64_t row = 0, rows = 0;
    uint64_t offset = 0; // of their bytes in the chunk
};

struct Chunk {
    std::vector<RowSpan> spans;
    int64_t rows = 0;
    uint64_t bytes = 0; // of the output
    int64_t elements = 0;
};

/// Walks through all rows in file order.
class ChunkCursor {
public:
    /// From the tensor `first` on.
    ChunkCursor(const ModelSource& source, const std::vector<FormatChoice>& choices, std::size_t first = 0);
    /// The next chunk; false at the end. `chunk` is reused.
    bool next(Chunk& chunk);

private:
    const ModelSource& m_source;
    const std::vector<FormatChoice>& m_choices;
    std::size_t m_tensor = 0;
    int m_plane = 0;
    int64_t m_row = 0;
};

/// Bytes that running the job allocates: two chunks of output, a decoded row per thread, the importance
/// of inputs.
uint64_t chunkMemory(const ModelSource& source, const std::vector<FormatChoice>& choices, int threads);

} // namespace nibble
