// Control tokens typed by a user must stay plain text. They are found in the user's text and wrapped in two private-use
// characters before the template is rendered; in the rendered text what is wrapped does not act (notes/models 3.4).
// Text without control tokens passes unchanged, so that templates see what the user wrote (they trim, split, compare).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <text/tokenizer.h>
#include <unordered_set>
#include <vector>

namespace nibble {

class ControlMarks {
public:
    /// `tokenizer` must outlive it.
    explicit ControlMarks(const Tokenizer& tokenizer);
    /// `text` with its control tokens wrapped. Marks already there are removed first.
    std::string mark(std::string_view text) const;
    /// Tokens of rendered text: control tokens act, wrapped ones do not. A lone mark (the template cut the text) still
    /// keeps the control token beside it from acting.
    std::vector<int32_t> encode(std::string_view rendered) const;

private:
    /// Length of the longest control token at the start of `text`, 0 for none.
    std::size_t controlAt(std::string_view text) const;

    const Tokenizer& m_tokenizer;
    std::vector<std::string> m_texts;                // of all control tokens
    std::unordered_set<std::string_view> m_controls; // into m_texts
    std::vector<std::size_t> m_lengths[256];         // lengths of control tokens by first byte, longest first
};

} // namespace nibble
