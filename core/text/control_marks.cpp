#include <algorithm>
#include <text/bpe_tokenizer.h>
#include <text/control_marks.h>

namespace nibble {

namespace {

// U+10FFF0 and U+10FFF1, of the last private-use plane.
constexpr std::string_view kOpen = "\xF4\x8F\xBF\xB0";
constexpr std::string_view kClose = "\xF4\x8F\xBF\xB1";

/// Rendered text without its marks, and where they were.
struct Unmarked {
    std::string text;
    std::vector<bool> wrapped;                   // a byte of text between an opening and its closing mark
    std::unordered_set<std::size_t> open, close; // offsets of lone marks
    bool any = false;
};

Unmarked removeMarks(std::string_view rendered) {
    Unmarked r;
    std::size_t opened = std::string::npos;
    while (!rendered.empty()) {
        const std::size_t at = std::min(rendered.find(kOpen), rendered.find(kClose));
        r.text += rendered.substr(0, at);
        r.wrapped.resize(r.text.size(), false);
        if (at == std::string_view::npos) break;
        r.any = true;
        const bool opens = rendered.substr(at).starts_with(kOpen);
        rendered.remove_prefix(at + kOpen.size());
        if (opens) {
            if (opened != std::string::npos) r.open.insert(opened);
            opened = r.text.size();
        } else if (opened != std::string::npos) {
            std::fill(r.wrapped.begin() + std::ptrdiff_t(opened), r.wrapped.end(), true);
            opened = std::string::npos;
        } else {
            r.close.insert(r.text.size());
        }
    }
    if (opened != std::string::npos) r.open.insert(opened);
    return r;
}

} // namespace

ControlMarks::ControlMarks(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {
    for (int32_t id = 0; id < tokenizer.vocabSize(); ++id) {
        const TokenType type = tokenizer.tokenType(id);
        if (type != TokenType::Control && type != TokenType::Unknown) continue;
        if (std::string text = tokenizer.tokenText(id); !text.empty()) m_texts.push_back(std::move(text));
    }
    for (const std::string& text : m_texts) {
        m_controls.insert(text);
        m_lengths[uint8_t(text[0])].push_back(text.size());
    }
    for (auto& lengths : m_lengths) {
        std::sort(lengths.rbegin(), lengths.rend());
        lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
    }
}

std::size_t ControlMarks::controlAt(std::string_view text) const {
    for (const std::size_t length : m_lengths[uint8_t(text[0])])
        if (length <= text.size() && m_controls.contains(text.substr(0, length))) return length;
    return 0;
}

std::string ControlMarks::mark(std::string_view text) const {
    std::string clean(text);
    while (clean.find(kOpen) != std::string::npos || clean.find(kClose) != std::string::npos)
        clean = replaceAll(replaceAll(clean, kOpen, ""), kClose, "");
    std::string marked;
    for (std::size_t i = 0; i < clean.size();) {
        const std::size_t length = controlAt(std::string_view(clean).substr(i));
        if (length) marked += kOpen;
        marked.append(clean, i, std::max<std::size_t>(length, 1));
        if (length) marked += kClose;
        i += std::max<std::size_t>(length, 1);
    }
    return marked;
}

std::vector<int32_t> ControlMarks::encode(std::string_view rendered) const {
    const Unmarked r = removeMarks(rendered);
    if (!r.any) return m_tokenizer.encode(rendered, true);
    // Cut at the control tokens that act. A piece between two of them that had marks is encoded as plain text; all the
    // rest is encoded together, as if there were no marks in the conversation.
    std::vector<int32_t> ids;
    std::size_t begin = 0, piece = 0; // of what is not encoded yet; of the piece that i is in
    bool plain = false;               // the piece had marks
    const auto encodeUpTo = [&](std::size_t end, bool parseControl) {
        if (end <= begin) return;
        const auto more = m_tokenizer.encode(std::string_view(r.text).substr(begin, end - begin), parseControl);
        ids.insert(ids.end(), more.begin(), more.end());
        begin = end;
    };
    const auto endPiece = [&](std::size_t end) {
        if (!plain) return;
        encodeUpTo(piece, true);
        encodeUpTo(end, false);
        plain = false;
    };
    for (std::size_t i = 0; i < r.text.size();) {
        const std::size_t length = controlAt(std::string_view(r.text).substr(i));
        if (r.wrapped[i] || r.open.contains(i) || (length && r.close.contains(i + length))) {
            plain = true;
            i += std::max<std::size_t>(length, 1);
        } else if (length) {
            endPiece(i);
            i += length;
            piece = i;
        } else {
            ++i;
        }
    }
    endPiece(r.text.size());
    encodeUpTo(r.text.size(), true);
    return ids;
}

} // namespace nibble
