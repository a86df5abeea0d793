// The pre-tokenizers that GGUF files name in `tokenizer.ggml.pre`, as the models' own tokenizer.json has them.
//
// The patterns are the originals, matched by Oniguruma (leftmost alternative, with backtracking). llama.cpp rewrote
// some of them for its own matcher; those forms differ on rare text, so they are not used here (notes/models 2.2).
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nibble {

struct PreTokenizer {
    std::string_view name;                  // in tokenizer.ggml.pre
    std::vector<std::string_view> patterns; // applied one after the other, each splits further
    bool nfc = false;                       // text is normalized to NFC first
    bool ignoreMerges = false;              // a piece that is a token as a whole is not merged from its parts
    bool addBos = false;                    // where tokenizer.ggml.add_bos_token is missing
};

/// Null where Nibble does not know the name. "" is "default".
const PreTokenizer* findPreTokenizer(std::string_view name);
/// The "pre_tokenizer" of a tokenizer.json that does the same.
nlohmann::json preTokenizerJson(const PreTokenizer& pre);
/// The name under which a GGUF knows the pre-tokenizer described (HfTokenizer::describe), so that a reader that knows
/// only the name splits alike. "" where there is none.
std::string_view recognizePreTokenizer(const nlohmann::json& description, bool addBos);
/// The pattern of Mistral's tekken tokenizers, which their older tokenizer.json files have wrong.
std::string_view tekkenPattern();

} // namespace nibble
