#include <algorithm>
#include <cassert>
#include <files/damaged.h>
#include <nibble/error.h>
#include <text/bpe_tokenizer.h>
#include <text/byte_alphabet.h>

namespace nibble {

namespace {

// Names under which models end a turn, whatever their files say (notes/models 2.3).
constexpr std::string_view kEndOfTurnNames[] = {
    "<|eot_id|>",      "<|im_end|>",    "<|end|>",
    "<|return|>",      "<|call|>",      "<end_of_turn>",
    "<turn|>",         "<|endoftext|>", "<|end_of_text|>",
    "<|eom_id|>",      "<EOT>",         "_<EOT>",
    "[EOT]",           "[EOS]",         "</s>",
    "<|end_of_turn|>", "<|role_end|>",  "<end_of_utterance>",
    "<|user_end|>",
};

bool isHiddenType(TokenType type) {
    return type == TokenType::Control || type == TokenType::Unknown || type == TokenType::Unused;
}

void addWellKnownEnds(const HfTokenizer& engine, Vocabulary& v) {
    const auto add = [&](std::string_view name) {
        const int32_t id = engine.find(name);
        if (id < 0 || std::size_t(id) >= v.types.size()) return;
        // A name that is an ordinary word of the vocabulary means nothing.
        if (v.types[std::size_t(id)] == TokenType::Control || v.types[std::size_t(id)] == TokenType::UserDefined)
            v.endOfTurn.push_back(id);
    };
    for (const std::string_view name : kEndOfTurnNames) add(name);
    std::sort(v.endOfTurn.begin(), v.endOfTurn.end());
    v.endOfTurn.erase(std::unique(v.endOfTurn.begin(), v.endOfTurn.end()), v.endOfTurn.end());
    // Where a model has channels (gpt-oss), <|end|> ends a message inside a turn.
    if (engine.find("<|return|>") >= 0 && engine.find("<|call|>") >= 0) std::erase(v.endOfTurn, engine.find("<|end|>"));
}

} // namespace

int byteOfToken(std::string_view text) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
    int value = 0;
    for (const char c : text.substr(3, 2)) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

std::string replaceAll(std::string_view text, std::string_view from, std::string_view to) {
    assert(!from.empty());
    std::string result;
    while (true) {
        const std::size_t at = text.find(from);
        result += text.substr(0, at);
        if (at == std::string_view::npos) return result;
        result += to;
        text.remove_prefix(at + from.size());
    }
}

bool Tokenizer::isEndOfTurn(int32_t id) const {
    const std::span<const int32_t> ends = endOfTurn();
    return std::find(ends.begin(), ends.end(), id) != ends.end();
}

std::vector<int32_t> tokensWithAny(const Tokenizer& tokenizer, std::span<const std::string> parts) {
    std::vector<int32_t> found;
    for (int32_t id = 0; id < tokenizer.vocabSize(); ++id) {
        const std::string bytes = tokenizer.tokenBytes(id);
        const auto isInside = [&](const std::string& part) {
            return !part.empty() && bytes.find(part) != std::string::npos;
        };
        if (tokenizer.tokenType(id) == TokenType::Control || std::any_of(parts.begin(), parts.end(), isInside))
            found.push_back(id);
    }
    return found;
}

BpeTokenizer::BpeTokenizer(HfTokenizer engine, Vocabulary vocabulary)
    : m_engine(std::move(engine)), m_vocabulary(std::move(vocabulary)) {
    assert(m_vocabulary.texts.size() == m_vocabulary.types.size());
    addWellKnownEnds(m_engine, m_vocabulary);
}

std::vector<int32_t> BpeTokenizer::encodeOnce(std::string_view text, bool parseControl) const {
    std::vector<int32_t> ids = m_engine.encode(text, parseControl);
    for (const int32_t id : ids)
        if (!contains(id))
            throwDamaged(m_vocabulary.origin, "tokenizer",
                         "gives token " + std::to_string(id) + ", which does not exist");
    return ids;
}

std::vector<int32_t> BpeTokenizer::encode(std::string_view text, bool parseControl) const {
    std::vector<int32_t> ids = encodeOnce(text, parseControl);
    const auto isControl = [&](int32_t id) { return tokenType(id) == TokenType::Control; };
    if (parseControl || std::none_of(ids.begin(), ids.end(), isControl)) return ids;
    // Control tokens are not cut out of plain text, but a model whose vocabulary holds one as an ordinary piece can
    // still build it. Then its text is encoded in two halves, which cannot.
    std::vector<int32_t> plain;
    for (const int32_t id : ids) {
        const std::string bytes = isControl(id) ? bytesOf(id, true) : std::string();
        if (bytes.empty()) {
            plain.push_back(id);
            continue;
        }
        for (const std::string_view half : {std::string_view(bytes).substr(0, 1), std::string_view(bytes).substr(1)})
            for (const int32_t part : encodeOnce(half, false))
                if (!isControl(part)) plain.push_back(part);
    }
    return plain;
}

std::string BpeTokenizer::bytesOf(int32_t id, bool withControl) const {
    if (!contains(id)) return {};
    const std::string& text = m_vocabulary.texts[std::size_t(id)];
    const TokenType type = m_vocabulary.types[std::size_t(id)];
    if (isHiddenType(type)) return withControl ? text : std::string();
    const bool spaces = m_vocabulary.alphabet == TokenAlphabet::Spaces;
    if (type == TokenType::Byte) {
        const int byte = byteOfToken(text);
        if (byte >= 0) return std::string(1, char(byte));
    }
    if (spaces) return replaceAll(text, kSpaceMark, " ");
    return type == TokenType::UserDefined ? text : bytesOfToken(text);
}

std::string BpeTokenizer::decode(std::span<const int32_t> tokens, bool withControl) const {
    std::string bytes;
    for (const int32_t id : tokens) bytes += bytesOf(id, withControl);
    if (m_vocabulary.dropLeadingSpace && bytes.starts_with(' ')) bytes.erase(0, 1);
    return bytes;
}

std::string BpeTokenizer::tokenText(int32_t id) const {
    return contains(id) ? m_vocabulary.texts[std::size_t(id)] : std::string();
}

TokenType BpeTokenizer::tokenType(int32_t id) const {
    return contains(id) ? m_vocabulary.types[std::size_t(id)] : TokenType::Unused;
}

int32_t BpeTokenizer::findToken(std::string_view text) const {
    const int32_t id = m_engine.find(text);
    return contains(id) ? id : -1;
}

} // namespace nibble
