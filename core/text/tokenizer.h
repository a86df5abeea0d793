// Text to tokens and back. The engine below is Hugging Face's `tokenizers` (core/text/hf), fed from a tokenizer.json or
// from a GGUF vocabulary turned into the same object.
#pragma once

#include <cstdint>
#include <files/gguf.h>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

enum class TokenType : uint8_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    virtual int32_t vocabSize() const = 0;
    /// Tokens of `text`. parseControl: text like "<|im_end|>" becomes its control token (templates); otherwise it is
    /// plain text (what users type). No BOS is added. Invalid UTF-8 is replaced by U+FFFD first.
    virtual std::vector<int32_t> encode(std::string_view text, bool parseControl) const = 0;
    /// The bytes that tokens stand for. Control tokens are left out unless withControl.
    virtual std::string decode(std::span<const int32_t> tokens, bool withControl = false) const = 0;
    /// The bytes that a token adds where others stand before it. Control tokens add none.
    virtual std::string tokenBytes(int32_t id) const = 0;
    /// The token's text as in the vocabulary.
    virtual std::string tokenText(int32_t id) const = 0;
    virtual TokenType tokenType(int32_t id) const = 0;
    virtual int32_t findToken(std::string_view text) const = 0; // -1: none
    virtual int32_t bos() const = 0;                            // -1: none
    virtual bool addBos() const = 0;                            // whether plain text starts with BOS
    /// Tokens that end a turn: eos, eot, the generation config's list, and well-known names (notes/models 2.3).
    virtual std::span<const int32_t> endOfTurn() const = 0;
    bool isEndOfTurn(int32_t id) const;
    /// Plain words about something unusual in this tokenizer that was put right or that may go wrong; empty: nothing.
    virtual std::string note() const { return {}; }
};

/// Control tokens, and those whose bytes hold one of `parts`.
std::vector<int32_t> tokensWithAny(const Tokenizer& tokenizer, std::span<const std::string> parts);

/// From `tokenizer.ggml.*` keys. Throws Error{Unsupported} naming an unknown model or pre-tokenizer.
std::unique_ptr<Tokenizer> tokenizerFromGguf(const GgufMetadata& metadata);
/// From tokenizer.json, tokenizer_config.json, generation_config.json and config.json of a folder.
std::unique_ptr<Tokenizer> tokenizerFromFolder(const std::filesystem::path& folder);
/// The `tokenizer.ggml.*` and `tokenizer.chat_template` keys a GGUF of this folder needs, so that other readers
/// tokenize alike. vocabSize: rows of the embedding (missing ids become unused "[PADn]"). Throws Error{Unsupported}
/// where the tokenizer has no GGUF form.
void addTokenizerKeys(const std::filesystem::path& folder, int32_t vocabSize, GgufMetadata& metadata);

/// Turns a stream of tokens into whole UTF-8 characters: incomplete ones are held back until their rest arrives.
/// All that push() and flush() return is decode() of the tokens, malformed bytes as U+FFFD.
class StreamDecoder {
public:
    explicit StreamDecoder(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}
    std::string push(int32_t token); // text that became complete, maybe empty
    std::string flush();             // what is left

private:
    const Tokenizer& m_tokenizer;
    int32_t m_first = -1; // a token that showed text: decoded before each later one, so that only a start is trimmed
    std::string m_held;   // bytes of a character that is not complete
};

} // namespace nibble
