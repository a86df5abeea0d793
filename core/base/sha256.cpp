#include <algorithm>
#include <base/sha256.h>
#include <bit>
#include <cstdio>
#include <cstring>

namespace nibble {

namespace {

constexpr uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

} // namespace

void Sha256::block(const std::byte* bytes) {
    uint32_t w[64];
    for (int i = 0; i < 16; ++i)
        w[i] = uint32_t(bytes[4 * i]) << 24 | uint32_t(bytes[4 * i + 1]) << 16 | uint32_t(bytes[4 * i + 2]) << 8 |
               uint32_t(bytes[4 * i + 3]);
    for (int i = 16; i < 64; ++i) {
        const uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = m_state;
    for (int i = 0; i < 64; ++i) {
        const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
        const uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const uint32_t added[] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) m_state[i] += added[i];
}

void Sha256::add(std::span<const std::byte> bytes) {
    m_length += bytes.size();
    while (!bytes.empty()) {
        if (m_held == 0 && bytes.size() >= m_rest.size()) {
            block(bytes.data());
            bytes = bytes.subspan(m_rest.size());
            continue;
        }
        const std::size_t n = std::min(bytes.size(), m_rest.size() - m_held);
        std::memcpy(m_rest.data() + m_held, bytes.data(), n);
        bytes = bytes.subspan(n);
        m_held = (m_held + n) % m_rest.size();
        if (m_held == 0) block(m_rest.data());
    }
}

std::string Sha256::hex() {
    const uint64_t bits = 8 * m_length;
    std::byte end[72]{std::byte{0x80}}; // 1, zeros to 8 bytes before a block's end, the length
    const std::size_t zeros = (119 - m_held) % 64;
    for (std::size_t i = 0; i < 8; ++i) end[1 + zeros + i] = std::byte(bits >> (56 - 8 * i));
    add(std::span(end, 9 + zeros));
    std::string out;
    char digits[9];
    for (uint32_t word : m_state) {
        std::snprintf(digits, sizeof digits, "%08x", word);
        out += digits;
    }
    return out;
}

} // namespace nibble
