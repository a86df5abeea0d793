// How a Hugging Face folder says that another tool has quantized its weights. Private to core/models.
#pragma once

#include <cstdint>
#include <models/config_fields.h>
#include <nibble/error.h>

namespace nibble {

enum class Packing { Gptq, AwqGemm, AwqGemv, CompressedTensors };

struct PackedScheme {
    Packing packing = Packing::Gptq;
    int64_t bits = 4;        // of most matrices: rules may give some others, which their shapes tell
    int64_t groupSize = 128; // inputs; -1: a whole row
    bool plainZeros = false; // GPTQ: zero points are stored as they are (gptq_v2), not one less (gptq)

    /// "GPTQ, 4 bits, groups of 128"
    std::string description() const;
};

/// The scheme of a quantization_config. Where Nibble cannot read it: nullopt, with `problem` naming what it is. Throws
/// Error{BadFile} naming the field.
std::optional<PackedScheme> packedScheme(const Fields& quantization, std::optional<Error>& problem);

} // namespace nibble
