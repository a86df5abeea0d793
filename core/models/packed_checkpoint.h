// The packed matrices of a Hugging Face folder that GPTQ, AWQ or compressed-tensors have made smaller, found among its
// tensors by their names and checked before anything is read from them. Private to core/models.
#pragma once

#include <models/packed_matrix.h>
#include <models/packed_scheme.h>
#include <set>

namespace nibble {

class PackedCheckpoint {
public:
    /// `file`: the folder's name for messages. Throws Error{BadFile} naming the tensor whose shape, number format or
    /// content does not fit. Reads zero points and group numbers, which is a few hundredths of all bytes.
    PackedCheckpoint(const SafeTensors& weights, const PackedScheme& scheme, const std::string& file);

    /// Whether a tensor of the folder is part of a packed matrix, so that it is no tensor of the model by itself.
    bool owns(const std::string& tensor) const { return m_parts.contains(tensor); }
    /// Under the names that the folder would give the matrices, "model.layers.0.mlp.up_proj.weight".
    std::span<const WeightRows> matrices() const { return m_matrices; }
    /// What a person should know about it, in plain words.
    const std::vector<std::string>& notes() const { return m_notes; }

private:
    std::vector<WeightRows> m_matrices;
    std::set<std::string, std::less<>> m_parts;
    std::vector<std::string> m_notes;
};

/// The tensors of the module "model.layers.0.mlp.up_proj." as a matrix, checked. `parts` receives their names.
/// Throws as the constructor above.
PackedMatrix packedMatrix(const SafeTensors& weights, const PackedScheme& scheme, const std::string& module,
                          const std::string& file, std::set<std::string, std::less<>>& parts);
/// The name that marks a packed module: "qweight" or "weight_packed".
std::string_view packedMark(Packing packing);

} // namespace nibble
