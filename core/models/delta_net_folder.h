// Gated delta nets of a Hugging Face folder as a GGUF file holds them. Private to core/models.
#pragma once

#include <compute/backend.h>
#include <models/config_builder.h>

namespace nibble {

/// The keys of the delta nets, where config.json describes some. Returns their widths; keyDim 0 where there are none.
DeltaNetSpec addDeltaNet(ConfigBuilder& to);

/// A folder keeps the value heads of a key head together; a GGUF file takes one value head of each key head in turn.
/// It also holds ssm_a = -exp(A_log) and the convolution as a matrix. Other tensors are left as they are. Throws
/// Error{BadFile} naming `file` where the shape is not that of `spec`.
void orderDeltaNet(const DeltaNetSpec& spec, const std::string& file, WeightRows& rows);

} // namespace nibble
