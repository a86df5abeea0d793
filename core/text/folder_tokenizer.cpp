#include <algorithm>
#include <base/text.h>
#include <files/damaged.h>
#include <files/json_file.h>
#include <text/folder_tokenizer.h>
#include <text/pre_tokenizers.h>

namespace nibble {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr uint64_t kMaxConfigBytes = 64ull << 20; // tokenizer_config.json lists every added token

/// The text of a token that a config names: a string, or an object with "content".
std::string namedToken(const json& config, const char* name) {
    const auto found = config.find(name);
    if (found == config.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
        return (*found)["content"].get<std::string>();
    return {};
}

/// Ids under `name`: one, or a list. Ids that are no token are ignored, as transformers does.
std::vector<int32_t> namedIds(const json& config, const char* name, int32_t vocabSize) {
    std::vector<int32_t> ids;
    const auto add = [&](const json& value) {
        if (!value.is_number_integer()) return;
        const auto id = value.get<int64_t>();
        if (id >= 0 && id < vocabSize) ids.push_back(int32_t(id));
    };
    const auto found = config.find(name);
    if (found == config.end()) return ids;
    if (found->is_array())
        std::for_each(found->begin(), found->end(), add);
    else
        add(*found);
    return ids;
}

/// The first step of this type in a part of a tokenizer.json, which may be a sequence under `list`.
const json* findStep(const json& part, const char* list, std::string_view type) {
    if (!part.is_object()) return nullptr;
    if (part.value("type", "") == type) return &part;
    const auto steps = part.find(list);
    if (steps == part.end() || !steps->is_array()) return nullptr;
    for (const json& step : *steps)
        if (const json* found = findStep(step, list, type)) return found;
    return nullptr;
}

void chooseAlphabet(const json& description, Vocabulary& v) {
    const json& decoder = description["decoder"];
    if (findStep(decoder, "decoders", "ByteLevel")) {
        v.alphabet = TokenAlphabet::Bytes;
        return;
    }
    const json* metaspace = findStep(decoder, "decoders", "Metaspace");
    const json* replace = findStep(decoder, "decoders", "Replace");
    if (!metaspace && !(replace && replace->value("content", "") == " ")) {
        const std::string type = decoder.is_object() ? decoder.value("type", "") : "none";
        throwUnsupportedFile(v.origin, "decoder", "a decoder of type " + type);
    }
    v.alphabet = TokenAlphabet::Spaces;
    v.dropLeadingSpace = findStep(decoder, "decoders", "Strip") ||
                         (metaspace && metaspace->value("prepend_scheme", "always") != "never" &&
                          metaspace->value("add_prefix_space", true));
}

Vocabulary readVocabulary(const HfTokenizer& engine, const json& description, const std::string& origin) {
    Vocabulary v;
    v.origin = origin;
    chooseAlphabet(description, v);
    const bool byteFallback = description["model"].value("byte_fallback", false);
    const int32_t size = engine.size();
    v.texts.resize(std::size_t(size));
    v.types.assign(std::size_t(size), TokenType::Normal);
    for (int32_t id = 0; id < size; ++id) {
        const auto i = std::size_t(id);
        if (auto text = engine.token(id)) {
            v.texts[i] = std::move(*text);
            if (byteFallback && byteOfToken(v.texts[i]) >= 0) v.types[i] = TokenType::Byte;
        } else {
            v.texts[i] = format("[PAD%d]", id);
            v.types[i] = TokenType::Unused;
        }
    }
    for (const json& token : description["added_tokens"])
        v.types[token["id"].get<std::size_t>()] =
            token["special"].get<bool>() ? TokenType::Control : TokenType::UserDefined;
    return v;
}

/// Whether the post-processor puts `bos` first.
bool templateStartsWith(const json& postProcessor, const std::string& bos) {
    const json* processing = findStep(postProcessor, "processors", "TemplateProcessing");
    if (!processing || bos.empty()) return false;
    const auto single = processing->find("single");
    if (single == processing->end() || !single->is_array() || single->empty()) return false;
    const json& first = single->front();
    return first.is_object() && first.contains("SpecialToken") && first["SpecialToken"].is_object() &&
           first["SpecialToken"].value("id", "") == bos;
}

/// Mistral's tokenizer.json files written before transformers 5 split text by a wrong pattern
/// (`fix_mistral_regex`). True where it was put right.
bool fixMistralPattern(HfTokenizer& engine, json& description, const json& config) {
    const std::string type = config.value("model_type", "");
    if (type != "mistral" && type != "mistral3" && type != "ministral" && type != "ministral3" && type != "pixtral")
        return false;
    const std::string version = config.value("transformers_version", "5");
    if (version.empty() || version[0] >= '5' || version[0] < '0') return false;
    json& pre = description["pre_tokenizer"];
    if (!pre.is_object() || pre.value("type", "") != "Sequence" || pre["pretokenizers"].empty()) return false;
    json& split = pre["pretokenizers"][0];
    if (split.value("type", "") != "Split" || !split.contains("pattern") || !split["pattern"].contains("Regex"))
        return false;
    json& pattern = split["pattern"]["Regex"];
    if (pattern == tekkenPattern()) return false;
    pattern = tekkenPattern();
    engine.setPreTokenizer(pre);
    return true;
}

} // namespace

json readOptionalJson(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored) ? readJsonObject(path, kMaxConfigBytes) : json::object();
}

