// The one Tokenizer: a Hugging Face BPE tokenizer with the tables that the rest of the engine asks for.
#pragma once

#include <string>
#include <text/hf_handles.h>
#include <text/tokenizer.h>
#include <vector>

namespace nibble {

/// How the text of a token becomes bytes.
enum class TokenAlphabet : uint8_t {
    Bytes,  // byte-level BPE: see byte_alphabet.h
    Spaces, // SentencePiece: U+2581 is a space, <0x0A> a byte
};

/// All that a vocabulary says beside what the engine below knows. texts and types have one entry a token.
struct Vocabulary {
    std::string origin; // file or folder, for messages
    std::vector<std::string> texts;
    std::vector<TokenType> types;
    TokenAlphabet alphabet = TokenAlphabet::Bytes;
    bool dropLeadingSpace = false; // decode() leaves out one space at the start (the encoder put it there)
    int32_t bos = -1;
    bool addBos = false;
    std::vector<int32_t> endOfTurn; // ids named by the file; the well-known names are added
    std::string note;
};

class BpeTokenizer final : public Tokenizer {
public:
    BpeTokenizer(HfTokenizer engine, Vocabulary vocabulary);

    int32_t vocabSize() const override { return int32_t(m_vocabulary.texts.size()); }
    std::vector<int32_t> encode(std::string_view text, bool parseControl) const override;
    std::string decode(std::span<const int32_t> tokens, bool withControl) const override;
    std::string tokenBytes(int32_t id) const override { return bytesOf(id, false); }
    std::string tokenText(int32_t id) const override;
    TokenType tokenType(int32_t id) const override;
    int32_t findToken(std::string_view text) const override;
    int32_t bos() const override { return m_vocabulary.bos; }
    bool addBos() const override { return m_vocabulary.addBos; }
    std::span<const int32_t> endOfTurn() const override { return m_vocabulary.endOfTurn; }
    std::string note() const override { return m_vocabulary.note; }

    const HfTokenizer& engine() const { return m_engine; }
    const Vocabulary& vocabulary() const { return m_vocabulary; }

private:
    bool contains(int32_t id) const { return id >= 0 && id < vocabSize(); }
    std::vector<int32_t> encodeOnce(std::string_view text, bool parseControl) const;
    std::string bytesOf(int32_t id, bool withControl) const;

    HfTokenizer m_engine;
    Vocabulary m_vocabulary;
};

/// The byte that a token like "<0x0A>" stands for, or -1.
int byteOfToken(std::string_view text);
/// U+2581, which SentencePiece writes for a space.
inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
/// `text` with every `from` replaced by `to`.
std::string replaceAll(std::string_view text, std::string_view from, std::string_view to);

} // namespace nibble
