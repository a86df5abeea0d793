// The value types of GGUF metadata, in one place for reader and writer. Private to core/files.
#pragma once

#include <cstdint>
#include <files/gguf.h>
#include <utility>

namespace nibble {

inline constexpr uint32_t kGgufMagic = 0x46554747; // "GGUF"
inline constexpr uint32_t kGgufVersion = 3;
inline constexpr uint32_t kGgufArray = 9;
inline constexpr uint32_t kGgufDefaultAlignment = 32;
inline constexpr std::size_t kGgufMaxKey = 65535, kGgufMaxTensorName = 63;
inline constexpr int kGgufMaxDims = 4;

/// GGUF's number of an element type, in the order of GgufValue's alternatives.
template<class T>
inline constexpr uint32_t kGgufType = 0;
template<>
inline constexpr uint32_t kGgufType<uint8_t> = 0;
template<>
inline constexpr uint32_t kGgufType<int8_t> = 1;
template<>
inline constexpr uint32_t kGgufType<uint16_t> = 2;
template<>
inline constexpr uint32_t kGgufType<int16_t> = 3;
template<>
inline constexpr uint32_t kGgufType<uint32_t> = 4;
template<>
inline constexpr uint32_t kGgufType<int32_t> = 5;
template<>
inline constexpr uint32_t kGgufType<float> = 6;
template<>
inline constexpr uint32_t kGgufType<bool> = 7;
template<>
inline constexpr uint32_t kGgufType<std::string> = 8;
template<>
inline constexpr uint32_t kGgufType<uint64_t> = 10;
template<>
inline constexpr uint32_t kGgufType<int64_t> = 11;
template<>
inline constexpr uint32_t kGgufType<double> = 12;

/// Calls f.operator()<T>() for the element type with that number; false where there is none.
template<class F>
bool withGgufType(uint32_t type, F&& f) {
    const auto match = [&]<class T>() {
        if (type == kGgufType<T>) f.template operator()<T>();
        return type == kGgufType<T>;
    };
    return match.template operator()<uint8_t>() || match.template operator()<int8_t>() ||
           match.template operator()<uint16_t>() || match.template operator()<int16_t>() ||
           match.template operator()<uint32_t>() || match.template operator()<int32_t>() ||
           match.template operator()<float>() || match.template operator()<bool>() ||
           match.template operator()<std::string>() || match.template operator()<uint64_t>() ||
           match.template operator()<int64_t>() || match.template operator()<double>();
}

} // namespace nibble