FolderTokenizer readFolderTokenizer(const fs::path& folder) try {
    const fs::path path = folder / "tokenizer.json";
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw Error(ErrorKind::NotFound, "The model's folder has no tokenizer.json.", path.string(),
                    "Get the complete model, or a GGUF file of it.");
    const std::string origin = shownFileName(path);
    HfTokenizer engine(readTextFile(path, kMaxTokenizerBytes), origin, "tokenizer.json");

    FolderTokenizer result;
    result.config = readOptionalJson(folder / "tokenizer_config.json");
    json model = readOptionalJson(folder / "config.json");
    const json generation = readOptionalJson(folder / "generation_config.json");
    result.description = engine.describe();
    const bool fixed = fixMistralPattern(engine, result.description, model);
    if (model.contains("text_config") && model["text_config"].is_object()) model.update(model["text_config"]);

    Vocabulary v = readVocabulary(engine, result.description, origin);
    const int32_t size = engine.size();
    const auto special = [&](const char* token, const char* idName) {
        const std::string text = namedToken(result.config, token);
        int32_t id = text.empty() ? -1 : engine.find(text);
        if (const auto ids = namedIds(model, idName, size); id < 0 && !ids.empty()) id = ids[0];
        return id;
    };
    v.bos = special("bos_token", "bos_token_id");
    result.eos = special("eos_token", "eos_token_id");
    result.padding = special("pad_token", "pad_token_id");
    const json& unknown = result.description["model"]["unk_token"];
    result.unknown = unknown.is_string() ? engine.find(unknown.get<std::string>()) : -1;
    if (result.unknown >= 0) v.types[std::size_t(result.unknown)] = TokenType::Unknown;

    const json addBos = result.config.value("add_bos_token", json());
    if (v.bos >= 0)
        v.addBos = addBos.is_boolean()
                       ? addBos.get<bool>()
                       : templateStartsWith(result.description["post_processor"], v.texts[std::size_t(v.bos)]);
    if (result.eos >= 0) v.endOfTurn.push_back(result.eos);
    for (const json& config : {generation, model})
        for (const int32_t id : namedIds(config, "eos_token_id", size)) v.endOfTurn.push_back(id);
    if (fixed)
        v.note = "The tokenizer of this Mistral model splits text by a wrong pattern; Nibble uses the right one.";
    result.tokenizer = std::make_unique<BpeTokenizer>(std::move(engine), std::move(v));
    return result;
} catch (const json::exception& e) {
    // A field of the wrong type in one of the small files.
    throwDamaged(shownFileName(folder), "tokenizer files", e.what());
}

std::unique_ptr<Tokenizer> tokenizerFromFolder(const fs::path& folder) {
    return std::move(readFolderTokenizer(folder).tokenizer);
}

} // namespace nibble
