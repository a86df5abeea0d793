// Which tensor of a model gets which format: the mixtures of llama-quantize, tensor by tensor, so that files of the
// same name compare one to one (notes/quantization 1.2).
#pragma once

#include <cstdint>
#include <formats/format.h>
#include <models/model_source.h>
#include <nibble/quantize.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

struct Recipe {
    RecipeInfo info;
    FormatId base;     // of every matrix that no rule names
    uint32_t fileType; // general.file_type (llama_ftype)
    bool asIs = false; // every matrix keeps the format it has; base and fileType mean nothing
};

/// By name in any case; also "F16", "BF16" and "AS-IS", which recipes() leaves out. Throws Error{BadRequest} for other
/// names.
const Recipe& findRecipe(std::string_view name);

/// Of a file whose tensors were given their formats one by one: called "Mixture", with the base and the number of the
/// recipe that most weights would have.
Recipe mixtureRecipe(const ModelSource& source, std::span<const FormatId> formats);

struct FormatChoice {
    FormatId format = FormatId::F32;
    std::string reason; // why not the recipe's base; empty otherwise
};
/// One choice for each of source.tensors().
std::vector<FormatChoice> chooseFormats(const ModelSource& source, const Recipe& recipe);

/// Whether a tensor is small, or so sensitive that halving it gains nothing: recipes leave it as it is.
bool isNeverQuantized(const WeightRows& tensor);
/// N of "blk.N.rest", or -1.
int64_t blockNumber(std::string_view name);

/// Whether a weight matrix of the source is in a quantized format already.
bool isQuantized(const ModelSource& source);

} // namespace nibble
