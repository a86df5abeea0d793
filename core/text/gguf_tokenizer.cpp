// A GGUF vocabulary turned into a Hugging Face tokenizer: the text of a tokenizer.json is written from
// `tokenizer.ggml.*`.

#include <algorithm>
#include <base/text.h>
#include <cmath>
#include <files/damaged.h>
#include <text/bpe_tokenizer.h>
#include <text/pre_tokenizers.h>
#include <unordered_map>

namespace nibble {

namespace {

using nlohmann::json;

constexpr const char* kTokens = "tokenizer.ggml.tokens";
constexpr const char* kTypes = "tokenizer.ggml.token_type";
constexpr const char* kMerges = "tokenizer.ggml.merges";
constexpr const char* kScores = "tokenizer.ggml.scores";
constexpr std::size_t kMaxTokens = 4'000'000;
/// Merges are found by trying every split of every token: longer ones would make that slow, and none are as long.
constexpr std::size_t kMaxPieceBytes = 512;
constexpr std::size_t kMaxMerges = 8'000'000;

[[noreturn]] void throwUnsupported(const GgufMetadata& m, std::string_view key, const std::string& value) {
    throw Error(ErrorKind::Unsupported, "Nibble cannot read this model's tokenizer yet.",
                m.origin + ": " + std::string(key) + " is \"" + printable(value) + "\"",
                "Use another model, or another file of this one.");
}

std::string element(const char* key, std::size_t i) { return std::string(key) + "[" + std::to_string(i) + "]"; }

// --- Writing JSON: a vocabulary has hundreds of thousands of strings, so they are appended rather than collected.

void appendString(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (uint8_t(c) < 0x20)
            out += format("\\u%04x", unsigned(uint8_t(c)));
        else
            out += c;
    }
    out += '"';
}

void appendPair(std::string& out, std::string_view left, std::string_view right) {
    out += out.back() == '[' ? "[" : ",[";
    appendString(out, left);
    out += ',';
    appendString(out, right);
    out += ']';
}

std::string vocabularyJson(const std::vector<std::string>& keys) {
    std::string out = "{";
    // Of tokens that are spelled alike the last one counts.
    std::unordered_map<std::string_view, std::size_t> last;
    last.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) last[keys[i]] = i;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (last[keys[i]] != i) continue;
        if (out.size() > 1) out += ',';
        appendString(out, keys[i]);
        out += ':';
        out += std::to_string(i);
    }
    return out + "}";
}

// --- What all kinds of vocabulary have.

/// The id under `tokenizer.ggml.NAME_token_id`, else `missing` where there is such a token, else -1.
int32_t specialId(const GgufMetadata& m, const char* name, std::size_t tokens, int32_t missing = -1) {
    const auto id = m.integer(std::string("tokenizer.ggml.") + name + "_token_id", 0, int64_t(tokens) - 1);
    return id ? int32_t(*id) : std::size_t(missing) < tokens ? missing : -1;
}

std::vector<TokenType> readTypes(const GgufMetadata& m, std::size_t tokens) {
    std::vector<TokenType> types(tokens, TokenType::Normal);
    const auto given = m.integers(kTypes, 0, 6);
    if (!given) return types;
    if (given->size() != tokens)
        throwDamaged(m.origin, kTypes, format("has %zu entries for %zu tokens", given->size(), tokens));
    for (std::size_t i = 0; i < tokens; ++i)
        if ((*given)[i] != 0) types[i] = TokenType((*given)[i]);
    return types;
}

/// `bos`, `eos`: where the file does not say.
Vocabulary readVocabulary(const GgufMetadata& m, int32_t bos, int32_t eos) {
    Vocabulary v;
    v.origin = m.origin;
    const std::vector<std::string>* tokens = m.strings(kTokens);
    if (!tokens || tokens->empty()) throwDamaged(m.origin, kTokens, "is missing or empty");
    if (tokens->size() > kMaxTokens) throwDamaged(m.origin, kTokens, format("has %zu entries", tokens->size()));
    for (std::size_t i = 0; i < tokens->size(); ++i)
        if (!isUtf8((*tokens)[i])) throwDamaged(m.origin, element(kTokens, i), "is not UTF-8 text");
    v.texts = *tokens;
    v.types = readTypes(m, tokens->size());

    v.bos = specialId(m, "bos", v.texts.size(), bos);
    for (const char* name : {"eos", "eot", "eom"}) {
        const int32_t id = specialId(m, name, v.texts.size(), name == std::string_view("eos") ? eos : -1);
        if (id >= 0) v.endOfTurn.push_back(id);
    }
    // Files without types, or with wrong ones: what begins and ends text is never text.
    std::vector<int32_t> control = v.endOfTurn;
    for (const int32_t id : {v.bos, specialId(m, "padding", v.texts.size())}) control.push_back(id);
    for (const int32_t id : control)
        if (id >= 0 && v.types[std::size_t(id)] == TokenType::Normal) v.types[std::size_t(id)] = TokenType::Control;
    return v;
}

