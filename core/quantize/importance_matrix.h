// How large the inputs of a model's matrices are on real text: an error in a weight costs as much as its input is
// large. The form on disk is the peer's (notes/quantization 1.3): a GGUF file of the type "imatrix", so that both can
// use what the other measured.
#pragma once

#include <filesystem>
#include <formats/weight_rows.h>
#include <map>
#include <string>
#include <vector>

namespace nibble {

/// A matrix in a format with codes costs rounding * roundingErrors() + inputs, in nats of mean KL divergence a token.
struct Sensitivity {
    double rounding = 0;
    double inputs = 0; // what rounding its inputs to 8 bits costs, as programs do in products with codes
};
using Sensitivities = std::map<std::string, Sensitivity, std::less<>>; // by GGUF name

struct ImportanceMatrix {
    /// Of one tensor, plane by plane (experts; usually one).
    struct Inputs {
        std::vector<float> sumOfSquares; // (planes, cols): over all tokens
        std::vector<float> counts;       // (planes): tokens
    };
    std::map<std::string, Inputs, std::less<>> tensors; // by GGUF name
    std::string dataset;                                // what was read, in a few words
    std::string datasetHash;                            // SHA-256 of the text, empty where it is not known
    int32_t chunks = 0, chunkTokens = 0;                // pieces of text, and how long they are at most
    int64_t tokens = 0;                                 // read; not kept in the file
    Sensitivities sensitivities; // where they were measured: in keys of ours, which other programs pass over

    /// Mean squared inputs of a tensor, (planes, cols), scaled to a mean of 1 in each plane; empty where they were not
    /// measured or do not fit the tensor. One token of average inputs is counted in, so that no input weighs nothing.
    std::vector<float> of(const WeightRows& tensor) const;
    uint64_t bytes() const;
};

/// Throws Error{BadFile} naming the file and what is wrong with it.
ImportanceMatrix readImportanceMatrix(const std::filesystem::path& path);
/// Whole or not at all. Throws where the file exists already and is not to be replaced.
void writeImportanceMatrix(const ImportanceMatrix& matrix, const std::filesystem::path& path, bool overwrite);

} // namespace nibble
