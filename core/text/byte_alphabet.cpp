#include <array>
#include <cstdint>
#include <text/byte_alphabet.h>

namespace nibble {

namespace {

constexpr int kLetters = 0x100 + 68;

struct Alphabet {
    std::array<uint16_t, 256> letterOf{};
    std::array<int16_t, kLetters> byteOf{};
};

constexpr Alphabet makeAlphabet() {
    Alphabet a;
    a.byteOf.fill(-1);
    uint16_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
        const bool printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
        a.letterOf[std::size_t(byte)] = printable ? uint16_t(byte) : next++;
        a.byteOf[a.letterOf[std::size_t(byte)]] = int16_t(byte);
    }
    return a;
}

constexpr Alphabet kAlphabet = makeAlphabet();

} // namespace

std::string bytesOfToken(std::string_view token) {
    std::string bytes;
    for (std::size_t i = 0; i < token.size(); ++i) {
        unsigned letter = uint8_t(token[i]);
        if (letter >= 0xC2 && letter < 0xE0 && i + 1 < token.size())
            letter = (letter & 0x1F) << 6 | (uint8_t(token[++i]) & 0x3F);
        else if (letter >= 0x80)
            return std::string(token);
        if (letter >= kLetters || kAlphabet.byteOf[letter] < 0) return std::string(token);
        bytes += char(kAlphabet.byteOf[letter]);
    }
    return bytes;
}

std::string tokenOfBytes(std::string_view bytes) {
    std::string token;
    for (const char c : bytes) {
        const uint16_t letter = kAlphabet.letterOf[uint8_t(c)];
        if (letter < 0x80) {
            token += char(letter);
        } else {
            token += char(0xC0 | letter >> 6);
            token += char(0x80 | (letter & 0x3F));
        }
    }
    return token;
}

} // namespace nibble
