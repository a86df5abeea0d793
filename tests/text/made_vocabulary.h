// A small byte-level vocabulary, made here.
#pragma once

#include <files/gguf.h>
#include <string>
#include <text/byte_alphabet.h>
#include <vector>

namespace nibble::test {

/// All bytes (ids 0 to 255), some merges (256 to 262; 259 is "hello"), control tokens <s>, <|im_start|>, <|im_end|>
/// (263 to 265) and a user-defined one, <think> (266).
inline GgufMetadata byteLevelVocabulary() {
    std::vector<std::string> tokens, merges;
    std::vector<int32_t> types;
    for (int byte = 0; byte < 256; ++byte) tokens.push_back(tokenOfBytes(std::string(1, char(byte))));
    for (const char* merge : {"h e", "l l", "he ll", "hell o", "i m", "e n", "en d"}) {
        merges.push_back(merge);
        std::string token = merge;
        std::erase(token, ' ');
        tokens.push_back(token);
    }
    types.assign(tokens.size(), 1);
    for (const char* control : {"<s>", "<|im_start|>", "<|im_end|>"}) {
        tokens.push_back(control);
        types.push_back(3);
    }
    tokens.push_back("<think>");
    types.push_back(4);
    GgufMetadata m;
    m.origin = "made.gguf";
    m.set("tokenizer.ggml.model", std::string("gpt2"));
    m.set("tokenizer.ggml.pre", std::string("qwen2"));
    m.set("tokenizer.ggml.tokens", tokens);
    m.set("tokenizer.ggml.token_type", types);
    m.set("tokenizer.ggml.merges", merges);
    m.set("tokenizer.ggml.bos_token_id", uint32_t(263));
    m.set("tokenizer.ggml.eos_token_id", uint32_t(265));
    m.set("tokenizer.ggml.add_bos_token", true);
    return m;
}

} // namespace nibble::test
