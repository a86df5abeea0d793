#include <quantize/packed_layout.h>

#include <algorithm>
#include <base/thread_pool.h>
#include <formats/grouped.h>
#include <formats/half.h>

namespace nibble {

namespace {

/// Every code of a row.
void readRow(const Format& f, const std::byte* blocks, int64_t cols, uint8_t* codes) {
    CodeBlock block;
    for (int64_t k = 0; k < cols; k += f.blockSize) {
        f.unpack(blocks + f.rowBytes(k), block);
        std::copy_n(block.q, f.blockSize, codes + k);
    }
}

/// Every word of zero points: all are the middle, which GPTQ's first version stores one less of.
uint32_t zeroWord(const FolderRecipe& recipe) {
    if (recipe.kind == FolderKind::Awq) return 0x88888888;
    return recipe.bits == 4 ? 0x77777777 : 0x7f7f7f7f;
}

struct Words {
    std::vector<uint32_t> codes;
    std::vector<uint16_t> scales; // (groups, rows)
};

/// qweight (cols * bits / 32, rows): numbers packed along the inputs.
void packGptq(const Format& f, const uint8_t* codes, int64_t row, int64_t rows, int64_t cols, Words& out) {
    const int64_t inWord = 32 / f.codeBits;
    for (int64_t w = 0; w < cols / inWord; ++w) {
        uint32_t word = 0;
        for (int64_t i = 0; i < inWord; ++i) word |= uint32_t(codes[w * inWord + i]) << (i * f.codeBits);
        out.codes[std::size_t(w * rows + row)] = word;
    }
}

/// qweight (cols, rows / 8): numbers packed along the outputs. Only this row's; eight rows share a word.
void packAwq(const uint8_t* codes, int64_t row, int64_t rows, int64_t cols, Words& out) {
    const int place = kAwqPlace[row % 8];
    for (int64_t k = 0; k < cols; ++k)
        out.codes[std::size_t(k * (rows / 8) + row / 8)] |= uint32_t(codes[k]) << (4 * place);
}

} // namespace

std::vector<SafetensorsWriter::Declaration> packedTensors(const FolderRecipe& recipe, const std::string& module,
                                                          int64_t rows, int64_t cols) {
    const int64_t inWord = 32 / recipe.bits, groups = cols / recipe.group;
    const bool gptq = recipe.kind == FolderKind::Gptq;
    std::vector<SafetensorsWriter::Declaration> parts = {
        {module + "qweight", "I32", gptq ? std::vector{cols / inWord, rows} : std::vector{cols, rows / inWord}, 0},
        {module + "qzeros", "I32", {groups, rows / inWord}, 0}};
    if (gptq) parts.push_back({module + "g_idx", "I32", {cols}, 0});
    parts.push_back({module + "scales", "F16", {groups, rows}, 0});
    for (SafetensorsWriter::Declaration& part : parts) {
        part.bytes = part.dtype == "F16" ? 2 : 4;
        for (const int64_t n : part.shape) part.bytes *= uint64_t(n);
    }
    return parts;
}

uint64_t matrixMemory(const FolderRecipe& recipe, int64_t rows, int64_t cols) {
    uint64_t bytes = 0;
    for (const SafetensorsWriter::Declaration& part : packedTensors(recipe, {}, rows, cols)) bytes += part.bytes;
    return bytes;
}

void writeMatrix(const FolderRecipe& recipe, const WeightRows& matrix, std::span<const std::byte> blocks,
                 ThreadPool& pool, SafetensorsWriter& writer) {
    const Format& f = recipe.format();
    const int64_t rows = matrix.rows, cols = matrix.cols, groups = cols / recipe.group;
    const bool gptq = recipe.kind == FolderKind::Gptq;
    std::vector<int64_t> rowAt(std::size_t(rows), 0); // of the folder's rows, where they are among the blocks
    for (int64_t r = 0; r < rows; ++r) rowAt[std::size_t(matrix.storedRow(r))] = r;
    Words words;
    words.codes.resize(std::size_t(rows * cols * recipe.bits / 32));
    words.scales.resize(std::size_t(groups * rows));
    pool.forEach(rows / 8, 4, [&](int64_t begin, int64_t end, int) { // rows that share words stay together
        std::vector<uint8_t> codes(std::size_t(cols), 0);
        CodeBlock block;
        for (int64_t n = 8 * begin; n < 8 * end; ++n) {
            const std::byte* const row = blocks.data() + uint64_t(rowAt[std::size_t(n)]) * f.rowBytes(cols);
            readRow(f, row, cols, codes.data());
            if (gptq)
                packGptq(f, codes.data(), n, rows, cols, words);
            else
                packAwq(codes.data(), n, rows, cols, words);
            for (int64_t g = 0; g < groups; ++g) {
                f.unpack(row + f.rowBytes(g * recipe.group), block);
                words.scales[std::size_t(g * rows + n)] = f32ToF16(block.d);
            }
        }
    });
    writer.write(std::as_bytes(std::span(words.codes)));
    const std::vector<uint32_t> zeros(std::size_t(groups * rows * recipe.bits / 32), zeroWord(recipe));
    writer.write(std::as_bytes(std::span(zeros)));
    if (gptq) {
        std::vector<int32_t> groupOf(std::size_t(cols), 0);
        for (int64_t k = 0; k < cols; ++k) groupOf[std::size_t(k)] = int32_t(k / recipe.group);
        writer.write(std::as_bytes(std::span(groupOf)));
    }
    writer.write(std::as_bytes(std::span(words.scales)));
}

} // namespace nibble
