// A model on disk, whatever its container: always seen as a GGUF file would show it.
//
// A Hugging Face folder is presented as a virtual GGUF: config.json becomes GGUF keys, tensors get GGUF names, q and k
// rows come in GGUF's rotary order, llama3 rope factors become rope_freqs.weight, "norm + 1" is already added. So there
// is one parser of hyperparameters, one loader and one forward pass, and writing a GGUF is copying what the source
// shows. Rejected: a second set of names and a second rotary layout for folders.
#pragma once

#include <cstdint>
#include <files/gguf.h>
#include <filesystem>
#include <formats/weight_rows.h>
#include <memory>
#include <span>
#include <string>
#include <text/tokenizer.h>
#include <vector>

namespace nibble {

class ModelSource {
public:
    virtual ~ModelSource() = default;
    virtual const std::filesystem::path& path() const = 0;
    virtual bool isHuggingFace() const = 0;
    /// GGUF metadata without tokenizer.* for folders (see tokenizerOf()).
    virtual const GgufMetadata& metadata() const = 0;
    /// All tensors under their GGUF names, in file order (folders: token_embd, blk.0..n, output_norm, output).
    virtual std::span<const WeightRows> tensors() const = 0;
    const WeightRows* find(std::string_view name) const;
    /// Throws where a file below changed or shrank since it was opened (MappedFile::check of each).
    virtual void check() const = 0;
    /// Size of all weight files on disk, in bytes.
    virtual uint64_t fileBytes() const = 0;
};

/// Opens a .gguf file (any shard of a split one), a Hugging Face folder, or a .safetensors/config.json inside one.
/// Cheap: reads headers only. Throws Error{NotFound, BadFile, Unsupported} naming file and field; an architecture that
/// Nibble does not run yet still opens (so that inspect can name it), but see planOf().
std::unique_ptr<ModelSource> openModel(const std::filesystem::path& path);

/// The model's tokenizer, from wherever its container keeps it. Throws as tokenizerFromGguf() and
/// tokenizerFromFolder().
std::unique_ptr<Tokenizer> tokenizerOf(const ModelSource& source);

} // namespace nibble
