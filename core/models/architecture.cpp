#include <models/architecture.h>

#include <algorithm>

namespace nibble {

// The table: a line an architecture.
#define NIBBLE_ARCHITECTURES(X)                                                                                        \
    X(kLlama)                                                                                                          \
    X(kMistral3)                                                                                                       \
    X(kQwen2)                                                                                                          \
    X(kQwen3)                                                                                                          \
    X(kQwen35)                                                                                                         \
    X(kQwen35Moe)                                                                                                      \
    X(kQwen3Moe)                                                                                                       \
    X(kGemma2)                                                                                                         \
    X(kGemma3)                                                                                                         \
    X(kGemma4)                                                                                                         \
    X(kPhi3)                                                                                                           \
    X(kOlmo2)                                                                                                          \
    X(kSmolLm3)                                                                                                        \
    X(kGranite)                                                                                                        \
    X(kGlm4)                                                                                                           \
    X(kGptOss)

#define NIBBLE_DECLARE(name) extern const Architecture name;
NIBBLE_ARCHITECTURES(NIBBLE_DECLARE)

std::span<const Architecture* const> architectures() {
#define NIBBLE_ADDRESS(name) &name,
    static constexpr const Architecture* kAll[] = {NIBBLE_ARCHITECTURES(NIBBLE_ADDRESS)};
    return kAll;
}

const Architecture* findArchitecture(std::string_view ggufName) {
    for (const Architecture* a : architectures())
        if (ggufName == a->name) return a;
    return nullptr;
}

const Architecture* findHuggingFaceType(std::string_view modelType) {
    for (const Architecture* a : architectures())
        if (std::ranges::find(a->huggingFaceTypes, modelType) != a->huggingFaceTypes.end()) return a;
    return nullptr;
}

} // namespace nibble
