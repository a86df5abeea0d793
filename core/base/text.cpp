#include <array>
#include <base/text.h>
#include <base/unix_file.h>
#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <nibble/error.h>
#include <unistd.h>

namespace nibble {

std::string format(const char* fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    const int size = std::vsnprintf(nullptr, 0, fmt, args);
    va_end(args);
    std::string text(size > 0 ? std::size_t(size) : 0, '\0');
    if (size > 0) std::vsnprintf(text.data(), text.size() + 1, fmt, again);
    va_end(again);
    return text;
}

std::string humanBytes(uint64_t bytes) {
    if (bytes < 1000) return format("%d bytes", int(bytes));
    static constexpr std::array<const char*, 6> kUnits{"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = double(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    // One decimal where it tells something: never for kB, for MB below ten, for GB and up below a hundred.
    const double decimalBelow = unit == 0 ? 0 : unit == 1 ? 9.95 : 99.95;
    return format(value < decimalBelow ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
}

std::string humanSeconds(double seconds) {
    if (!(seconds < 3.2e9)) return "a very long time";
    if (seconds < 0.95) return "under a second";
    const auto whole = int64_t(std::llround(seconds));
    const int64_t h = whole / 3600, min = whole / 60 % 60, s = whole % 60;
    if (h > 0) return format("%lld h %lld min", static_cast<long long>(h), static_cast<long long>(min));
    if (min > 0) return format("%lld min %lld s", static_cast<long long>(min), static_cast<long long>(s));
    return format("%lld s", static_cast<long long>(s));
}

namespace {

/// Length of the well-formed UTF-8 character at the start of `text` (not empty), 0 where it is malformed. Unicode 15,
/// table 3-7.
std::size_t utf8Length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const uint8_t a = byte(0), b = byte(1);
    if (a < 0x80) return 1;
    if (a < 0xC2) return 0;
    if (a < 0xE0) return continues(1) ? 2 : 0;
    if (a < 0xF0) {
        if (!continues(1) || !continues(2)) return 0;
        if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0; // overlong, surrogate
        return 3;
    }
    if (a > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0; // overlong, above U+10FFFF
    return 4;
}

} // namespace

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t n = utf8Length(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

std::string printable(std::string_view text, std::size_t maxBytes) {
    std::string out;
    while (!text.empty()) {
        const std::size_t n = utf8Length(text);
        const bool control = n == 1 && (uint8_t(text[0]) < 0x20 || text[0] == 0x7F);
        const std::string_view piece = n == 0 || control ? std::string_view("\xEF\xBF\xBD") : text.substr(0, n);
        if (out.size() + piece.size() > maxBytes) return out + "...";
        out += piece;
        text.remove_prefix(n == 0 ? 1 : n);
    }
    return out;
}

std::string readTextFile(const std::filesystem::path& path, uint64_t maxBytes) {
    struct stat status {};
    const UniqueFd fd = openForReading(path, status);
    const std::string name = printable(path.filename().string());
    if (uint64_t(status.st_size) > maxBytes)
        throw Error(ErrorKind::BadFile, "The file " + name + " is too large.",
                    printable(path.string(), 1000) + ": " + humanBytes(uint64_t(status.st_size)) + ", at most " +
                        humanBytes(maxBytes) + " are allowed");
    std::string text(std::size_t(status.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::read(fd.get(), text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw Error(ErrorKind::Io, "The file " + name + " could not be read.", pathAndErrno(path, errno));
        if (n == 0) break; // shrunk since fstat
        done += std::size_t(n);
    }
    text.resize(done);
    return text;
}

std::filesystem::path cacheFolder() {
    if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder && *folder == '/')
        return std::filesystem::path(folder) / "nibble";
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return std::filesystem::path(home) / ".cache" / "nibble";
    return {};
}

} // namespace nibble
