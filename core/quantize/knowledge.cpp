#include <quantize/knowledge.h>

#include <algorithm>
#include <cstring>
#include <quantize/feedback_source.h>
#include <quantize/importance.h>
#include <quantize/importance_matrix.h>

namespace nibble {

Knowledge knowledgeOf(const ModelSource& source, std::size_t index, const Format& to, const Learned& learned,
                      ThreadPool& pool) {
    const WeightRows& tensor = source.tensors()[index];
    Knowledge knowledge;
    if (to.codeBits == 0 || to.id == tensor.format) return knowledge;
    if (learned.feedback) knowledge.feedback = learned.feedback->of(index);
    if (to.codeBits >= 8) return knowledge; // fine enough for every input
    if (learned.importance) knowledge.importance = learned.importance->of(tensor);
    if (knowledge.importance.empty()) knowledge.importance = inputImportance(source, tensor, pool);
    return knowledge;
}

void encodeRows(const WeightRows& tensor, int plane, int64_t begin, int64_t end, const Format& to,
                const Knowledge& knowledge, std::byte* out, std::vector<float>& scratch) {
    const uint64_t rowBytes = to.rowBytes(tensor.cols);
    const float* const importance =
        knowledge.importance.empty() ? nullptr : knowledge.importance.data() + plane * tensor.cols;
    const int64_t step = knowledge.feedback ? ErrorFeedback::kRows : 1;
    RowCursor cursor(tensor, end, plane);
    scratch.resize(std::size_t(step * tensor.cols));
    for (int64_t first = begin; first < end; first += step) {
        const int64_t rows = std::min(step, end - first);
        std::byte* const to0 = out + uint64_t(first - begin) * rowBytes;
        if (to.id == tensor.format) {
            std::memcpy(to0, cursor.row(first), rowBytes);
            continue;
        }
        for (int64_t r = 0; r < rows; ++r)
            format(tensor.format).decode(cursor.row(first + r), scratch.data() + r * tensor.cols, tensor.cols);
        if (knowledge.feedback)
            knowledge.feedback->encodeRows(scratch.data(), int(rows), to, importance, to0);
        else
            to.encode(scratch.data(), to0, tensor.cols, importance);
    }
}

} // namespace nibble
