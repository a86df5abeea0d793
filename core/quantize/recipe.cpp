#include <algorithm>
#include <base/text.h>
#include <cctype>
#include <map>
#include <nibble/error.h>
#include <quantize/recipe.h>

namespace nibble {

namespace {

using enum FormatId;

// Most bits first. "The size" in the sentences is that of the half-precision original.
const Recipe kRecipes[] = {
    {{"Q8_0", 8, "Almost identical", "Half the size; differences are hard to find", 8.50}, Q8_0, 7},
    {{"Q6_K", 6, "Very close", "40 % of the size", 6.56}, Q6_K, 18},
    {{"Q5_K_M", 5, "Close", "One third of the size", 5.70}, Q5_K, 17},
    {{"Q4_1", 0, "Simple 4 bits with offset", "A third of the size; for programs that read only simple formats", 5.10},
     Q4_1,
     3},
    {{"Q4_K_M", 4, "Good balance", "30 % of the size; small slips possible", 4.89}, Q4_K, 15},
    {{"Q4_0", 0, "Simple 4 bits", "30 % of the size; for programs that read only simple formats", 4.65}, Q4_0, 2},
    {{"IQ4_XS", 0, "Compact 4 bits", "28 % of the size; slips possible", 4.46}, IQ4_XS, 30},
    {{"Q3_K_M", 3, "Small", "A quarter of the size; only if nothing else fits, expect mistakes", 4.00}, Q3_K, 12},
    {{"Q2_K", 0, "Emergency", "20 % of the size; expect many mistakes", 3.16}, Q2_K, 10},
};
const Recipe kConversions[] = {
    {{"BF16", 0, "Original", "Not made smaller", 16}, BF16, 32},
    {{"F16", 0, "Half precision", "Not made smaller", 16}, F16, 1},
    {{"AS-IS", 0, "As it is", "The same weights in another file", 16}, F32, 0, true},
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

enum class Role { Output, Embedding, AttentionValue, AttentionKey, AttentionOutput, FeedForwardDown, Other };

Role roleOf(const WeightRows& tensor, bool tied) {
    const std::string_view name = tensor.name;
    if (name == "output.weight" || (tied && name == "token_embd.weight")) return Role::Output;
    if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") return Role::Embedding;
    if (contains(name, "attn_v.weight") || contains(name, "attn_qkv.weight") || contains(name, "attn_kv_b.weight"))
        return Role::AttentionValue;
    if (contains(name, "attn_k.weight")) return Role::AttentionKey;
    if (contains(name, "attn_output.weight")) return Role::AttentionOutput;
    if (contains(name, "ffn_down") && name.ends_with(".weight")) return Role::FeedForwardDown; // biases do not count
    return Role::Other;
}

/// What the rules look at besides a tensor's role.
struct Context {
    std::string_view recipe;
    int64_t nLayers = 0, nExperts = 0, headsPerKv = 1;
    bool is70B = false; // 80 layers with grouped heads: values are shared by 8 heads and 8 times smaller
};

/// The i-th of n layers is worth more bits: the first and last eighth and every third between.
bool worthMore(int64_t i, int64_t n) { return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; }

FormatId attentionValue(const Context& c, FormatId base, int64_t i, int64_t n) {
    FormatId to = base;
    if (c.recipe == "Q2_K") to = c.headsPerKv >= 4 ? Q4_K : Q3_K;
    if (c.recipe == "Q3_K_M") to = i < 2 ? Q5_K : Q4_K;
    if (c.recipe == "IQ4_XS" && c.headsPerKv >= 4) to = Q5_K;
    if ((c.recipe == "Q4_K_M" || c.recipe == "Q5_K_M") && worthMore(i, n)) to = Q6_K;
    if (c.is70B && (to == Q3_K || to == Q4_K)) to = Q5_K;
    if (c.nExperts == 8) to = Q8_0;
    return to;
}

FormatId attentionOutput(const Context& c, FormatId base) {
    if (c.nExperts == 8)
        return c.recipe == "Q2_K" || c.recipe == "Q3_K_M" || c.recipe == "Q4_K_M" || c.recipe == "IQ4_XS" ? Q5_K : base;
    return c.recipe == "Q2_K" ? Q3_K : c.recipe == "Q3_K_M" ? Q4_K : base;
}

FormatId feedForwardDown(const Context& c, FormatId base, int64_t i, int64_t n) {
    if (c.recipe == "Q2_K") return Q3_K;
    if (c.recipe == "Q3_K_M") return i < n / 16 ? Q5_K : Q4_K;
    if (c.recipe == "IQ4_XS" && i < n / 8) return Q5_K;
    if ((c.recipe == "Q4_K_M" || c.recipe == "Q5_K_M") && worthMore(i, n)) return Q6_K;
    return base;
}

/// The nearest format that can hold rows of this many columns.
FormatId fitToRows(FormatId to, int64_t cols) {
    if (cols % format(to).blockSize == 0) return to;
    FormatId smaller = F16;
    switch (to) {
    case Q2_K:
    case Q3_K:
        smaller = Q4_0;
        break;
    case Q4_K:
        smaller = Q5_0;
        break;
    case Q5_K:
        smaller = Q5_1;
        break;
    case Q6_K:
        smaller = Q8_0;
        break;
    case IQ4_XS:
        smaller = IQ4_NL;
        break;
    default:
        break;
    }
    return cols % format(smaller).blockSize == 0 ? smaller : F16;
}

Context contextOf(const ModelSource& source, const Recipe& recipe) {
    const GgufMetadata& metadata = source.metadata();
    const std::string prefix = metadata.string("general.architecture").value_or("") + ".";
    auto first = [&](const char* key) {
        const auto values = metadata.integers(prefix + key, 0, 1 << 24);
        return values && !values->empty() ? values->front() : 0;
    };
    Context c;
    c.recipe = recipe.info.name;
    c.nLayers = first("block_count");
    c.nExperts = first("expert_count");
    const int64_t heads = first("attention.head_count"), kvHeads = first("attention.head_count_kv");
    if (kvHeads > 0) c.headsPerKv = heads / kvHeads;
    c.is70B = c.nLayers == 80 && c.headsPerKv > 1;
    return c;
}

/// Each tensor's place among those of its role, counted in the order of their layers.
std::vector<int64_t> placesInRole(std::span<const WeightRows> tensors, const std::vector<Role>& roles,
                                  std::map<Role, int64_t>& counts) {
    std::vector<std::size_t> order(tensors.size());
    for (std::size_t t = 0; t < order.size(); ++t) order[t] = t;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return blockNumber(tensors[a].name) < blockNumber(tensors[b].name);
    });
    std::vector<int64_t> places(tensors.size());
    for (const std::size_t t : order) places[t] = counts[roles[t]]++;
    return places;
}

FormatChoice choose(const Context& c, FormatId base, Role role, const WeightRows& tensor, int64_t place,
                    int64_t count) {
    const int64_t block = blockNumber(tensor.name);
    FormatId to = base;
    const char* why = "";
    switch (role) {
    case Role::Output:
        to = base == Q8_0 || tensor.cols % format(base).blockSize != 0 ? Q8_0 : Q6_K;
        why = "every word passes through it";
        break;
    case Role::AttentionValue:
        to = attentionValue(c, base, place, count);
        why = "sensitive, and small";
        break;
    case Role::AttentionKey:
        if (c.nExperts == 8) to = Q8_0;
        why = "sensitive, and small";
        break;
    case Role::AttentionOutput:
        to = attentionOutput(c, base);
        why = "sensitive";
        break;
    case Role::FeedForwardDown:
        // With experts a layer may have several such tensors: the layer's own number counts.
        to = c.nExperts > 1 && block >= 0 ? feedForwardDown(c, base, block, c.nLayers)
                                          : feedForwardDown(c, base, place, c.nLayers);
        why = "sensitive in this layer";
        break;
    case Role::Embedding:
    case Role::Other:
        break;
    }
    const FormatId fitting = fitToRows(to, tensor.cols);
    if (fitting != to)
        return {fitting, format("its rows of %lld weights do not divide into blocks of %u for %s",
                                static_cast<long long>(tensor.cols), format(to).blockSize, format(to).name)};
    return {to, to == base ? "" : why};
}

} // namespace

