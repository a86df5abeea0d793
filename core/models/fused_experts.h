// The experts of gpt-oss in a Hugging Face folder: all of a layer in one tensor, gate and up taking turns, and either
// input by input (half precision) or in MXFP4 blocks. Shown as a GGUF file has them; rows are put together when they
// are asked for, so nothing is ever held twice. Private to core/models. Source: transformers, integrations/mxfp4.py.
#pragma once

#include <files/safetensors.h>
#include <formats/weight_rows.h>
#include <set>

namespace nibble {

class FusedExperts {
public:
    /// `file`: the folder's name for messages. Throws Error{BadFile} naming the tensor whose shape or number format
    /// does not fit.
    FusedExperts(const SafeTensors& weights, const std::string& file);

    /// Whether a tensor of the folder is part of one of matrices().
    bool owns(const std::string& tensor) const { return m_parts.contains(tensor); }
    /// Under the names that a folder with a matrix an expert would use, less the expert's number:
    /// "model.layers.0.mlp.experts.gate_proj.weight".
    std::span<const WeightRows> matrices() const { return m_matrices; }

private:
    void addNumbers(const SafeTensor& tensor, const std::string& file);
    void addBlocks(const SafeTensor& blocks, const SafeTensors& weights, const std::string& file);
    void addBias(const SafeTensor& tensor, const std::string& file);

    std::vector<WeightRows> m_matrices;
    std::set<std::string, std::less<>> m_parts;
};

} // namespace nibble
