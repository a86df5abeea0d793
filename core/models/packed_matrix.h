// A weight matrix that another tool has quantized: small whole numbers packed into 32-bit words, with a scale and a
// zero point for each group of inputs,
//     w[n][k] = scale[g][n] * (code[n][k] - zero[g][n]),     g = group of input k.
// GPTQ, AWQ and compressed-tensors differ only in how the words are laid out, which PackedInts describes. Such a matrix
// is shown as one of GGUF's block formats: its blocks are made from the words row by row when they are asked for, so
// nothing is ever held twice. Private to core/models. Source: notes/quantization 2.
#pragma once

#include <files/safetensors.h>
#include <formats/weight_rows.h>

namespace nibble {

/// Whole numbers of `bits` bits, side by side along one dimension of a matrix of 32-bit words.
struct PackedInts {
    const std::byte* words = nullptr;          // at any address
    int bits = 4;                              // 2, 3, 4 or 8; 3 bits may cross into the next word
    int64_t alongStride = 1, acrossStride = 1; // words from one word to the next along, and across
    bool awqOrder = false;                     // the eight numbers of a word are in AWQ's order

    uint32_t word(int64_t along, int64_t across) const;
    /// The number at place `along` of line `across`.
    int at(int64_t along, int64_t across) const;
    /// Numbers [first, first + 32) of a line; `first` is a multiple of 32. Not for AWQ's order.
    void read32(int64_t first, int64_t across, uint8_t* out) const;
};

/// Scales of groups and outputs, in F16, BF16 or F32.
struct PackedScales {
    const std::byte* data = nullptr;
    FormatId format = FormatId::F16;
    int64_t groupStride = 1, outputStride = 1; // in numbers

    float at(int64_t group, int64_t output) const;
};

struct PackedMatrix {
    std::string name; // of the matrix in the folder, "model.layers.0.mlp.up_proj.weight"
    int64_t outputs = 0, inputs = 0, groups = 0;
    PackedInts codes;
    bool codesAlongInputs = true; // else along outputs
    PackedInts zeros;             // without words: 2^(bits-1) everywhere
    bool zerosAlongOutputs = true;
    int zeroOffset = 0; // what is to be added to a stored zero point
    PackedScales scales;
    int64_t groupSize = 0;        // inputs
    std::vector<int32_t> groupOf; // of each input; empty: input / groupSize
    std::shared_ptr<const void> owner;

    int64_t group(int64_t input) const { return groupOf.empty() ? input / groupSize : groupOf[std::size_t(input)]; }
    int storedZero(int64_t group, int64_t output) const;
    int zero(int64_t group, int64_t output) const { return storedZero(group, output) + zeroOffset; }
    int code(int64_t output, int64_t input) const;
};

/// The least and the largest stored zero point.
struct ZeroRange {
    int min = 0, max = 0;
};
ZeroRange storedZeros(const PackedMatrix& matrix);

/// How a packed matrix appears among the tensors of a GGUF file.
struct PackedForm {
    FormatId format = FormatId::F16;
    std::string loss; // what that costs, as a sentence for people; empty: nothing, all weights are the same
};
/// The smallest block format that holds the matrix; a float format where none does. Looks at the groups, and at the
/// scales where they are not F16. `zeros`: of the matrix.
PackedForm formOf(const PackedMatrix& matrix, ZeroRange zeros);

/// The form for matrices of both forms: experts of a layer are one tensor of a GGUF file.
PackedForm formForBoth(const PackedForm& a, const PackedForm& b);

/// The matrix as `form` shows it.
WeightRows rowsOf(PackedMatrix matrix, FormatId format);

} // namespace nibble
