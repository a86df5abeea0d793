// The Rust library of core/text/hf as C++ objects: ownership, and statuses turned into Error.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <text/hf/nibble_text.h>
#include <vector>

namespace nibble {

/// A Hugging Face tokenizer.
class HfTokenizer {
public:
    /// `json`: the text of a tokenizer.json. Throws Error{BadFile, Unsupported} naming `origin` and `field`.
    HfTokenizer(std::string_view json, const std::string& origin, const std::string& field);
    std::vector<int32_t> encode(std::string_view text, bool parseSpecial) const;
    int32_t size() const;
    std::optional<std::string> token(int32_t id) const;
    int32_t find(std::string_view text) const; // -1: none
    /// As nibble_tokenizer_describe() says.
    nlohmann::json describe() const;
    void setPreTokenizer(const nlohmann::json& preTokenizer);

private:
    struct Free {
        void operator()(nibble_tokenizer* p) const { nibble_tokenizer_free(p); }
    };
    std::string m_origin;
    std::unique_ptr<nibble_tokenizer, Free> m_handle;
};

/// A compiled chat template.
class HfTemplate {
public:
    /// Throws Error{BadFile} with the line.
    explicit HfTemplate(std::string_view source);
    /// Throws Error{BadRequest} with the template's own message where it rejects, Error{BadFile} where it is broken or
    /// exceeds a limit. `now`: wall clock, seconds since 1970.
    std::string render(const nlohmann::ordered_json& variables, int64_t now) const;

private:
    struct Free {
        void operator()(nibble_template* p) const { nibble_template_free(p); }
    };
    std::unique_ptr<nibble_template, Free> m_handle;
};

} // namespace nibble
