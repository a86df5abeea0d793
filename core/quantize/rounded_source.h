// A model as it would be with its matrices in other formats, without a file of it.
#pragma once

#include <models/model_source.h>
#include <quantize/importance_matrix.h>

namespace nibble {

/// `formats`: one for each of source.tensors(). Rows are rounded to nearest when they are asked for, so that the view
/// takes next to no memory; tensors that keep their format are those of the source. Both must outlive the view;
/// `importance` may be null.
std::unique_ptr<ModelSource> roundedSource(const ModelSource& source, std::span<const FormatId> formats,
                                           const ImportanceMatrix* importance);

} // namespace nibble
