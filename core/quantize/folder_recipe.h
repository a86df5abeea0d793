// What servers load instead of a GGUF file: a Hugging Face folder whose matrices are packed as GPTQ's or AWQ's are.
#pragma once

#include <cstdint>
#include <formats/format.h>
#include <optional>
#include <string>
#include <string_view>

namespace nibble {

enum class FolderKind : uint8_t { Gptq, Awq };

struct FolderRecipe {
    FolderKind kind = FolderKind::Gptq;
    int bits = 4;
    int64_t group = 0; // inputs that share a scale; 0: as many as suit the model

    /// "GPTQ-4bit-128"
    std::string name() const;
    /// Its codes as blocks; the group is known.
    const Format& format() const;
};

/// In any case: "GPTQ-4bit", "GPTQ-8bit" and "AWQ-4bit", also with a group of 128, 64 or 32 behind. None for the names
/// of other recipes and of none.
std::optional<FolderRecipe> folderRecipe(std::string_view name);

} // namespace nibble
