// What differs from layer to layer, as config.json says it.
#include <algorithm>
#include <charconv>
#include <models/config_builder.h>

namespace nibble {

using nlohmann::json;

namespace {

/// `field` of per_layer_config's first entry for a layer that sees all text; nullopt where there is none.
std::optional<int64_t> ofFullLayers(const Fields& config, const json& types, const char* field) {
    const auto layers = config.object("per_layer_config");
    for (std::size_t i = 0; layers && i < types.size(); ++i) {
        if (types[i] != "full_attention") continue;
        for (const std::string& name : {format("%zu", i), format("%02zu", i)})
            if (const auto layer = layers->object(name.c_str()))
                if (const auto value = layer->integer(field, 1, kMaxCount)) return value;
    }
    return std::nullopt;
}

} // namespace

int64_t addLayerWidths(ConfigBuilder& to, int64_t headDim) {
    const Fields& config = to.config;
    const json* types = config.find("layer_types");
    const auto globalField = config.integer("global_head_dim", 1, kMaxCount);
    if (!globalField || !types || !types->is_array() || types->size() != std::size_t(to.out.layers)) return headDim;
    const int64_t globalDim = ofFullLayers(config, *types, "head_dim").value_or(*globalField);
    for (const char* key : {"attention.key_length", "attention.value_length"}) to.integer(key, globalDim);
    for (const char* key : {"attention.key_length_swa", "attention.value_length_swa", "rope.dimension_count_swa"})
        to.integer(key, headDim);

    auto globalHeads = ofFullLayers(config, *types, "num_key_value_heads");
    if (!globalHeads) globalHeads = config.integer("num_global_key_value_heads", 1, kMaxCount);
    if (globalHeads) {
        std::vector<uint32_t> heads;
        for (const json& type : *types)
            heads.push_back(uint32_t(type == "full_attention" ? *globalHeads : to.out.kvHeads));
        to.out.metadata.set(to.prefix + "attention.head_count_kv", std::move(heads));
    }
    const int64_t shared = config.integer("num_kv_shared_layers", 0, to.out.layers).value_or(0);
    to.integer("attention.shared_kv_layers", shared);
    to.integer("embedding_length_per_layer_input",
               config.integer("hidden_size_per_layer_input", 0, kMaxCount).value_or(0));
    if (config.flag("use_double_wide_mlp").value_or(false)) {
        const int64_t width = config.integer("intermediate_size", 1, kMaxCount / 2).value_or(0);
        std::vector<uint32_t> widths(std::size_t(to.out.layers), uint32_t(width));
        std::fill(widths.end() - std::ptrdiff_t(shared), widths.end(), uint32_t(2 * width));
        to.out.metadata.set(to.prefix + "feed_forward_length", std::move(widths));
    }
    return globalDim;
}

} // namespace nibble
