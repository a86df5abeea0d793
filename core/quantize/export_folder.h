// Writing a Hugging Face folder that vLLM and transformers load: the folder that the model comes from, with the
// matrices of its layers packed as GPTQ's or AWQ's, and a description of how. Private to core/quantize.
//
// What is not packed (embeddings, norms, biases) is copied as it lies in the original. Rejected: folders from GGUF
// files, whose tokenizers and configurations would have to be made up; models with experts, recurrent layers or parts
// for images, whose packed matrices every loader expects under other names.
#pragma once

#include <files/safetensors.h>
#include <files/safetensors_writer.h>
#include <models/model_source.h>
#include <nibble/progress.h>
#include <quantize/channel_scales.h>
#include <quantize/folder_recipe.h>
#include <quantize/quantize.h>

namespace nibble {

class FolderExport {
public:
    /// Decides everything that can be decided before the first weight is read. Throws Error{BadRequest} for a source
    /// that is no folder or has been made smaller, Error{Unsupported} for kinds of models that cannot be exported.
    /// `scaled`: norms and biases will be divided by scales.
    FolderExport(const ModelSource& source, FolderRecipe recipe, bool scaled, int threads);

    QuantizePlan plan;

    /// What each of the source's tensors will be in, as far as it is packed; others in a float format.
    std::vector<const Format*> formats() const;
    /// Writes the whole folder to `folder`, which is there and empty. `weights`: the source with `scales` in it.
    void write(const ModelSource& weights, const ChannelScales& scales, const Learned& learned,
               const std::filesystem::path& folder, ThreadPool& pool, const ProgressFn& progress,
               const std::stop_token& stop) const;

private:
    struct Packed {
        std::size_t tensor; // of the source
        std::string module; // "model.layers.0.mlp.up_proj."
    };
    struct Copied {
        const SafeTensor* tensor;
        std::string name; // in a GGUF file
        bool asFloats;    // what is divided by scales is kept in 32 bits
    };
    void chooseGroup();
    void makePlan(int threads);
    std::vector<SafetensorsWriter::Declaration> declarations() const;
    void writeWeights(const ModelSource& weights, const ChannelScales& scales, const Learned& learned,
                      const std::filesystem::path& file, ThreadPool& pool, const ProgressFn& progress,
                      const std::stop_token& stop) const;
    std::vector<float> scaledVector(const Copied& copied, const ChannelScales& scales) const;
    void writeDescription(const std::filesystem::path& folder, const std::string& method) const;

    const ModelSource& m_source;
    FolderRecipe m_recipe;
    bool m_scaled, m_normsLackOne = false;
    SafeTensors m_weights;        // as they lie in the folder
    std::vector<Packed> m_packed; // in the order of the source's tensors
    std::vector<Copied> m_copied; // the others
};

} // namespace nibble