json addedToken(std::size_t id, std::string_view text, bool special, bool rstrip, bool normalized) {
    return {{"id", id},         {"content", text},    {"single_word", false},    {"lstrip", false},
            {"rstrip", rstrip}, {"special", special}, {"normalized", normalized}};
}

/// The text of a tokenizer.json. `frame` has all but the model's "vocab" and "merges", which come as JSON text.
std::string assemble(json frame, const std::string& vocabulary, const std::string& merges) {
    json model = std::move(frame["model"]);
    frame.erase("model");
    model["type"] = "BPE";
    std::string text = frame.dump();
    text.pop_back();
    text += ",\"model\":" + model.dump();
    text.pop_back();
    return text + ",\"vocab\":" + vocabulary + ",\"merges\":" + merges + "}}";
}

// --- Byte-level BPE.

std::string mergesJson(const GgufMetadata& m) {
    const std::vector<std::string>* merges = m.strings(kMerges);
    if (!merges) throwDamaged(m.origin, kMerges, "is missing");
    std::string out = "[";
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string& line = (*merges)[i];
        // The left part may itself start with a space.
        const std::size_t space = line.find(' ', 1);
        if (line.empty() || space == std::string::npos || space + 1 == line.size() || !isUtf8(line))
            throwDamaged(m.origin, element(kMerges, i), "is not two tokens with a space between");
        appendPair(out, std::string_view(line).substr(0, space), std::string_view(line).substr(space + 1));
    }
    return out + "]";
}

std::unique_ptr<Tokenizer> byteLevelTokenizer(const GgufMetadata& m) {
    const std::string name = m.string("tokenizer.ggml.pre").value_or("");
    const PreTokenizer* pre = findPreTokenizer(name);
    if (!pre) throwUnsupported(m, "tokenizer.ggml.pre", name);

    Vocabulary v = readVocabulary(m, -1, -1);
    v.alphabet = TokenAlphabet::Bytes;
    v.addBos = m.boolean("tokenizer.ggml.add_bos_token").value_or(pre->addBos) && v.bos >= 0;
    if (pre->name == "default")
        v.note = "The file does not say how its tokenizer splits text; answers may be worse than the model's best.";

    json added = json::array();
    for (std::size_t i = 0; i < v.texts.size(); ++i) {
        const TokenType type = v.types[i];
        if (type == TokenType::Control || type == TokenType::Unknown || type == TokenType::UserDefined)
            added.push_back(addedToken(i, v.texts[i], type != TokenType::UserDefined, false, false));
    }
    // gpt-oss names the pre-tokenizer of GPT-4o, but looks up whole pieces first.
    const bool ignoreMerges = pre->ignoreMerges || m.string("general.architecture") == "gpt-oss";
    json frame{{"added_tokens", std::move(added)},
               {"pre_tokenizer", preTokenizerJson(*pre)},
               {"normalizer", pre->nfc ? json{{"type", "NFC"}} : json()},
               {"model", {{"ignore_merges", ignoreMerges}}}};
    HfTokenizer engine(assemble(std::move(frame), vocabularyJson(v.texts), mergesJson(m)), m.origin, kMerges);
    return std::make_unique<BpeTokenizer>(std::move(engine), std::move(v));
}

// --- BPE on text whose spaces are marks: SentencePiece, where merges follow from the scores, and Gemma 4.

struct Merge {
    float score;
    uint32_t leftLetters;
    std::string_view left, right;
};

uint32_t letters(std::string_view text) {
    return uint32_t(std::count_if(text.begin(), text.end(), [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
}

/// All pairs of pieces that make a piece: better scores first; among equal ones the longer left part, then the order of
/// ids. This is how transformers derives the merges of a SentencePiece model.
std::vector<Merge> mergesOfScores(const GgufMetadata& m, const std::vector<std::string>& keys,
                                  const std::vector<TokenType>& types, const std::vector<float>& scores) {
    std::unordered_map<std::string_view, uint32_t> pieces;
    // Control tokens and bytes are never made of other pieces.
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (types[i] == TokenType::Normal || types[i] == TokenType::UserDefined) pieces[keys[i]] = uint32_t(i);
    std::vector<Merge> merges;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string_view piece = keys[i];
        const auto self = pieces.find(piece);
        if (self == pieces.end() || self->second != i) continue;
        if (piece.size() > kMaxPieceBytes)
            throwDamaged(m.origin, element(kTokens, i), format("has %zu bytes", piece.size()));
        for (std::size_t at = 1; at < piece.size(); ++at) {
            if ((uint8_t(piece[at]) & 0xC0) == 0x80) continue; // inside a character
            const std::string_view left = piece.substr(0, at), right = piece.substr(at);
            if (pieces.contains(left) && pieces.contains(right))
                merges.push_back({scores[i], letters(left), left, right});
        }
        if (merges.size() > kMaxMerges) throwDamaged(m.origin, kTokens, "has too many ways to build its tokens");
    }
    std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
        if (a.score != b.score) return a.score > b.score;
        if (a.leftLetters != b.leftLetters) return a.leftLetters > b.leftLetters;
        return letters(a.right) > letters(b.right);
    });
    return merges;
}

