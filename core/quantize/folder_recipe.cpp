#include <quantize/folder_recipe.h>

#include <algorithm>
#include <cctype>
#include <formats/grouped.h>
#include <nibble/quantize.h>
#include <vector>

namespace nibble {

namespace {

/// With the groups that most models have.
const std::pair<FolderRecipe, RecipeInfo> kKinds[] = {
    {{FolderKind::Gptq, 8}, {"GPTQ-8bit", 0, "Almost identical", "For vLLM and transformers", 8.2}},
    {{FolderKind::Gptq, 4}, {"GPTQ-4bit", 0, "Small", "For vLLM and transformers", 4.2}},
    {{FolderKind::Awq, 4}, {"AWQ-4bit", 0, "Small", "The same weights in AWQ's form", 4.2}}};

} // namespace

std::string FolderRecipe::name() const {
    return std::string(kind == FolderKind::Gptq ? "GPTQ-" : "AWQ-") + std::to_string(bits) + "bit" +
           (group > 0 ? "-" + std::to_string(group) : "");
}

const Format& FolderRecipe::format() const { return *groupedFormat(bits, group); }

std::optional<FolderRecipe> folderRecipe(std::string_view name) {
    const auto same = [&](const FolderRecipe& recipe) {
        return std::ranges::equal(recipe.name(), name,
                                  [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    };
    for (const auto& [kind, info] : kKinds)
        for (const int64_t group : {0, 128, 64, 32})
            if (const FolderRecipe recipe{kind.kind, kind.bits, group}; same(recipe)) return recipe;
    return std::nullopt;
}

std::span<const RecipeInfo> folderRecipes() {
    static const std::vector<RecipeInfo> infos = [] {
        std::vector<RecipeInfo> list;
        for (const auto& [kind, info] : kKinds) list.push_back(info);
        return list;
    }();
    return infos;
}

} // namespace nibble
