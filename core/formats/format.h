// Weight formats: the table of them, and what every part of the program may ask of one.
//
// Every quantized format here is an *affine code*: a block of `blockSize` weights holds small integer codes in groups,
//     w = d * scale[g] * T[q] - dmin * min[g],     T[q] = q - offset, or a table of 16 values (IQ4, MXFP4)
// with float d and dmin per block and integer scale and min per group. A format file decodes its bits into that form
// once (`unpack`); decoding to float, the CPU's packed layouts and the tests are written against the form, so a new
// format gets all of them at once. Rejected: one dot product per format and instruction set, as ggml has: formats x
// instruction sets functions, each a chance to be wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nibble {

/// The numbers are GGUF's type ids (ggml_type), so a file's id is a FormatId after a lookup in the table.
enum class FormatId : uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    IQ4_NL = 20,
    IQ4_XS = 23,
    BF16 = 30,
    MXFP4 = 39,
};

/// One block in the common form. q holds blockSize codes in weight order; scale and min one entry per group.
struct CodeBlock {
    float d = 0, dmin = 0;
    int8_t scale[16] = {};
    uint8_t min[16] = {};
    uint8_t q[256] = {};
};

struct Format {
    FormatId id;
    const char* name;    // "Q4_K"
    uint32_t blockSize;  // weights per block; 1 for the float formats
    uint32_t blockBytes; // bytes per block
    // Traits of the affine code (codeBits == 0: a float format, and unpack is null).
    uint8_t codeBits;    // 2, 3, 4, 5, 6 or 8: codes are 0 .. 2^codeBits - 1
    uint8_t groupSize;   // weights that share one scale and min: 16 or 32 (never 0 where codeBits is not)
    int16_t offset;      // T[q] = q - offset; unused with a table
    bool hasScale;       // false: every scale[] is 1
    bool hasMin;         // false: dmin is 0
    const int8_t* table; // 16 values, or null
    void (*unpack)(const void* block, CodeBlock& out);
    /// The inverse of unpack, bit for bit where d and dmin are f16 numbers. Null where `encode` is.
    void (*pack)(const CodeBlock& code, void* block);
    /// Decodes n weights (a multiple of blockSize). The reference for every kernel.
    void (*decode)(const void* src, float* dst, int64_t n);
    /// Encodes n weights (a multiple of blockSize, one row or part of it) by round-to-nearest with the weighted search
    /// of notes/quantization 4.1. `importance`: n weights >= 0 (mean squared activation per input channel), or null.
    /// Null where Nibble reads the format only. Never emits NaN or infinity, whatever the input.
    void (*encode)(const float* src, void* dst, int64_t n, const float* importance);

    double bitsPerWeight() const { return 8.0 * blockBytes / blockSize; }
    /// Bytes of a row of n weights. n must be a multiple of blockSize.
    uint64_t rowBytes(int64_t n) const { return uint64_t(n) / blockSize * blockBytes; }
};

/// T[q] of the format.
inline int codeValue(const Format& f, uint8_t q) { return f.table ? f.table[q] : int(q) - f.offset; }

/// All formats Nibble reads, in the order of the id.
std::span<const Format* const> formats();
/// The format of an id of ours. Never fails.
const Format& format(FormatId id);
/// By GGUF id or by name ("q4_k" and "Q4_K" both); null where Nibble does not know it.
const Format* findFormat(uint32_t ggufId);
const Format* findFormat(std::string_view name);
/// The name GGUF gives an id that Nibble does not read ("IQ2_XXS", "NVFP4", ...), or "type 99": for error messages.
std::string_view ggufTypeName(uint32_t ggufId);

} // namespace nibble
