#include <models/architecture.h>

#include <algorithm>

namespace nibble {

extern const Architecture kLlama, kQwen2, kQwen3;

std::span<const Architecture* const> architectures() {
    static constexpr const Architecture* kAll[] = {&kLlama, &kQwen2, &kQwen3};
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
