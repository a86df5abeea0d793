// The alphabet of byte-level BPE (GPT-2): every byte is one printable character, so that tokens are text.
// Printable Latin-1 stands for itself; the other 68 bytes are U+0100 and up in order.
#pragma once

#include <string>
#include <string_view>

namespace nibble {

/// The bytes that a token in the alphabet stands for; the token's own bytes where a character is not of the alphabet
/// (tokens added by hand are plain text), as Hugging Face's decoder does.
std::string bytesOfToken(std::string_view token);
/// The token that stands for `bytes`.
std::string tokenOfBytes(std::string_view bytes);

} // namespace nibble
