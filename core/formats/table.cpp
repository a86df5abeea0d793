#include <algorithm>
#include <cassert>
#include <cctype>
#include <formats/table.h>
#include <string>

namespace nibble {

namespace {

constexpr const Format* kFormats[] = {&kF32,  &kF16,  &kQ4_0, &kQ4_1, &kQ5_0,   &kQ5_1,   &kQ8_0, &kQ2_K,
                                      &kQ3_K, &kQ4_K, &kQ5_K, &kQ6_K, &kIQ4_NL, &kIQ4_XS, &kBF16, &kMXFP4};

struct TypeName {
    uint32_t id;
    std::string_view name;
};
// GGUF types that Nibble does not read.
constexpr TypeName kOtherTypes[] = {
    {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"}, {21, "IQ3_S"},
    {22, "IQ2_S"}, {24, "I8"},    {25, "I16"},     {26, "I32"},    {27, "I64"},     {28, "F64"},   {29, "IQ1_M"},
    {34, "TQ1_0"}, {35, "TQ2_0"}, {40, "NVFP4"},   {41, "Q1_0"},   {42, "Q2_0"},
};

bool sameName(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

} // namespace

std::span<const Format* const> formats() { return kFormats; }

const Format& format(FormatId id) {
    const Format* found = findFormat(uint32_t(id));
    assert(found);
    return *found;
}

const Format* findFormat(uint32_t ggufId) {
    for (const Format* f : kFormats)
        if (uint32_t(f->id) == ggufId) return f;
    return nullptr;
}

const Format* findFormat(std::string_view name) {
    for (const Format* f : kFormats)
        if (sameName(f->name, name)) return f;
    return nullptr;
}

std::string_view ggufTypeName(uint32_t ggufId) {
    if (const Format* f = findFormat(ggufId)) return f->name;
    for (const TypeName& other : kOtherTypes)
        if (other.id == ggufId) return other.name;
    return "an unknown type";
}

} // namespace nibble
