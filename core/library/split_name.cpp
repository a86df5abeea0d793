#include <library/split_name.h>
#include <string_view>

namespace nibble {

std::size_t splitSuffix(const std::string& name) {
    constexpr std::string_view kPattern = "-#####-of-#####.gguf";
    if (name.size() <= kPattern.size()) return std::string::npos;
    const std::size_t start = name.size() - kPattern.size();
    for (std::size_t i = 0; i < kPattern.size(); ++i) {
        const char c = name[start + i];
        if (kPattern[i] == '#' ? c < '0' || c > '9' : c != kPattern[i]) return std::string::npos;
    }
    return start;
}

std::size_t splitParts(const std::string& name) { return std::size_t(std::stoi(name.substr(name.size() - 10, 5))); }

} // namespace nibble
