// Reading the header of a GGUF file value by value. Private to core/files.
#pragma once

#include <base/text.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <files/damaged.h>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace nibble {

/// Reads little-endian values one after the other and never beyond the end of the file.
class Cursor {
public:
    Cursor(std::span<const std::byte> bytes, const std::string& file) : m_bytes(bytes), m_file(file) {}

    const std::string& file() const { return m_file; }
    uint64_t position() const { return m_position; }
    uint64_t left() const { return m_bytes.size() - m_position; }

    [[noreturn]] void fail(std::string_view field, std::string_view fact) const { throwDamaged(m_file, field, fact); }

    void need(uint64_t bytes, std::string_view field) const {
        if (bytes > left())
            fail(field, format("needs %llu bytes, but the file ends after %llu", static_cast<unsigned long long>(bytes),
                               static_cast<unsigned long long>(left())));
    }

    /// A count of things that take at least `minBytes` each: checked before anything is allocated for them.
    uint64_t count(std::string_view field, uint64_t minBytes) {
        const auto n = scalar<uint64_t>(field);
        if (n > left() / minBytes)
            fail(field, format("says %llu, more than the rest of the file (%llu bytes) can hold",
                               static_cast<unsigned long long>(n), static_cast<unsigned long long>(left())));
        return n;
    }

    template<class T>
    T scalar(std::string_view field) {
        if constexpr (std::is_same_v<T, std::string>) {
            return std::string(text(field));
        } else if constexpr (std::is_same_v<T, bool>) {
            const auto value = scalar<uint8_t>(field);
            if (value > 1) fail(field, format("is %d, neither true (1) nor false (0)", value));
            return value == 1;
        } else {
            need(sizeof(T), field);
            T value;
            std::memcpy(&value, m_bytes.data() + m_position, sizeof(T));
            m_position += sizeof(T);
            return value;
        }
    }

    std::string_view text(std::string_view field) {
        const auto size = scalar<uint64_t>(field);
        need(size, field);
        const auto* start = reinterpret_cast<const char*>(m_bytes.data() + m_position);
        m_position += size;
        return {start, std::size_t(size)};
    }

    template<class T>
    std::vector<T> array(std::string_view field) {
        constexpr bool isText = std::is_same_v<T, std::string>;
        const uint64_t n = count(field, isText ? sizeof(uint64_t) : sizeof(T));
        std::vector<T> values;
        if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
            values.resize(std::size_t(n));
            if (n > 0) std::memcpy(values.data(), m_bytes.data() + m_position, std::size_t(n) * sizeof(T));
            m_position += n * sizeof(T);
        } else {
            values.reserve(std::size_t(n));
            for (uint64_t i = 0; i < n; ++i)
                values.push_back(scalar<T>(field)); // tokens may hold any bytes: no UTF-8 check
        }
        return values;
    }

private:
    std::span<const std::byte> m_bytes;
    const std::string& m_file;
    uint64_t m_position = 0;
};

} // namespace nibble
