// Random damage to a file's bytes, for tests that feed it to readers.
#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <string>

namespace nibble::test {

/// A few random changes: bits, bytes, whole numbers with values that break arithmetic, pieces cut out or doubled.
inline std::string mutated(std::string bytes, std::mt19937& random) {
    static constexpr uint64_t kEvil[] = {
        0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, INT64_MAX, UINT64_MAX, uint64_t(1) << 63, 33};
    const auto below = [&](std::size_t n) { return n ? random() % n : 0; };
    for (unsigned i = 0, n = 1 + random() % 4; i < n && bytes.size() > 8; ++i) {
        const std::size_t at = below(bytes.size());
        switch (random() % 6) {
        case 0:
            bytes[at] = char(bytes[at] ^ (1 << below(8)));
            break;
        case 1:
            bytes[at] = char(random());
            break;
        case 2:
            std::memcpy(&bytes[below(bytes.size() - 7)], &kEvil[below(std::size(kEvil))], 8);
            break;
        case 3:
            std::memcpy(&bytes[below(bytes.size() - 3)], &kEvil[below(std::size(kEvil))], 4);
            break;
        case 4:
            bytes.resize(at);
            break;
        case 5:
            bytes.insert(at, bytes.substr(below(bytes.size()), below(64)));
            break;
        }
    }
    return bytes;
}

} // namespace nibble::test
