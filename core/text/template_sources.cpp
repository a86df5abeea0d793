// Where models keep their chat template.

#include <base/text.h>
#include <files/json_file.h>
#include <text/chat_template.h>
#include <text/folder_tokenizer.h>

namespace nibble {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr uint64_t kMaxTemplateFile = 1 << 20; // longer ones are refused anyway, with a better message
constexpr const char* kSpecials[] = {"bos_token", "eos_token", "unk_token", "pad_token"};

/// The template in a JSON value: a string, or a list of {"name", "template"} of which the default counts.
std::string templateIn(const json& config) {
    const auto found = config.find("chat_template");
    if (found == config.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    std::string first;
    if (found->is_array())
        for (const json& entry : *found) {
            if (!entry.is_object() || !entry.contains("template") || !entry["template"].is_string()) continue;
            const auto source = entry["template"].get<std::string>();
            if (entry.contains("name") && entry["name"] == "default") return source;
            if (first.empty()) first = source;
        }
    return first;
}

std::string templateOfFolder(const fs::path& folder, const json& config) {
    std::error_code ignored;
    for (const char* file : {"chat_template.jinja", "additional_chat_templates/default.jinja"})
        if (fs::exists(folder / file, ignored)) return readTextFile(folder / file, kMaxTemplateFile);
    std::string source = templateIn(config);
    if (source.empty()) source = templateIn(readOptionalJson(folder / "chat_template.json"));
    return source;
}

/// Of a file that has only templates with names: the default, else the first.
std::string namedTemplate(const GgufMetadata& metadata) {
    constexpr std::string_view kPrefix = "tokenizer.chat_template.";
    std::string first;
    for (const auto& [key, value] : metadata.entries()) {
        const auto* source = key.starts_with(kPrefix) ? std::get_if<std::string>(&value) : nullptr;
        if (!source) continue;
        if (key.substr(kPrefix.size()) == "default") return *source;
        if (first.empty()) first = *source;
    }
    return first;
}

} // namespace

std::unique_ptr<ChatTemplate> chatTemplateFromFolder(const fs::path& folder) {
    const json config = readOptionalJson(folder / "tokenizer_config.json");
    std::string source = templateOfFolder(folder, config);
    if (source.empty()) return nullptr;
    const json map = readOptionalJson(folder / "special_tokens_map.json");
    ordered_json specials = ordered_json::object();
    for (const char* name : kSpecials)
        for (const json* from : {&map, &config}) { // the later one counts
            const auto found = from->find(name);
            if (found == from->end()) continue;
            if (found->is_string()) specials[name] = found->get<std::string>();
            if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
                specials[name] = (*found)["content"].get<std::string>();
        }
    return std::make_unique<ChatTemplate>(std::move(source), std::move(specials));
}

std::unique_ptr<ChatTemplate> chatTemplateFromGguf(const GgufMetadata& metadata) {
    std::string source = metadata.string("tokenizer.chat_template").value_or("");
    if (source.empty()) source = namedTemplate(metadata);
    if (source.empty()) return nullptr;
    ordered_json specials = ordered_json::object();
    if (const auto* tokens = metadata.strings("tokenizer.ggml.tokens")) {
        static constexpr const char* kKeys[] = {"bos", "eos", "unknown", "padding"}; // in the order of kSpecials
        for (std::size_t i = 0; i < std::size(kKeys); ++i) {
            const auto id = metadata.integer(std::string("tokenizer.ggml.") + kKeys[i] + "_token_id", 0, INT32_MAX);
            if (id && std::size_t(*id) < tokens->size()) specials[kSpecials[i]] = (*tokens)[std::size_t(*id)];
        }
    }
    return std::make_unique<ChatTemplate>(std::move(source), std::move(specials));
}

} // namespace nibble
