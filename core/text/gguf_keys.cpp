// Writing a folder's tokenizer as the `tokenizer.ggml.*` keys of a GGUF file.

#include <base/text.h>
#include <files/damaged.h>
#include <files/json_file.h>
#include <text/chat_template.h>
#include <text/folder_tokenizer.h>
#include <text/pre_tokenizers.h>

namespace nibble {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

[[noreturn]] void throwNoForm(const std::string& origin, const std::string& why) {
    throw Error(ErrorKind::Unsupported, "A GGUF file cannot hold this model's tokenizer yet.", origin + ": " + why,
                "Use another model, or a GGUF file of this one.");
}

/// "left right" lines; pairs whose left part has a space (other than at its start) have no such form.
std::vector<std::string> readMerges(const fs::path& folder, const std::string& origin) {
    const json file = readJsonObject(folder / "tokenizer.json", kMaxTokenizerBytes);
    std::vector<std::string> lines;
    for (const json& merge : file.at("model").at("merges")) {
        if (merge.is_string()) {
            lines.push_back(merge.get<std::string>());
            continue;
        }
        const auto left = merge.at(0).get<std::string>(), right = merge.at(1).get<std::string>();
        if (left.find(' ', 1) != std::string::npos) throwNoForm(origin, "a merge has a space inside a token");
        lines.push_back(left + " " + right);
    }
    return lines;
}

/// SentencePiece-like: scores that put every token in the order of the first merge that makes it. Tokens that no merge
/// makes (letters) come last; their score does not matter.
std::vector<float> scoresOfMerges(const std::vector<std::string>& merges, const BpeTokenizer& tokenizer) {
    std::vector<float> scores(std::size_t(tokenizer.vocabSize()), -1e6f);
    float next = 0;
    std::vector<bool> made(scores.size(), false);
    for (const std::string& line : merges) {
        const std::size_t space = line.find(' ', 1);
        const int32_t id = tokenizer.findToken(line.substr(0, space) + line.substr(space + 1));
        if (id < 0 || made[std::size_t(id)]) continue;
        made[std::size_t(id)] = true;
        scores[std::size_t(id)] = -next++;
    }
    return scores;
}

/// Whether the normalizer is SentencePiece's: spaces become marks, maybe with one put in front. `prefix`: the latter.
bool isSentencePiece(const json& description, bool& prefix) {
    prefix = false;
    bool replaces = false, known = true;
    const auto step = [&](const json& part) {
        const std::string type = part.value("type", "");
        if (type == "Prepend" && part.value("prepend", "") == kSpaceMark)
            prefix = true;
        else if (type == "Replace" && part.value("content", "") == kSpaceMark &&
                 part["pattern"].value("String", "") == " ")
            replaces = true;
        else
            known = false;
    };
    const json& normalizer = description["normalizer"];
    const json& pre = description["pre_tokenizer"];
    if (normalizer.is_object()) {
        if (normalizer.value("type", "") == "Sequence")
            for (const json& part : normalizer["normalizers"]) step(part);
        else
            step(normalizer);
    }
    // Gemma's splits at spaces, of which there are none left then.
    const bool splitsNothing =
        pre.is_object() && pre.value("type", "") == "Split" && replaces && pre["pattern"].value("String", "") == " ";
    if (pre.is_object() && !splitsNothing) {
        // Newer files leave it to the pre-tokenizer, which splits nothing then.
        if (pre.value("type", "") != "Metaspace" || pre.value("split", true)) return false;
        replaces = true;
        prefix = pre.value("prepend_scheme", "always") != "never";
    }
    return known && replaces && description["model"].value("byte_fallback", false);
}

void addVocabulary(const FolderTokenizer& source, int32_t vocabSize, GgufMetadata& metadata) {
    Vocabulary v = source.tokenizer->vocabulary();
    if (vocabSize < int32_t(v.texts.size()))
        throwDamaged(v.origin, "vocab", format("has %zu tokens, the model %d", v.texts.size(), vocabSize));
    for (int32_t id = int32_t(v.texts.size()); id < vocabSize; ++id) {
        v.texts.push_back(format("[PAD%d]", id));
        v.types.push_back(TokenType::Unused);
    }
    std::vector<int32_t> types;
    for (const TokenType type : v.types) types.push_back(int32_t(type));
    metadata.set("tokenizer.ggml.tokens", std::move(v.texts));
    metadata.set("tokenizer.ggml.token_type", std::move(types));
}

void addSpecials(const FolderTokenizer& source, GgufMetadata& metadata) {
    const auto add = [&](const char* name, int32_t id) {
        if (id >= 0) metadata.set(std::string("tokenizer.ggml.") + name + "_token_id", uint32_t(id));
    };
    add("bos", source.tokenizer->bos());
    add("eos", source.eos);
    add("padding", source.padding);
    add("unknown", source.unknown);
    // A second end of turn (generation_config's list) goes into the key that readers know for it.
    for (const char* name : {"<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>"}) {
        const int32_t id = source.tokenizer->findToken(name);
        if (id >= 0 && id != source.eos && source.tokenizer->isEndOfTurn(id)) {
            add("eot", id);
            break;
        }
    }
    metadata.set("tokenizer.ggml.add_bos_token", source.tokenizer->addBos());
}

} // namespace

void addTokenizerKeys(const fs::path& folder, int32_t vocabSize, GgufMetadata& metadata) try {
    const FolderTokenizer source = readFolderTokenizer(folder);
    const std::string& origin = source.tokenizer->vocabulary().origin;
    const bool bytes = source.tokenizer->vocabulary().alphabet == TokenAlphabet::Bytes;
    std::vector<std::string> merges = readMerges(folder, origin);
    const bool listed = !bytes && metadata.string("general.architecture") == "gemma4"; // its merges as they are
    metadata.set("tokenizer.ggml.model", std::string(bytes ? "gpt2" : listed ? "gemma4" : "llama"));
    if (bytes) {
        const std::string_view pre = recognizePreTokenizer(source.description, source.tokenizer->addBos());
        if (pre.empty()) throwNoForm(origin, "its normalizer or pre_tokenizer has no name in GGUF");
        metadata.set("tokenizer.ggml.pre", std::string(pre));
    } else if (!listed) {
        metadata.set("tokenizer.ggml.pre", std::string("default"));
    }
    addVocabulary(source, vocabSize, metadata);
    if (!bytes) {
        bool prefix = false;
        if (!isSentencePiece(source.description, prefix)) throwNoForm(origin, "its normalizer is not SentencePiece's");
        metadata.set("tokenizer.ggml.add_space_prefix", prefix);
    }
    if (bytes || listed) {
        metadata.set("tokenizer.ggml.merges", std::move(merges));
    } else {
        std::vector<float> scores = scoresOfMerges(merges, *source.tokenizer);
        scores.resize(std::size_t(vocabSize), -1e6f);
        metadata.set("tokenizer.ggml.scores", std::move(scores));
    }
    addSpecials(source, metadata);
    if (const auto chat = chatTemplateFromFolder(folder)) metadata.set("tokenizer.chat_template", chat->source());
} catch (const json::exception& e) {
    throwDamaged(shownFileName(folder / "tokenizer.json"), "JSON", e.what());
}

} // namespace nibble
