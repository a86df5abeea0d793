#include <algorithm>
#include <text/pre_tokenizers.h>

namespace nibble {

namespace {

using nlohmann::json;

// Contractions, and the trailing alternatives for line breaks and spaces, that most patterns share.
#define CONTRACTIONS R"((?i:'s|'t|'re|'ve|'m|'ll|'d))"
#define SPACES R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
#define UPPER R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])"
#define LOWER R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])"

constexpr std::string_view kLlama3 =
    CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" SPACES;
constexpr std::string_view kQwen2 = CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" SPACES;
constexpr std::string_view kQwen35 =
    CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)" SPACES;
constexpr std::string_view kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4o =
    R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER "+" CONTRACTIONS R"(?|[^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER "*" CONTRACTIONS
    R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" SPACES;
constexpr std::string_view kTekken = R"([^\r\n\p{L}\p{N}]?)" UPPER "*" LOWER R"(+|[^\r\n\p{L}\p{N}]?)" UPPER "+" LOWER
                                     R"(*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" SPACES;
constexpr std::string_view kDigit = R"(\p{N})";
constexpr std::string_view kLine = R"([\r\n])";
constexpr std::string_view kCjk = "[一-龥ࠀ-一가-퟿]+";

// DeepSeek LLM lists letters by range (those with case, of its time) and its punctuation, instead of \p{L} and \p{P}.
constexpr std::string_view kDeepSeekLetters =
    R"(\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+)";
constexpr std::string_view kDeepSeekPunctuation = R"(\s?[!-/:-~！-／：-～‘-‟　-。]+)";
constexpr std::string_view kDeepSeek3 =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|)" SPACES;

#undef CONTRACTIONS
#undef SPACES
#undef UPPER
#undef LOWER

const std::vector<PreTokenizer>& table() {
    // Where several names split alike, the first is the one that recognizePreTokenizer() prefers.
    static const std::vector<PreTokenizer> kTable = [] {
        std::vector<PreTokenizer> t;
        for (const auto name :
             {"llama-bpe", "llama3", "llama-v3", "pixtral", "falcon3", "falcon-h1", "lfm2", "midm-2.0"})
            t.push_back({name, {kLlama3}, false, true, true});
        for (const auto name : {"glm4", "chatglm-bpe"}) t.push_back({name, {kLlama3}, false, true, false});
        for (const auto name : {"dbrx", "smaug-bpe"}) t.push_back({name, {kLlama3}});
        t.push_back({"qwen2", {kQwen2}, true});
        for (const auto name : {"deepseek-r1-qwen", "stablelm2", "megrez", "kormo"}) t.push_back({name, {kQwen2}});
        t.push_back({"qwen35", {kQwen35}, true});
        for (const auto name : {"gpt-2", "phi-2", "exaone4", "olmo"}) t.push_back({name, {kGpt2}});
        for (const auto name : {"smollm", "starcoder", "refact"}) t.push_back({name, {kDigit, kGpt2}});
        t.push_back({"command-r", {kDigit, kGpt2}, true});
        for (const auto name : {"gpt-4o", "llama4", "kanana2"}) t.push_back({name, {kGpt4o}});
        t.push_back({"tekken", {kTekken}, false, true, true});
        t.push_back({"deepseek-llm", {kLine, kDeepSeekLetters, kDeepSeekPunctuation, R"(\s+$)", kCjk, R"(\p{N}+)"}});
        t.push_back({"deepseek-coder", {kLine, R"(\s?\p{L}+)", R"(\s?\p{P}+)", kCjk, kDigit}});
        t.push_back({"deepseek-v3", {R"(\p{N}{1,3})", "[一-龥぀-ゟ゠-ヿ]+", kDeepSeek3}});
        t.push_back({"default", {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2, R"(\p{N}+)", R"([0-9][0-9][0-9])"}});
        return t;
    }();
    return kTable;
}

json split(std::string_view pattern) {
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

/// Adds the patterns of a pre_tokenizer; false where it does something that a list of patterns cannot say.
bool collectPatterns(const json& pre, std::vector<std::string>& patterns) {
    const std::string type = pre.value("type", "");
    if (type == "Sequence") {
        const json& parts = pre.at("pretokenizers");
        return std::all_of(parts.begin(), parts.end(), [&](const json& p) { return collectPatterns(p, patterns); });
    }
    if (type == "Split") {
        if (pre.value("invert", false) || pre.value("behavior", "") != "Isolated") return false;
        const json pattern = pre.value("pattern", json::object());
        if (!pattern.contains("Regex")) return false;
        patterns.push_back(pattern["Regex"].get<std::string>());
        return true;
    }
    if (type == "Digits") {
        patterns.push_back(pre.value("individual_digits", false) ? std::string(kDigit) : R"(\p{N}+)");
        return true;
    }
    if (type == "ByteLevel") {
        if (pre.value("add_prefix_space", true)) return false;
        if (pre.value("use_regex", true)) patterns.emplace_back(kGpt2);
        return true;
    }
    return false;
}

bool normalizesToNfc(const json& normalizer) { return normalizer.is_object() && normalizer.value("type", "") == "NFC"; }

} // namespace

const PreTokenizer* findPreTokenizer(std::string_view name) {
    if (name.empty()) name = "default";
    const auto found =
        std::find_if(table().begin(), table().end(), [&](const PreTokenizer& p) { return p.name == name; });
    return found == table().end() ? nullptr : &*found;
}

json preTokenizerJson(const PreTokenizer& pre) {
    json parts = json::array();
    for (const std::string_view pattern : pre.patterns) parts.push_back(split(pattern));
    parts.push_back(
        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", false}});
    return {{"type", "Sequence"}, {"pretokenizers", parts}};
}

std::string_view recognizePreTokenizer(const json& description, bool addBos) {
    std::vector<std::string> patterns;
    if (!description.at("pre_tokenizer").is_object() || !collectPatterns(description["pre_tokenizer"], patterns))
        return {};
    const bool nfc = normalizesToNfc(description.at("normalizer"));
    if (!nfc && !description["normalizer"].is_null()) return {};
    const bool ignoreMerges = description.at("model").value("ignore_merges", false);
    // The patterns must agree; of the names that share them, the one that agrees in most of the rest.
    const PreTokenizer* best = nullptr;
    int bestScore = -1;
    for (const PreTokenizer& pre : table()) {
        if (!std::equal(pre.patterns.begin(), pre.patterns.end(), patterns.begin(), patterns.end())) continue;
        const int score = 4 * (pre.ignoreMerges == ignoreMerges) + 2 * (pre.nfc == nfc) + (pre.addBos == addBos);
        if (score > bestScore) {
            best = &pre;
            bestScore = score;
        }
    }
    return best ? best->name : std::string_view{};
}

std::string_view tekkenPattern() { return kTekken; }

} // namespace nibble
