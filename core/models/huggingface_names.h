// Tensor names of Hugging Face folders and what GGUF calls them (notes/models 1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nibble {

struct GgufName {
    std::string name; // "blk.3.attn_q.weight"
    int layer = -1;   // -1: not in a layer
    int order = 0;    // place in a file: token_embd, blk.0 ..., output_norm, output
    int expert = -1;  // whose matrix it is, where a folder keeps those of a GGUF's tensor one by one
};

/// "model.layers.3.self_attn.q_proj.weight" -> "blk.3.attn_q.weight", "model.layers.3.mlp.experts.7.up_proj.weight" ->
/// "blk.3.ffn_up_exps.weight" of expert 7, whatever the prefix of a multimodal wrapper;
/// nullopt where the name is none of the language model's that Nibble knows. `postAttentionLayernorm`: what GGUF calls
/// the norm of that name, which stands in other places in other architectures.
std::optional<GgufName> ggufNameOf(std::string_view huggingFaceName, std::string_view postAttentionLayernorm);
/// Tensors that a text model does without: image and audio parts, and tables that are computed anyway.
bool isIgnoredTensor(std::string_view huggingFaceName);

} // namespace nibble