std::string mergesOfScoresJson(const GgufMetadata& m, const std::vector<std::string>& keys,
                               const std::vector<TokenType>& types, const std::vector<float>& scores) {
    std::string merges = "[";
    for (const Merge& merge : mergesOfScores(m, keys, types, scores)) appendPair(merges, merge.left, merge.right);
    return merges + "]";
}

/// Phi-3's tokens swallow the white space behind them; no key says so, but no other vocabulary has its placeholders.
bool isPhi3(const Vocabulary& v) {
    return std::find(v.texts.begin(), v.texts.end(), "<|placeholder1|>") != v.texts.end();
}

bool stripsRight(std::string_view token) { return token != "<unk>" && token != "<s>" && token != "<|endoftext|>"; }

std::vector<float> readScores(const GgufMetadata& m, std::size_t tokens) {
    auto scores = m.floats(kScores);
    if (!scores || scores->size() != tokens)
        throwDamaged(m.origin, kScores, format("has %zu entries for %zu tokens", scores ? scores->size() : 0, tokens));
    for (std::size_t i = 0; i < tokens; ++i)
        if (!std::isfinite((*scores)[i])) throwDamaged(m.origin, element(kScores, i), "is not a finite number");
    return std::move(*scores);
}

/// Marks for spaces, byte tokens for what has no piece, and no splitting of text. `listed`: the file has the merges
/// (Gemma 4), else they follow from scores.
std::unique_ptr<Tokenizer> spacesTokenizer(const GgufMetadata& m, bool listed) {
    // SentencePiece's own order where the file does not say: <unk>, <s>, </s>.
    Vocabulary v = listed ? readVocabulary(m, -1, -1) : readVocabulary(m, 1, 2);
    v.alphabet = TokenAlphabet::Spaces;
    const std::vector<float> scores = listed ? std::vector<float>() : readScores(m, v.texts.size());
    const bool addSpace = m.boolean("tokenizer.ggml.add_space_prefix").value_or(!listed);
    v.addBos = m.boolean("tokenizer.ggml.add_bos_token").value_or(true) && v.bos >= 0;
    v.dropLeadingSpace = addSpace;

    // Some files spell user-defined tokens of spaces with real spaces; the model sees marks.
    std::vector<std::string> keys = v.texts;
    const bool phi3 = isPhi3(v);
    json added = json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        TokenType& type = v.types[i];
        if (listed && type == TokenType::Normal && byteOfToken(keys[i]) >= 0) type = TokenType::Byte;
        const bool special = type == TokenType::Control || type == TokenType::Unknown;
        if (!special) keys[i] = replaceAll(keys[i], " ", kSpaceMark);
        if (special || type == TokenType::UserDefined)
            added.push_back(addedToken(i, keys[i], special, phi3 && special && stripsRight(keys[i]),
                                       !special && keys[i].find(kSpaceMark) != std::string::npos));
    }

    json normalizers = json::array();
    if (addSpace) normalizers.push_back({{"type", "Prepend"}, {"prepend", kSpaceMark}});
    normalizers.push_back({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kSpaceMark}});
    const int32_t unknown = specialId(m, "unknown", v.texts.size(), listed ? -1 : 0);
    json frame{{"added_tokens", std::move(added)},
               {"normalizer", {{"type", "Sequence"}, {"normalizers", std::move(normalizers)}}},
               {"pre_tokenizer", nullptr},
               {"model",
                {{"unk_token", unknown < 0 ? json() : json(keys[std::size_t(unknown)])},
                 {"fuse_unk", true},
                 {"byte_fallback", true}}}};
    const std::string merges = listed ? mergesJson(m) : mergesOfScoresJson(m, keys, v.types, scores);
    HfTokenizer engine(assemble(std::move(frame), vocabularyJson(keys), merges), m.origin, kTokens);
    return std::make_unique<BpeTokenizer>(std::move(engine), std::move(v));
}

} // namespace

std::unique_ptr<Tokenizer> tokenizerFromGguf(const GgufMetadata& metadata) {
    const std::string model = metadata.requireString("tokenizer.ggml.model");
    if (model == "gpt2") return byteLevelTokenizer(metadata);
    if (model == "llama") return spacesTokenizer(metadata, false);
    if (model == "gemma4") return spacesTokenizer(metadata, true);
    throwUnsupported(metadata, "tokenizer.ggml.model", model);
}

} // namespace nibble
