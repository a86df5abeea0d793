#include <models/architecture.h>

#include <algorithm>

namespace nibble {

extern const Architecture kLlama, kMistral3, kQwen2, kQwen3, kGemma2, kGemma3, kPhi3, kSmolLm3, kGranite, kGlm4;

std::span<const Architecture* const> architectures() {
    static constexpr const Architecture* kAll[] = {&kLlama,  &kMistral3, &kQwen2,   &kQwen3,   &kGemma2,
                                                   &kGemma3, &kPhi3,     &kSmolLm3, &kGranite, &kGlm4};
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