bool isNeverQuantized(const WeightRows& tensor) {
    static constexpr std::string_view kNever[] = {"_norm.weight",
                                                  "ffn_gate_inp.weight",
                                                  "ffn_gate_inp_shexp.weight",
                                                  "position_embd.weight",
                                                  "token_types.weight",
                                                  "ssm_conv1d.weight",
                                                  "shortconv.conv.weight",
                                                  "altup",
                                                  "laurel",
                                                  "per_layer_model_proj",
                                                  "indexer.q_proj",
                                                  "indexer.k_proj",
                                                  "time_mix_first.weight",
                                                  "time_mix_w1.weight",
                                                  "time_mix_w2.weight",
                                                  "time_mix_v1.weight",
                                                  "time_mix_v2.weight",
                                                  "time_mix_a1.weight",
                                                  "time_mix_a2.weight",
                                                  "time_mix_g1.weight",
                                                  "time_mix_g2.weight",
                                                  "time_mix_decay_w1.weight",
                                                  "time_mix_decay_w2.weight",
                                                  "time_mix_lerp_fused.weight",
                                                  "attn_rel_b.weight",
                                                  ".rel_pos",
                                                  ".patch_embd",
                                                  ".patch_merger"};
    if (tensor.dims < 2 || !tensor.name.ends_with("weight")) return true;
    return std::any_of(std::begin(kNever), std::end(kNever), [&](auto part) { return contains(tensor.name, part); });
}

