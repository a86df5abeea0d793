#include <text/tokenizer.h>

namespace nibble {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Moves the complete characters at the start of `bytes` to the result; malformed bytes become U+FFFD. What may still
/// become a character stays, unless `all`.
std::string takeCharacters(std::string& bytes, bool all) {
    std::string text;
    std::size_t i = 0;
    const auto at = [&](std::size_t k) { return k < bytes.size() ? uint8_t(bytes[k]) : 0; };
    while (i < bytes.size()) {
        const unsigned lead = at(i);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : lead >= 0xE0 && lead < 0xF0 ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        // The second byte of some leads is restricted: no overlong forms, no surrogates, nothing above U+10FFFF.
        const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        std::size_t sound = length ? 1 : 0;
        while (sound && sound < length && i + sound < bytes.size()) {
            const unsigned byte = at(i + sound);
            if (byte < (sound == 1 ? low : 0x80) || byte > (sound == 1 ? high : 0xBF)) break;
            ++sound;
        }
        if (length && sound == length) {
            text.append(bytes, i, length);
            i += length;
        } else if (length && i + sound == bytes.size() && !all) {
            break; // the rest may come
        } else {
            text += kReplacement;
            i += sound ? sound : 1;
        }
    }
    bytes.erase(0, i);
    return text;
}

} // namespace

std::string StreamDecoder::push(int32_t token) {
    std::string bytes;
    if (m_first < 0) {
        bytes = m_tokenizer.decode({&token, 1});
        // A start that was trimmed to nothing counts: what follows is not trimmed again.
        const bool shows = m_tokenizer.tokenType(token) != TokenType::Control;
        if (shows) m_first = token;
    } else {
        // decode() may trim what stands at the start, so a token is decoded behind the first one.
        const int32_t pair[] = {m_first, token};
        bytes = m_tokenizer.decode(pair).substr(m_tokenizer.decode({&m_first, 1}).size());
    }
    m_held += bytes;
    return takeCharacters(m_held, false);
}

std::string StreamDecoder::flush() {
    std::string rest = takeCharacters(m_held, true);
    m_first = -1;
    return rest;
}

} // namespace nibble