int64_t blockNumber(std::string_view name) {
    if (!name.starts_with("blk.")) return -1;
    int64_t n = 0;
    for (const char c : name.substr(4)) {
        if (c == '.') return n;
        if (c < '0' || c > '9' || n > 100'000) return -1;
        n = 10 * n + (c - '0');
    }
    return -1;
}

std::span<const RecipeInfo> recipes() {
    static const std::vector<RecipeInfo> infos = [] {
        std::vector<RecipeInfo> list;
        for (const Recipe& recipe : kRecipes) list.push_back(recipe.info);
        return list;
    }();
    return infos;
}

const Recipe& findRecipe(std::string_view name) {
    auto same = [&](const Recipe& recipe) {
        return std::equal(name.begin(), name.end(), recipe.info.name.begin(), recipe.info.name.end(),
                          [](unsigned char a, unsigned char b) { return std::toupper(a) == b; });
    };
    std::string known;
    for (std::span<const Recipe> list : {std::span<const Recipe>(kRecipes), std::span<const Recipe>(kConversions)})
        for (const Recipe& recipe : list) {
            if (same(recipe)) return recipe;
            known += (known.empty() ? "" : ", ") + recipe.info.name;
        }
    for (const RecipeInfo& folder : folderRecipes()) known += ", " + folder.name;
    throw Error(ErrorKind::BadRequest, "There is no recipe called \"" + printable(name, 40) + "\".", {},
                "Choose one of: " + known + ".");
}

Recipe mixtureRecipe(const ModelSource& source, std::span<const FormatId> formats) {
    std::map<FormatId, int64_t> weights;
    for (std::size_t t = 0; t < formats.size(); ++t) weights[formats[t]] += source.tensors()[t].elements();
    const FormatId base = std::ranges::max_element(weights, {}, [](const auto& entry) { return entry.second; })->first;
    uint32_t fileType = base == Q5_0 ? 8 : base == Q5_1 ? 9 : base == IQ4_NL ? 25 : 0; // those without a recipe
    for (std::span<const Recipe> list : {std::span<const Recipe>(kRecipes), std::span<const Recipe>(kConversions)})
        for (const Recipe& recipe : list)
            if (recipe.base == base && !recipe.asIs) fileType = recipe.fileType;
    return {{"Mixture", 0, "By size", "Each matrix in the format that suits the size", format(base).bitsPerWeight()},
            base,
            fileType};
}

std::vector<FormatChoice> chooseFormats(const ModelSource& source, const Recipe& recipe) {
    const std::span<const WeightRows> tensors = source.tensors();
    const bool tied = !source.find("output.weight");
    std::vector<Role> roles;
    for (const WeightRows& tensor : tensors) roles.push_back(roleOf(tensor, tied));
    std::map<Role, int64_t> counts;
    const std::vector<int64_t> places = placesInRole(tensors, roles, counts);

    const Context context = contextOf(source, recipe);
    const bool conversion = format(recipe.base).codeBits == 0;
    std::vector<FormatChoice> choices;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        const WeightRows& tensor = tensors[t];
        if (isNeverQuantized(tensor))
            // Readers expect these in f32; a GGUF file was made by someone who knew, so its choice stands.
            choices.push_back({source.isHuggingFace() ? F32 : tensor.format, "kept exact: small, and sensitive"});
        else if (recipe.asIs)
            choices.push_back({tensor.format, ""});
        else if (conversion)
            choices.push_back({recipe.base, ""});
        else
            choices.push_back(choose(context, recipe.base, roles[t], tensor, places[t], counts[roles[t]]));
    }
    return choices;
}

bool isQuantized(const ModelSource& source) {
    return source.metadata().find("nibble.imported") || // by another tool, even where its weights had to be decoded
           std::any_of(source.tensors().begin(), source.tensors().end(),
                       [](const WeightRows& tensor) { return format(tensor.format).codeBits != 0; });
}

} // namespace nibble
